/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a kdump-compressed file. */
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "codec/codec.h"
#include "dump/kdump.h"
#include "dump/machine.h"

#define VERSION_OFFSET 8 /* in all layouts */
#define UTS_MACHINE    4 /* the fifth of the strings, of which the first is "Linux" */

static const char *const field_names[KDUMP_FIELD_COUNT] = {
	[KDUMP_VERSION_FIELD] = "header_version",
	[KDUMP_STATUS] = "status",
	[KDUMP_BLOCK_SIZE] = "block_size",
	[KDUMP_SUB_HDR_SIZE] = "sub_hdr_size",
	[KDUMP_BITMAP_BLOCKS] = "bitmap_blocks",
	[KDUMP_MAX_MAPNR] = "max_mapnr",
	[KDUMP_PHYS_BASE] = "phys_base",
	[KDUMP_DUMP_LEVEL] = "dump_level",
	[KDUMP_SPLIT] = "split",
	[KDUMP_START_PFN] = "start_pfn",
	[KDUMP_END_PFN] = "end_pfn",
	[KDUMP_OFFSET_VMCOREINFO] = "offset_vmcoreinfo",
	[KDUMP_SIZE_VMCOREINFO] = "size_vmcoreinfo",
	[KDUMP_OFFSET_NOTE] = "offset_note",
	[KDUMP_SIZE_NOTE] = "size_note",
	[KDUMP_OFFSET_ERASEINFO] = "offset_eraseinfo",
	[KDUMP_SIZE_ERASEINFO] = "size_eraseinfo",
	[KDUMP_START_PFN_64] = "start_pfn_64",
	[KDUMP_END_PFN_64] = "end_pfn_64",
	[KDUMP_MAX_MAPNR_64] = "max_mapnr_64",
};

static uint64_t load(const struct kdump_headers *headers, enum kdump_field field)
{
	return kdump_headers_load(headers, field);
}

/* "max_mapnr_64 is 0x0: … (at offset 0x1060)" */
static struct vmc_error *field_error(const struct kdump_headers *headers, enum kdump_field field,
				     enum vmc_error_code code, const char *format, ...)
	ERROR_PRINTF(4, 5) VMC_MUST_CHECK;

static struct vmc_error *field_error(const struct kdump_headers *headers, enum kdump_field field,
				     enum vmc_error_code code, const char *format, ...)
{
	uint64_t where = headers->abi->fields[field].offset;
	char reason[160];
	va_list args;

	if (field >= KDUMP_MAIN_FIELDS)
		where += headers->sub_offset;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return error_create_at(code, ERROR_AT_OFFSET, where, "%s is 0x%" PRIx64 ": %s",
			       field_names[field], load(headers, field), reason);
}

bool kdump_beyond_file(const struct io_file *file, vmc_foff offset, uint64_t size)
{
	uint64_t end;

	if (!checked_add(offset, size, &end) || end > INT64_MAX)
		return true;
	return file->size && end > file->size; /* the size of a device is not known */
}

/* A version is a small number, and a huge one in the wrong byte order; of version 0 the number of
 * bytes in a block tells. */
static struct vmc_error *find_byte_order(struct kdump_headers *headers)
{
	uint8_t *main = headers->main;

	for (unsigned int i = 0; i < 2; i++) {
		headers->layout.big_endian = i;
		headers->version = load_u32(headers->layout, main + VERSION_OFFSET);
		if (headers->version > UINT16_MAX)
			continue;
		if (kdump_abi_find(headers) || headers->version)
			return NULL;
	}
	if (!headers->version) /* told in terms of what most machines have */
		headers->layout.big_endian = false;
	else if (headers->version > UINT16_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, VERSION_OFFSET,
				       "header_version is 0x%" PRIx32
				       ": no version in either byte order",
				       headers->version);
	return NULL;
}

static struct vmc_error *read_main_header(struct io_file *file, struct kdump_headers *headers)
{
	TRY(error_context(io_file_read(file, 0, headers->main, sizeof(headers->main)),
			  "main header"));
	TRY(find_byte_order(headers));
	if (headers->version > KDUMP_VERSION)
		return field_error(headers, KDUMP_VERSION_FIELD, VMC_ERR_UNSUPPORTED,
				   "only versions to %d can be read", KDUMP_VERSION);
	return NULL;
}

static struct vmc_error *read_sub_header(struct io_file *file, struct kdump_headers *headers)
{
	uint64_t block_size = load(headers, KDUMP_BLOCK_SIZE);

	if (!kdump_block_size_is_sane(block_size))
		return field_error(headers, KDUMP_BLOCK_SIZE, VMC_ERR_CORRUPT,
				   "no power of two from %d to %" PRIu32, DUMP_PAGE_SIZE_MIN,
				   DUMP_PAGE_SIZE_MAX);
	headers->sub_offset = block_size;
	TRY(error_context(io_file_read(file, block_size, headers->sub, sizeof(headers->sub)),
			  "sub header"));
	return kdump_abi_find_sub(headers);
}

/* Takes what is shown in messages only, and makes it fit to be shown. */
static void load_uts_machine(const struct kdump_headers *headers,
			     char ret[static KDUMP_UTS_LENGTH + 1])
{
	memcpy(ret, headers->main + KDUMP_UTS_OFFSET + UTS_MACHINE * KDUMP_UTS_LENGTH,
	       KDUMP_UTS_LENGTH);
	ret[KDUMP_UTS_LENGTH] = '\0';
	for (char *c = ret; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

static void load_said(const struct kdump_headers *headers, struct kdump_header *ret)
{
	struct dump_said *said = &ret->said;

	*said = (struct dump_said){
		.by_kdump = true,
		.crash_time = load(headers, KDUMP_TIME_SECONDS),
		.cpus = (uint32_t)load(headers, KDUMP_NR_CPUS),
		.codecs = (uint32_t)load(headers, KDUMP_STATUS) &
			  (CODEC_ZLIB | CODEC_LZO | CODEC_SNAPPY | CODEC_ZSTD),
		.first_address = ret->first_pfn * ret->block_size,
	};
	for (size_t i = 0; i < KDUMP_UTS_COUNT; i++)
		memcpy(said->uts[i], headers->main + KDUMP_UTS_OFFSET + i * KDUMP_UTS_LENGTH,
		       KDUMP_UTS_LENGTH);
}

/* Only QEMU leaves the name of the system empty, and it numbers pages from address 0 on. */
static vmc_pfn first_pfn(const struct kdump_headers *headers, uint16_t machine)
{
	const uint8_t *sysname = headers->main + KDUMP_UTS_OFFSET;

	if (machine != EM_ARM || headers->abi->word_size != 4 || !*sysname)
		return 0;
	return load(headers, KDUMP_PHYS_BASE) / load(headers, KDUMP_BLOCK_SIZE);
}

/* Before version 6 these numbers were words, and max_mapnr in the main header only. */
static enum kdump_field pfn_field(const struct kdump_headers *headers, enum kdump_field field)
{
	if (headers->version >= kdump_field_since(field))
		return field;
	switch (field) {
	case KDUMP_START_PFN_64:
		return KDUMP_START_PFN;
	case KDUMP_END_PFN_64:
		return KDUMP_END_PFN;
	default:
		return KDUMP_MAX_MAPNR;
	}
}

static uint64_t load_pfn(const struct kdump_headers *headers, enum kdump_field field)
{
	return load(headers, pfn_field(headers, field));
}

static void load_fields(const struct kdump_headers *headers, struct kdump_header *ret)
{
	uint64_t block_size = load(headers, KDUMP_BLOCK_SIZE);

	/* Products of 32-bit numbers below 2^32 and 2^18: no overflow. */
	*ret = (struct kdump_header){
		.layout = headers->layout,
		.status = (uint32_t)load(headers, KDUMP_STATUS),
		.block_size = (uint32_t)block_size,
		.bitmap_offset = (1 + load(headers, KDUMP_SUB_HDR_SIZE)) * block_size,
		.bitmap_size = load(headers, KDUMP_BITMAP_BLOCKS) * block_size,
		.max_mapnr = load_pfn(headers, KDUMP_MAX_MAPNR_64),
		.phys_base = load(headers, KDUMP_PHYS_BASE),
		.dump_level = (uint32_t)load(headers, KDUMP_DUMP_LEVEL),
		.split = load(headers, KDUMP_SPLIT),
		.vmcoreinfo_offset = load(headers, KDUMP_OFFSET_VMCOREINFO),
		.vmcoreinfo_size = load(headers, KDUMP_SIZE_VMCOREINFO),
		.eraseinfo_offset = load(headers, KDUMP_OFFSET_ERASEINFO),
		.eraseinfo_size = load(headers, KDUMP_SIZE_ERASEINFO),
		.note_offset = load(headers, KDUMP_OFFSET_NOTE),
		.note_size = load(headers, KDUMP_SIZE_NOTE),
	};
	ret->main_size = headers->abi->main_size;
	memcpy(ret->main, headers->main, ret->main_size);
	kdump_field_store(headers->abi, headers->layout, ret->main, KDUMP_STATUS, 0);
	load_uts_machine(headers, ret->uts_machine);
	ret->machine = machine_from_name(ret->uts_machine);
	ret->first_pfn = first_pfn(headers, ret->machine);
	load_said(headers, ret);
}

static struct vmc_error *check_blocks(struct io_file *file, const struct kdump_headers *headers,
				      const struct kdump_header *header)
{
	if (!load(headers, KDUMP_SUB_HDR_SIZE))
		return field_error(headers, KDUMP_SUB_HDR_SIZE, VMC_ERR_CORRUPT,
				   "the sub header needs a block");
	if (kdump_beyond_file(file, 0, header->bitmap_offset))
		return field_error(headers, KDUMP_SUB_HDR_SIZE, VMC_ERR_TRUNCATED,
				   "so many blocks end at 0x%" PRIx64 ", the file at 0x%" PRIx64,
				   header->bitmap_offset, file->size);
	if (!header->bitmap_size)
		return field_error(headers, KDUMP_BITMAP_BLOCKS, VMC_ERR_CORRUPT,
				   "no page is in the dump");
	if (kdump_beyond_file(file, header->bitmap_offset, header->bitmap_size))
		return field_error(headers, KDUMP_BITMAP_BLOCKS, VMC_ERR_TRUNCATED,
				   "so many blocks end at 0x%" PRIx64 ", the file at 0x%" PRIx64,
				   header->bitmap_offset + header->bitmap_size, file->size);
	return NULL;
}

static struct vmc_error *check_max_mapnr(const struct kdump_headers *headers,
					 const struct kdump_header *header)
{
	enum kdump_field field = pfn_field(headers, KDUMP_MAX_MAPNR_64);

	if (!header->max_mapnr)
		return field_error(headers, field, VMC_ERR_CORRUPT, "no page is in the dump");
	if (header->max_mapnr > KDUMP_PFN_MAX)
		return field_error(headers, field, VMC_ERR_LIMIT, "more than 0x%" PRIx64 " pages",
				   KDUMP_PFN_MAX);
	if (header->max_mapnr > header->bitmap_size * 8)
		return field_error(headers, field, VMC_ERR_CORRUPT,
				   "bitmap_blocks has room for 0x%" PRIx64 " pages",
				   header->bitmap_size * 8);
	return NULL;
}

/* The range of a split part, made absolute. */
static struct vmc_error *take_split(const struct kdump_headers *headers,
				    struct kdump_header *header)
{
	enum kdump_field start_field = pfn_field(headers, KDUMP_START_PFN_64);
	enum kdump_field end_field = pfn_field(headers, KDUMP_END_PFN_64);
	uint64_t start = load(headers, start_field), end = load(headers, end_field);

	if (!header->split)
		return NULL;
	if (end > header->max_mapnr)
		return field_error(headers, end_field, VMC_ERR_CORRUPT, "%s is only 0x%" PRIx64,
				   field_names[pfn_field(headers, KDUMP_MAX_MAPNR_64)],
				   header->max_mapnr);
	if (start > end)
		return field_error(headers, start_field, VMC_ERR_CORRUPT, "%s is only 0x%" PRIx64,
				   field_names[end_field], end);
	header->start_pfn = header->first_pfn + start;
	header->end_pfn = header->first_pfn + end;
	return NULL;
}

static struct vmc_error *check_parts(struct io_file *file, const struct kdump_headers *headers,
				     const struct kdump_header *header)
{
	if (header->note_size && kdump_beyond_file(file, header->note_offset, header->note_size))
		return field_error(headers, KDUMP_OFFSET_NOTE, VMC_ERR_TRUNCATED,
				   "size_note of 0x%" PRIx64 " bytes goes beyond the file",
				   header->note_size);
	if (header->vmcoreinfo_size &&
	    kdump_beyond_file(file, header->vmcoreinfo_offset, header->vmcoreinfo_size))
		return field_error(headers, KDUMP_OFFSET_VMCOREINFO, VMC_ERR_TRUNCATED,
				   "size_vmcoreinfo of 0x%" PRIx64 " bytes goes beyond the file",
				   header->vmcoreinfo_size);
	if (header->eraseinfo_size &&
	    kdump_beyond_file(file, header->eraseinfo_offset, header->eraseinfo_size))
		return field_error(headers, KDUMP_OFFSET_ERASEINFO, VMC_ERR_TRUNCATED,
				   "size_eraseinfo of 0x%" PRIx64 " bytes goes beyond the file",
				   header->eraseinfo_size);
	if (header->eraseinfo_size > UINT32_MAX)
		return field_error(headers, KDUMP_SIZE_ERASEINFO, VMC_ERR_LIMIT,
				   "that is no text");
	if (header->vmcoreinfo_size > UINT32_MAX)
		return field_error(headers, KDUMP_SIZE_VMCOREINFO, VMC_ERR_LIMIT,
				   "that is no text");
	return NULL;
}

struct vmc_error *kdump_header_read(struct io_file *file, struct kdump_header *ret_header)
{
	struct kdump_headers headers = {0};
	struct kdump_header header;

	TRY(read_main_header(file, &headers));
	TRY(read_sub_header(file, &headers));
	load_fields(&headers, &header);
	if (file->cut)
		header.status |= KDUMP_STATUS_INCOMPLETE;
	TRY(check_blocks(file, &headers, &header));
	TRY(check_max_mapnr(&headers, &header));
	TRY(take_split(&headers, &header));
	TRY(check_parts(file, &headers, &header));
	*ret_header = header;
	return NULL;
}

struct vmc_error *kdump_mark_incomplete(struct io_file *file)
{
	struct kdump_headers headers = {0};

	TRY(read_main_header(file, &headers));
	if (memcmp(headers.main, KDUMP_SIGNATURE, KDUMP_SIGNATURE_SIZE) != 0)
		return error_create(VMC_ERR_FORMAT, "this is no kdump-compressed file");
	TRY(read_sub_header(file, &headers));
	kdump_field_store(headers.abi, headers.layout, headers.main, KDUMP_STATUS,
			  load(&headers, KDUMP_STATUS) | KDUMP_STATUS_INCOMPLETE);
	return io_file_write(file, 0, headers.main, headers.abi->main_size);
}
