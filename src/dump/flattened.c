/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/flattened.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/layout.h"
#include "base/window.h"

#define TYPE_OFFSET    16
#define VERSION_OFFSET 24
#define TYPE           1
#define VERSION        1

static const struct layout numbers = {.big_endian = true, .word_size = 8};

bool flattened_probe(const void *head, size_t size)
{
	return size >= FLATTENED_SIGNATURE_SIZE &&
	       memcmp(head, FLATTENED_SIGNATURE, FLATTENED_SIGNATURE_SIZE) == 0;
}

struct vmc_error *flattened_truncated(vmc_foff where, const char *inside)
{
	return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, where,
			       "truncated flattened stream: it ends %s", inside);
}

struct vmc_error *flattened_header_check(const void *head, size_t size)
{
	const uint8_t *bytes = head;

	if (!flattened_probe(head, size))
		return error_create(VMC_ERR_FORMAT, "this is no flattened dump");
	if (size < FLATTENED_HEADER_SIZE)
		return flattened_truncated(size, "in its header");

	uint64_t type = load_u64(numbers, bytes + TYPE_OFFSET);
	uint64_t version = load_u64(numbers, bytes + VERSION_OFFSET);

	if (type != TYPE || version != VERSION)
		return error_create_at(VMC_ERR_UNSUPPORTED, ERROR_AT_OFFSET, TYPE_OFFSET,
				       "a flattened dump of type 0x%" PRIx64 ", version 0x%" PRIx64
				       "; only type %d, version %d can be read",
				       type, version, TYPE, VERSION);
	return NULL;
}

struct vmc_error *flattened_record_parse(const void *bytes, vmc_foff where,
					 struct flattened_record *ret_record)
{
	uint64_t offset = load_u64(numbers, bytes);
	uint64_t size = load_u64(numbers, (const uint8_t *)bytes + 8);
	uint64_t end;

	*ret_record = (struct flattened_record){.offset = offset, .size = size};
	if (offset == UINT64_MAX && size == UINT64_MAX) {
		ret_record->end = true;
		return NULL;
	}
	if (!checked_add(offset, size, &end) || end > FLATTENED_CONTENT_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, where,
				       "flattened record for offset 0x%" PRIx64 ", size 0x%" PRIx64
				       ": no place in a dump",
				       offset, size);
	return NULL;
}

/* Adds the record at *where, or what there is of it, and goes on to the next. */
static struct vmc_error *add_record(struct io_window *window, struct io_file *file,
				    struct io_records *records, vmc_foff *where, bool *ret_end)
{
	struct flattened_record record;
	const void *bytes;
	vmc_foff stored;

	file->cut = *ret_end = file->size - *where < FLATTENED_RECORD_SIZE;
	if (file->cut)
		return NULL;
	TRY(io_window_get(window, *where, FLATTENED_RECORD_SIZE, &bytes));
	TRY(flattened_record_parse(bytes, *where, &record));
	TRY(io_window_check(window));
	*ret_end = record.end;
	if (record.end)
		return NULL;
	stored = *where + FLATTENED_RECORD_SIZE;
	file->cut = *ret_end = record.size > file->size - stored;
	if (file->cut)
		record.size = file->size - stored;
	TRY(io_records_add(records, record.offset, record.size, stored));
	*where = stored + record.size;
	return NULL;
}

static struct vmc_error *add_records(struct io_window *window, struct io_file *file,
				     struct io_records *records)
{
	vmc_foff where = FLATTENED_HEADER_SIZE;
	bool end = false;

	/* Those of no bytes count as well: a sparse file could have no end of them. */
	for (size_t i = 0; !end; i++) {
		if (i > IO_RECORDS_MAX)
			return error_create_at(VMC_ERR_LIMIT, ERROR_AT_OFFSET, where,
					       "the file has more than %zu records",
					       IO_RECORDS_MAX);
		TRY(add_record(window, file, records, &where, &end));
	}
	if (file->cut && !records->count)
		return flattened_truncated(file->size, "before there is anything in it");
	return io_records_finish(records);
}

struct vmc_error *flattened_open(struct io_file *file, bool may_map)
{
	_cleanup_(io_window_destroy) struct io_window *window = NULL;
	struct io_records records = {0};

	TRY(io_window_create(file, may_map, &window));

	struct vmc_error *err = add_records(window, file, &records);

	if (!err)
		io_file_set_records(file, &records);
	io_records_deinit(&records);
	return err;
}
