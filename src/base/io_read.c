/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: what comes back is all, or an error, or how much there was. */
#include "base/io.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"

void io_file_trace(const struct io_file *file, vmc_foff offset, uint64_t size)
{
	if (file->trace.read)
		file->trace.read(file->trace.arg, offset, size);
}

/* @offset is that of the file. */
static struct vmc_error *read_stored(struct io_file *file, vmc_foff offset, void *buffer,
				     size_t size, size_t *ret_size)
{
	size_t done = 0;

	io_file_trace(file, offset, size);
	while (done < size) {
		ssize_t n = file->sys->pread(file->fd, (char *)buffer + done, size - done,
					     (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(errno, "%s: read of %zu bytes at offset 0x%" PRIx64,
					    file->path, size, offset);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_size = done;
	return NULL;
}

/* Puts the content together out of records and zeros. */
static struct vmc_error *read_records(struct io_file *file, vmc_foff offset, uint8_t *buffer,
				      size_t size, size_t *ret_size)
{
	size_t done = 0;

	size = offset < file->size ? (size_t)min_u64(size, file->size - offset) : 0;
	while (done < size) {
		struct io_piece piece = io_records_find(&file->records, offset + done, size - done);
		size_t wanted = (size_t)piece.size, n = wanted;

		if (piece.hole)
			memset(buffer + done, 0, wanted);
		else
			TRY(read_stored(file, piece.stored, buffer + done, wanted, &n));
		done += n;
		if (n < wanted)
			break;
	}
	*ret_size = done;
	return NULL;
}

struct vmc_error *io_file_read_some(struct io_file *file, vmc_foff offset, void *buffer,
				    size_t size, size_t *ret_size)
{
	if (file->in_records)
		return read_records(file, offset, buffer, size, ret_size);
	return read_stored(file, offset, buffer, size, ret_size);
}

vmc_foff io_file_next_data(const struct io_file *file, vmc_foff offset, vmc_foff end)
{
	off_t data;

	while (file->in_records && offset < end) {
		struct io_piece piece = io_records_find(&file->records, offset, end - offset);

		if (!piece.hole)
			return offset;
		offset += piece.size;
	}
	if (file->in_records || file->device || !file->stored_size)
		return offset;
	data = lseek(file->fd, (off_t)offset, SEEK_DATA);
	if (data < 0 && errno == ENXIO) /* none up to the end of the file */
		data = (off_t)file->stored_size;
	return data < 0 ? offset : min_u64(max_u64((uint64_t)data, offset), end);
}

bool io_file_has(const struct io_file *file, vmc_foff offset, uint64_t size)
{
	while (file->in_records && size) {
		struct io_piece piece = io_records_find(&file->records, offset, size);

		if (piece.hole)
			return false;
		offset += piece.size;
		size -= piece.size;
	}
	return true;
}

struct vmc_error *io_stream_read(int fd, const char *name, void *buffer, size_t size,
				 size_t *ret_size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = io_get_syscalls()->read(fd, (char *)buffer + done, size - done);

		if (n < 0 && errno == EINTR)
			return error_create(VMC_ERR_INTERRUPTED, "stopped");
		if (n < 0)
			return error_system(errno, "%s: read of %zu bytes", name, size);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_size = done;
	return NULL;
}

struct vmc_error *io_file_read(struct io_file *file, vmc_foff offset, void *buffer, size_t size)
{
	size_t done;

	TRY(io_file_read_some(file, offset, buffer, size, &done));
	if (done < size)
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, offset + done,
				       "%s: the file ends %zu bytes before a read of %zu does",
				       file->path, size - done, size);
	return NULL;
}
