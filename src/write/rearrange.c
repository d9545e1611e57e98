/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the flattened form of a file to the file. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include <vmcull/flattened.h>

#include "base/checked.h"
#include "dump/elf_header.h"
#include "dump/flattened.h"
#include "dump/kdump.h"
#include "dump/kdump_checksum.h"
#include "write/output.h"

/* As much as goes through at once. */
#define CHUNK ((size_t)256 << 10)

/* What no record says is a hole.  An ELF file has them for pages of zeros, others for parts of
 * their bitmaps at most: both of those together, of as many pages as there can be. */
#define HOLES_MAX (KDUMP_PFN_MAX / 8 * 2)

struct stream {
	int fd;
	const char *name;
	vmc_foff where; /* how much was read */
	uint8_t *chunk;
	const struct vmc_progress *progress;
	struct io_file *file; /* the output */
	uint64_t file_end, written;
	uint64_t records;
	bool is_elf;
	vmc_foff last_end; /* in the output, of what was written last */
	bool left;         /* after an error: PATH.incomplete */
};

/* What is no flattened dump is told after its first bytes. */
static struct vmc_error *read_header(struct stream *stream)
{
	size_t n;

	TRY(io_stream_read(stream->fd, stream->name, stream->chunk, FLATTENED_SIGNATURE_SIZE, &n));
	if (!n)
		return error_create(VMC_ERR_FORMAT, "the stream is empty");
	if (!flattened_probe(stream->chunk, n))
		return flattened_header_check(stream->chunk, n);
	TRY(io_stream_read(stream->fd, stream->name, stream->chunk + n, FLATTENED_HEADER_SIZE - n,
			   &n));
	stream->where = FLATTENED_SIGNATURE_SIZE + n;
	return flattened_header_check(stream->chunk, stream->where);
}

static struct vmc_error *report_progress(const struct stream *stream)
{
	const struct vmc_progress *progress = stream->progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Rearranging", stream->where, 0))
		return error_create(VMC_ERR_INTERRUPTED, "stopped");
	return NULL;
}

/* All that comes goes into the file, also when it is less. */
static struct vmc_error *copy_chunk(struct stream *stream, vmc_foff offset, size_t size)
{
	size_t n;

	TRY(io_stream_read(stream->fd, stream->name, stream->chunk, size, &n));
	stream->where += n;
	if (offset == 0)
		stream->is_elf = n >= SELFMAG && memcmp(stream->chunk, ELFMAG, SELFMAG) == 0;
	if (n) {
		TRY(io_file_write(stream->file, offset, stream->chunk, n));
		stream->file_end = max_u64(stream->file_end, offset + n);
		stream->written += n; /* no overflow: all of it was read */
		stream->last_end = offset + n;
	}
	return n < size ? flattened_truncated(stream->where, "inside of a record") : NULL;
}

static struct vmc_error *copy_record(struct stream *stream, const struct flattened_record *record)
{
	for (uint64_t done = 0, n; done < record->size; done += n) {
		n = min_u64(record->size - done, CHUNK);
		TRY(report_progress(stream));
		TRY(copy_chunk(stream, record->offset + done, (size_t)n));
	}
	return NULL;
}

static struct vmc_error *check_whole(const struct stream *stream)
{
	if (!stream->file_end)
		return error_create(VMC_ERR_FORMAT, "nothing is in this flattened dump");
	if (!stream->is_elf && stream->file_end > stream->written &&
	    stream->file_end - stream->written > HOLES_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "of 0x%" PRIx64 " bytes of the dump 0x%" PRIx64
				    " are in no flattened record",
				    stream->file_end, stream->file_end - stream->written);
	return NULL;
}

static struct vmc_error *copy_records(struct stream *stream)
{
	struct flattened_record record;

	for (;;) {
		vmc_foff start = stream->where;
		size_t n;

		TRY(io_stream_read(stream->fd, stream->name, stream->chunk, FLATTENED_RECORD_SIZE,
				   &n));
		stream->where += n;
		if (n < FLATTENED_RECORD_SIZE)
			return flattened_truncated(stream->where, "without its end record");
		TRY(flattened_record_parse(stream->chunk, start, &record));
		if (record.end)
			return check_whole(stream);
		TRY(copy_record(stream, &record));
		stream->records++;
	}
}

/* A trailer would have a digest of the header without its mark. */
static struct vmc_error *remove_trailer(struct stream *stream)
{
	uint8_t bytes[KDUMP_TRAILER_SIZE];
	struct kdump_trailer trailer;
	vmc_foff start = stream->file_end - min_u64(stream->file_end, KDUMP_TRAILER_SIZE);

	TRY(io_file_read(stream->file, start, bytes, sizeof(bytes)));
	if (!kdump_trailer_load(bytes, &trailer) || trailer.offset != start)
		return NULL;
	stream->file_end = start;
	return io_file_resize(stream->file, start);
}

/* What there is of it would be taken for all. */
static struct vmc_error *remove_half_descriptor(const struct stream *stream,
						const struct kdump *kdump)
{
	static const uint8_t zeros[KDUMP_DESCRIPTOR_SIZE];
	vmc_foff end = stream->last_end;
	size_t half;

	if (end < kdump->table_offset || end > kdump->table_end)
		return NULL;
	half = (end - kdump->table_offset) % KDUMP_DESCRIPTOR_SIZE;
	return half ? io_file_write(stream->file, end - half, zeros, half) : NULL;
}

static struct vmc_error *leave_marked(struct stream *stream, struct output *output)
{
	_cleanup_(vmc_dump_close) struct vmc_dump *dump = NULL;

	TRY(check_whole(stream));
	TRY(stream->is_elf ? elf_mark_incomplete(stream->file)
			   : kdump_mark_incomplete(stream->file));
	TRY(remove_trailer(stream));
	TRY(vmc_dump_open(output->unfinished, NULL, &dump));
	if (!stream->is_elf)
		TRY(remove_half_descriptor(stream, dump->private));
	return output_leave(output);
}

/* The stream may be all that there is of a machine: what was put together until it @failed stays,
 * if that much is a dump.  It opens as an incomplete one then.  What is damaged does not. */
static void leave_some(struct stream *stream, struct output *output,
		       const struct vmc_error *failed)
{
	struct vmc_error *err = vmc_error_code(failed) == VMC_ERR_CORRUPT
					? error_create(VMC_ERR_CORRUPT, "damaged")
					: leave_marked(stream, output);

	if (err)
		output_discard(output);
	stream->left = !err;
	vmc_error_free(err);
}

static struct vmc_error *rearrange(struct stream *stream, const char *path, bool replace)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	struct vmc_error *err;

	TRY(error_context(read_header(stream), "%s", stream->name));
	TRY(output_create_file(path, replace, false, &output));
	stream->file = output->file;
	err = copy_records(stream);
	/* The errors of the output name its file. */
	if (err && vmc_error_code(err) != VMC_ERR_SYSTEM)
		err = error_context(err, "%s", stream->name);
	if (!err)
		return output_commit(output); /* all is there, if not under its name */
	leave_some(stream, output, err);
	return err;
}

struct vmc_error *vmc_rearrange(int fd, const char *name, const char *path,
				const struct vmc_rearrange_options *options,
				struct vmc_rearrange_summary *ret_summary)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	struct stream stream = {
		.fd = fd,
		.name = name,
		.chunk = chunk,
		.progress = options ? options->progress : NULL,
	};

	if (ret_summary)
		*ret_summary = (struct vmc_rearrange_summary){0};
	if (!chunk)
		return error_nomem();

	struct vmc_error *err = rearrange(&stream, path, options && options->replace);

	if (ret_summary)
		*ret_summary = (struct vmc_rearrange_summary){
			.incomplete = stream.left,
			.records = stream.records,
			.bytes_in = stream.where,
			.bytes_out = stream.file_end,
		};
	return err;
}
