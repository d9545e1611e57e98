/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/dump.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "dump/flattened.h"
#include "dump/own_notes.h"
#include "dump/signature.h"

/* Adds the path, unless the I/O layer, which knows it, has done so. */
static struct vmc_error *error_with_path(struct vmc_error *err, const char *path)
{
	if (!err || strstr(vmc_error_message(err), path))
		return err;
	return error_context(err, "%s", path);
}

static struct vmc_error *read_head(struct io_file *file, uint8_t head[static SIGNATURE_HEAD_SIZE],
				   size_t *ret_size)
{
	struct vmc_error *err = io_file_read_some(file, 0, head, SIGNATURE_HEAD_SIZE, ret_size);

	if (err && vmc_error_errno(err) == ESPIPE) {
		vmc_error_free(err);
		return error_create(
			VMC_ERR_UNSUPPORTED,
			"a dump is read at many places, which a pipe or terminal cannot do");
	}
	return err;
}

/* Gives the start of the content; that of a flattened file can be read from then on. */
static struct vmc_error *read_content_head(struct vmc_dump *dump,
					   uint8_t head[static SIGNATURE_HEAD_SIZE],
					   size_t *ret_size)
{
	TRY(read_head(dump->file, head, ret_size));
	if (!flattened_probe(head, *ret_size))
		return NULL;
	TRY(flattened_header_check(head, *ret_size));
	TRY(flattened_open(dump->file, !dump->no_mmap));
	if (dump->file->cut)
		log_warning(&dump->log,
			    "%s: the flattened stream has no end: it was cut off at 0x%" PRIx64,
			    dump->file->path, dump->file->stored_size);
	return read_head(dump->file, head, ret_size);
}

static struct vmc_error *format_find(struct vmc_dump *dump, const struct dump_format **ret_format)
{
	uint8_t head[SIGNATURE_HEAD_SIZE];
	size_t size;

	TRY(read_content_head(dump, head, &size));
	for (size_t i = 0; dump_formats[i]; i++) {
		if (dump_formats[i]->probe(head, size)) {
			*ret_format = dump_formats[i];
			return NULL;
		}
	}

	if (dump->file->cut)
		return flattened_truncated(dump->file->stored_size,
					   "before what it holds can be told");

	struct vmc_error *err = signature_refuse(head, size);

	assert(err);

	return dump->file->in_records ? error_context(err, "inside of a flattened dump") : err;
}

static struct vmc_error *dump_page_size_known(struct vmc_dump *dump)
{
	dump->page_shift = (unsigned int)__builtin_ctz(dump->page_size);
	return dump->format->page_size_set ? dump->format->page_size_set(dump) : NULL;
}

static struct vmc_error *dump_open_format(struct vmc_dump *dump)
{
	const struct dump_format *format;

	TRY(format_find(dump, &format));
	if (dump->file->cut && !format->may_be_cut)
		return error_create(VMC_ERR_TRUNCATED,
				    "truncated flattened stream: which pages of %s it has "
				    "cannot be told",
				    format->description);
	dump->format = format; /* from here on vmc_dump_close() calls its close() */
	TRY(format->open(dump));
	dump->history.map_only =
		notes_find(&dump->notes, OWN_NOTE_NAME, OWN_NOTE_TYPE(OWN_NOTE_MAP_ONLY));
	dump->history.flattened = dump->file->in_records;
	return dump->page_size ? dump_page_size_known(dump) : NULL;
}

static struct vmc_error *dump_create(const char *path, const struct vmc_dump_options *options,
				     struct vmc_dump **ret_dump)
{
	_cleanup_(vmc_dump_close) struct vmc_dump *dump = calloc(1, sizeof(*dump));

	if (!dump)
		return error_nomem();
	TRY(io_file_open(path, &dump->file));
	dump->file_size = dump->file->stored_size;
	dump->file_count = 1;
	if (options) {
		dump->log = options->log;
		dump->no_mmap = options->no_mmap;
		dump->file->trace.read = options->trace;
		dump->file->trace.arg = options->trace_arg;
	}
	*ret_dump = take_ptr(dump);
	return NULL;
}

static struct vmc_error *dump_open(const char *path, const struct vmc_dump_options *options,
				   bool in_set, struct vmc_dump **ret_dump)
{
	_cleanup_(vmc_dump_close) struct vmc_dump *dump = NULL;

	TRY(dump_create(path, options, &dump));
	dump->in_set = in_set;
	TRY(error_with_path(dump_open_format(dump), path));
	*ret_dump = take_ptr(dump);
	return NULL;
}

struct vmc_error *vmc_dump_open(const char *path, const struct vmc_dump_options *options,
				struct vmc_dump **ret_dump)
{
	return dump_open(path, options, false, ret_dump);
}

/* The files of a set are disks of one dump where its format knows such sets. */
static struct vmc_error *open_disks(const char *const *paths, size_t count,
				    const struct vmc_dump_options *options, bool *ret_is_one,
				    struct vmc_dump **ret_dump)
{
	_cleanup_(vmc_dump_close) struct vmc_dump *dump = NULL;
	const struct dump_format *format;
	struct vmc_error *err;

	TRY(dump_create(paths[0], options, &dump));
	err = format_find(dump, &format);
	*ret_is_one = !err && format->takes_sets;
	vmc_error_free(err);
	if (!*ret_is_one)
		return NULL;
	dump->disks = calloc(count - 1, sizeof(struct io_file *));
	if (!dump->disks)
		return error_nomem();
	for (size_t i = 1; i < count; i++) {
		TRY(io_file_open(paths[i], &dump->disks[dump->disk_count]));
		dump->file_size += dump->disks[dump->disk_count++]->stored_size;
	}
	dump->file_count = count;
	TRY(error_with_path(dump_open_format(dump), paths[0]));
	*ret_dump = take_ptr(dump);
	return NULL;
}

static struct vmc_error *join_parts(struct vmc_dump **parts, size_t count)
{
	const struct dump_format *format = parts[0]->format;

	for (size_t i = 0; i < count; i++) {
		if (!parts[i]->history.split || !format->join || parts[i]->format != format)
			return error_create(VMC_ERR_INVALID,
					    "%s: this is no part of a split dump, but several "
					    "files were given as one",
					    parts[i]->file->path);
	}
	return format->join(parts, count);
}

static struct vmc_error *open_parts(const char *const *paths, size_t count,
				    const struct vmc_dump_options *options, struct vmc_dump **parts)
{
	for (size_t i = 0; i < count; i++)
		TRY(dump_open(paths[i], options, true, &parts[i]));
	return join_parts(parts, count);
}

struct vmc_error *vmc_dump_open_set(const char *const *paths, size_t count,
				    const struct vmc_dump_options *options,
				    struct vmc_dump **ret_dump)
{
	if (count <= 1)
		return count ? vmc_dump_open(paths[0], options, ret_dump)
			     : error_create(VMC_ERR_INVALID, "no file was given");

	bool is_one;

	TRY(open_disks(paths, count, options, &is_one, ret_dump));
	if (is_one)
		return NULL;

	_cleanup_free_ struct vmc_dump **parts = calloc(count, sizeof(struct vmc_dump *));

	if (!parts)
		return error_nomem();

	struct vmc_error *err = open_parts(paths, count, options, parts);

	if (!err)
		*ret_dump = take_ptr(parts[0]);
	for (size_t i = 0; i < count; i++)
		vmc_dump_close(parts[i]);
	return err;
}

void vmc_dump_close(struct vmc_dump *dump)
{
	if (!dump)
		return;
	if (dump->format && dump->format->close)
		dump->format->close(dump);
	notes_deinit(&dump->notes);
	io_file_close(dump->file);
	for (size_t i = 0; i < dump->disk_count; i++)
		io_file_close(dump->disks[i]);
	free(dump->disks);
	free(dump);
}

const char *vmc_dump_path(const struct vmc_dump *dump)
{
	return dump->file->path;
}

const char *vmc_dump_format(const struct vmc_dump *dump)
{
	return dump->format->name;
}

uint64_t vmc_dump_file_size(const struct vmc_dump *dump)
{
	return dump->file_size;
}

size_t vmc_dump_file_count(const struct vmc_dump *dump)
{
	return dump->file_count;
}

struct vmc_error *dump_set_page_size(struct vmc_dump *dump, uint64_t page_size)
{
	if (!is_power_of_two(page_size) || page_size < DUMP_PAGE_SIZE_MIN ||
	    page_size > DUMP_PAGE_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "a page size of %" PRIu64
				    " bytes is not a power of two from %d to %" PRIu32,
				    page_size, DUMP_PAGE_SIZE_MIN, DUMP_PAGE_SIZE_MAX);
	if (dump->page_size == page_size)
		return NULL;
	if (dump->page_size)
		return error_create(VMC_ERR_CORRUPT,
				    "the file has pages of %" PRIu32
				    " bytes, its kernel of %" PRIu64,
				    dump->page_size, page_size);
	dump->page_size = (uint32_t)page_size;
	return error_with_path(dump_page_size_known(dump), dump->file->path);
}

bool vmc_dump_next_run(const struct vmc_dump *dump, vmc_pfn from, struct vmc_memory_run *ret_run)
{
	return dump->page_size && dump->format->next_run(dump, from, ret_run);
}

vmc_pfn vmc_dump_end_pfn(const struct vmc_dump *dump)
{
	return dump->end_pfn;
}

/* next_range() out of next_run(), for formats that know whole pages only. */
static bool range_from_runs(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
			    uint64_t *ret_size)
{
	vmc_pfn pfn = from >> dump->page_shift;
	struct vmc_memory_run run;

	while (vmc_dump_next_run(dump, pfn, &run)) {
		if (run.kind == VMC_MEMORY_DATA) {
			*ret_start = max_u64(run.start << dump->page_shift, from);
			*ret_size = ((run.start + run.count) << dump->page_shift) - *ret_start;
			return true;
		}
		pfn = run.start + run.count;
	}
	return false;
}

bool dump_next_range(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
		     uint64_t *ret_size)
{
	if (dump->format->next_range)
		return dump->format->next_range(dump, from, ret_start, ret_size);
	return range_from_runs(dump, from, ret_start, ret_size);
}

struct vmc_error *vmc_dump_cursor_create(struct vmc_dump *dump, struct vmc_dump_cursor **ret_cursor)
{
	_cleanup_(vmc_dump_cursor_destroy) struct vmc_dump_cursor *cursor =
		calloc(1, sizeof(*cursor));

	if (!cursor)
		return error_nomem();
	cursor->dump = dump;
	TRY(dump->format->cursor_create(dump, &cursor->state));
	*ret_cursor = take_ptr(cursor);
	return NULL;
}

void vmc_dump_cursor_destroy(struct vmc_dump_cursor *cursor)
{
	if (!cursor)
		return;
	if (cursor->state)
		cursor->dump->format->cursor_destroy(cursor->state);
	free(cursor);
}

bool dump_is_for_threads(const struct vmc_dump *dump)
{
	return !dump->format->one_thread && !dump->recorder.record;
}

size_t dump_cursor_memory(const struct vmc_dump *dump)
{
	return sizeof(struct vmc_dump_cursor) + dump->format->cursor_memory(dump);
}

struct vmc_error *dump_get(struct vmc_dump_cursor *cursor, vmc_paddr address, size_t size,
			   const void **ret_bytes, size_t *ret_size)
{
	struct vmc_dump *dump = cursor->dump;

	TRY(dump->format->get(dump, cursor->state, address, size, ret_bytes, ret_size));
	if (dump->recorder.record)
		dump->recorder.record(dump->recorder.arg, address, *ret_size);
	return NULL;
}

void dump_announce(struct vmc_dump_cursor *cursor, vmc_pfn pfn, uint64_t count)
{
	struct vmc_dump *dump = cursor->dump;

	if (dump->format->announce)
		dump->format->announce(dump, cursor->state, pfn << dump->page_shift,
				       count << dump->page_shift);
}

struct vmc_error *dump_get_stored(struct vmc_dump_cursor *cursor, vmc_pfn pfn, void *buffer,
				  struct dump_stored *ret)
{
	const struct dump_format *format = cursor->dump->format;

	*ret = (struct dump_stored){0};
	if (!format->get_stored)
		return NULL;
	return format->get_stored(cursor->dump, cursor->state, pfn, buffer, ret);
}

void dump_record(struct vmc_dump *dump, const struct dump_recorder *recorder)
{
	dump->recorder = recorder ? *recorder : (struct dump_recorder){0};
}

struct vmc_error *dump_check(struct vmc_dump_cursor *cursor)
{
	const struct dump_format *format = cursor->dump->format;

	return format->check ? format->check(cursor->state) : NULL;
}

bool dump_shrank(const struct vmc_dump *dump)
{
	bool shrank;

	if (dump->no_mmap)
		return false;
	shrank = io_file_shrank(dump->file);
	for (size_t i = 0; i < dump->disk_count; i++)
		shrank |= io_file_shrank(dump->disks[i]);
	if (dump->format->shrank)
		shrank |= dump->format->shrank(dump);
	return shrank;
}

/* Copies what lies together at @address, *ret_size bytes of @size at most. */
static struct vmc_error *copy_piece(struct vmc_dump_cursor *cursor, vmc_paddr address, void *buffer,
				    size_t size, size_t *ret_size)
{
	const void *bytes;

	TRY(dump_get(cursor, address, size, &bytes, ret_size));
	memcpy(buffer, bytes, *ret_size);
	return dump_check(cursor);
}

struct vmc_error *vmc_dump_read(struct vmc_dump_cursor *cursor, vmc_paddr address, void *buffer,
				size_t size)
{
	vmc_paddr end;

	if (!checked_add(address, size, &end))
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PADDR, address,
				       "%zu bytes go beyond all addresses", size);
	for (size_t done = 0, n; done < size; done += n)
		TRY(copy_piece(cursor, address + done, (char *)buffer + done, size - done, &n));
	return NULL;
}

/* Puts a page together from what there is of it. */
static struct vmc_error *page_assemble(struct vmc_dump_cursor *cursor, vmc_paddr address,
				       uint8_t *buffer)
{
	size_t page_size = cursor->dump->page_size;
	struct vmc_error *absent = NULL;
	bool found = false;

	for (size_t done = 0, n; done < page_size; done += n) {
		vmc_paddr start;
		uint64_t unused;
		struct vmc_error *err =
			copy_piece(cursor, address + done, buffer + done, page_size - done, &n);

		if (!err) {
			found = true;
			continue;
		}
		/* Only memory that the dump never had may be zeros; what else fails is told. */
		if (vmc_error_code(err) != VMC_ERR_NODATA) {
			vmc_error_free(absent);
			return err;
		}
		vmc_error_free(absent);
		absent = err;
		n = page_size - done;
		if (dump_next_range(cursor->dump, address + done, &start, &unused) &&
		    start > address + done)
			n = (size_t)min_u64(start - (address + done), n);
		memset(buffer + done, 0, n);
	}
	if (!found)
		return absent;
	vmc_error_free(absent);
	return NULL;
}

static bool page_is_data(const struct vmc_dump *dump, vmc_pfn pfn)
{
	struct vmc_memory_run run;

	return vmc_dump_next_run(dump, pfn, &run) && run.start == pfn &&
	       run.kind == VMC_MEMORY_DATA;
}

struct vmc_error *dump_get_page(struct vmc_dump_cursor *cursor, vmc_pfn pfn, void *buffer,
				const void **ret_page)
{
	struct vmc_dump *dump = cursor->dump;
	vmc_paddr address = pfn << dump->page_shift;
	const void *bytes;
	size_t size = 0;

	if (pfn > UINT64_MAX >> dump->page_shift)
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PFN, pfn,
				       "this page is beyond all addresses");

	struct vmc_error *err = dump_get(cursor, address, dump->page_size, &bytes, &size);

	if (!err && size == dump->page_size) {
		*ret_page = bytes;
		return NULL;
	}
	if (err && vmc_error_code(err) != VMC_ERR_NODATA)
		return err;
	vmc_error_free(err);
	TRY(page_assemble(cursor, address, buffer));
	/* next_run() knows better than to call a page data that the end of the file has cut. */
	if (!page_is_data(dump, pfn))
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_PFN, pfn,
				       "a part of this page lies beyond the end of the file");
	*ret_page = buffer;
	return NULL;
}
