/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flattened stream: the file as records, each with its place in front, so that a pipe can take
 * it.
 *
 *	0       "makedumpfile", 16 bytes
 *	16      be64 1, the type; be64 1, the version; zeros up to 4096
 *	4096    records: be64 offset, be64 size, that many bytes
 *	end     be64 -1, be64 -1
 *
 * Readers disagree on which of two records for the same place counts (crash 9.0.2 takes the first,
 * libkdumpfile the last), so no place is written twice.
 */
#include <stdio.h>
#include <string.h>

#include "base/layout.h"
#include "write/output.h"

#define STREAM_SIGNATURE   "makedumpfile"
#define STREAM_HEADER_SIZE 4096
#define RECORD_HEADER_SIZE 16

static const struct layout stream_layout = {.big_endian = true, .word_size = 8};

static struct vmc_error *stream_put_place(struct output *output, uint64_t offset, uint64_t size)
{
	uint8_t place[RECORD_HEADER_SIZE];

	store_u64(stream_layout, place, offset);
	store_u64(stream_layout, place + 8, size);
	return io_file_append(output->file, place, sizeof(place));
}

static struct vmc_error *stream_write(struct output *output, vmc_foff offset, const void *bytes,
				      size_t size)
{
	TRY(stream_put_place(output, offset, size));
	return io_file_append(output->file, bytes, size);
}

static struct vmc_error *stream_reserve(struct output *output, vmc_foff offset, uint64_t size)
{
	(void)output, (void)offset, (void)size;
	return NULL;
}

static struct vmc_error *stream_resize(struct output *output, uint64_t size)
{
	(void)output, (void)size;
	return NULL;
}

static struct vmc_error *stream_sync(struct output *output)
{
	return io_file_sync(output->file);
}

/* What was sent cannot be taken back.  Without an end mark nobody takes it for a whole dump. */
static void stream_discard(struct output *output)
{
	(void)output;
}

static struct vmc_error *stream_leave(struct output *output)
{
	return io_file_sync(output->file);
}

static struct vmc_error *stream_commit(struct output *output)
{
	TRY(stream_put_place(output, UINT64_MAX, UINT64_MAX));
	return io_file_sync(output->file);
}

static const struct output_ops stream_ops = {
	.sequential = true,
	.write = stream_write,
	.reserve = stream_reserve,
	.resize = stream_resize,
	.sync = stream_sync,
	.discard = stream_discard,
	.leave = stream_leave,
	.commit = stream_commit,
};

static struct vmc_error *put_header(struct output *output)
{
	uint8_t header[STREAM_HEADER_SIZE] = STREAM_SIGNATURE;

	store_u64(stream_layout, header + 16, 1);
	store_u64(stream_layout, header + 24, 1);
	return io_file_append(output->file, header, sizeof(header));
}

struct vmc_error *output_create_stream(int fd, const char *name, struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = NULL;

	TRY(output_create(&stream_ops, name, name, &output));
	TRY(io_file_adopt(fd, name, &output->file));
	io_file_write_behind(output->file);
	TRY(put_header(output));
	*ret_output = take_ptr(output);
	return NULL;
}

static struct vmc_error *stream_file_commit(struct output *output)
{
	struct vmc_error *err = stream_put_place(output, UINT64_MAX, UINT64_MAX);

	if (!err)
		return output_file_commit(output); /* all is there, if not under its name */
	output_file_discard(output);
	return err;
}

static const struct output_ops stream_file_ops = {
	.sequential = true,
	.write = stream_write,
	.reserve = stream_reserve,
	.resize = stream_resize,
	.sync = stream_sync,
	.discard = output_file_discard,
	.leave = output_file_leave,
	.commit = stream_file_commit,
};

struct vmc_error *output_create_stream_file(const char *path, bool replace, bool in_place,
					    struct output **ret_output)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	struct vmc_error *err;

	TRY(output_create_file_of(&stream_file_ops, path, replace, in_place, &output));
	err = put_header(output);
	if (err) {
		output_discard(output);
		return err;
	}
	*ret_output = take_ptr(output);
	return NULL;
}
