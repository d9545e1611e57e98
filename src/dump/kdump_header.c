/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a kdump-compressed file. */
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump.h"

#define UTS_MACHINE 4 /* the fifth of the strings */

static const char *const field_names[KDUMP_FIELD_COUNT] = {
	[KDUMP_VERSION_FIELD] = "header_version",
	[KDUMP_STATUS] = "status",
	[KDUMP_BLOCK_SIZE] = "block_size",
	[KDUMP_SUB_HDR_SIZE] = "sub_hdr_size",
	[KDUMP_BITMAP_BLOCKS] = "bitmap_blocks",
	[KDUMP_PHYS_BASE] = "phys_base",
	[KDUMP_DUMP_LEVEL] = "dump_level",
	[KDUMP_SPLIT] = "split",
	[KDUMP_OFFSET_VMCOREINFO] = "offset_vmcoreinfo",
	[KDUMP_SIZE_VMCOREINFO] = "size_vmcoreinfo",
	[KDUMP_OFFSET_NOTE] = "offset_note",
	[KDUMP_SIZE_NOTE] = "size_note",
	[KDUMP_START_PFN_64] = "start_pfn_64",
	[KDUMP_END_PFN_64] = "end_pfn_64",
	[KDUMP_MAX_MAPNR_64] = "max_mapnr_64",
};

/* Nothing in the file tells its ABI; the likely one is taken. */
static const struct kdump_abi *const abis[] = {&kdump_abi_64, &kdump_abi_32};

#define ABI_COUNT (sizeof(abis) / sizeof(abis[0]))

/* What the parsing goes by. */
struct header_reader {
	struct io_file *file;
	const struct kdump_abi *abi;
	struct layout layout;
	uint64_t sub_offset; /* of the sub header in the file */
	uint8_t main[KDUMP_MAIN_SIZE_MAX];
	uint8_t sub[KDUMP_SUB_SIZE_MAX];
};

static uint64_t field_load(const struct header_reader *reader, enum kdump_field field)
{
	return kdump_field_load(reader->abi, reader->layout,
				field < KDUMP_MAIN_FIELDS ? reader->main : reader->sub, field);
}

/* "max_mapnr_64 is 0x0: … (at offset 0x1060)" */
static struct vmc_error *field_error(const struct header_reader *reader, enum kdump_field field,
				     enum vmc_error_code code, const char *format, ...)
	ERROR_PRINTF(4, 5) VMC_MUST_CHECK;

static struct vmc_error *field_error(const struct header_reader *reader, enum kdump_field field,
				     enum vmc_error_code code, const char *format, ...)
{
	uint64_t where = reader->abi->fields[field].offset;
	char reason[160];
	va_list args;

	if (field >= KDUMP_MAIN_FIELDS)
		where += reader->sub_offset;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return error_create_at(code, ERROR_AT_OFFSET, where, "%s is 0x%" PRIx64 ": %s",
			       field_names[field], field_load(reader, field), reason);
}

bool kdump_beyond_file(const struct io_file *file, vmc_foff offset, uint64_t size)
{
	uint64_t end;

	if (!checked_add(offset, size, &end) || end > INT64_MAX)
		return true;
	return file->size && end > file->size; /* the size of a device is not known */
}

static bool block_size_is_sane(uint64_t block_size)
{
	return is_power_of_two(block_size) && block_size >= DUMP_PAGE_SIZE_MIN &&
	       block_size <= DUMP_PAGE_SIZE_MAX;
}

/* The numbers of blocks, never 0, lie where the other ABI has counters that no writer sets. */
static bool abi_is_likely(const struct header_reader *reader)
{
	return block_size_is_sane(field_load(reader, KDUMP_BLOCK_SIZE)) &&
	       field_load(reader, KDUMP_SUB_HDR_SIZE) && field_load(reader, KDUMP_BITMAP_BLOCKS);
}

/* Where no ABI makes sense the first is taken, and what is wrong is told in its terms. */
static void find_abi(struct header_reader *reader)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		reader->abi = abis[i];
		if (abi_is_likely(reader))
			return;
	}
	reader->abi = abis[0];
}

/* A version is a small number, and a huge one in the wrong byte order. */
static struct vmc_error *find_byte_order(struct header_reader *reader)
{
	reader->layout.big_endian = false;
	if (field_load(reader, KDUMP_VERSION_FIELD) > UINT16_MAX)
		reader->layout.big_endian = true;
	if (field_load(reader, KDUMP_VERSION_FIELD) > UINT16_MAX)
		return field_error(reader, KDUMP_VERSION_FIELD, VMC_ERR_CORRUPT,
				   "no version in either byte order");
	return NULL;
}

static struct vmc_error *read_main_header(struct header_reader *reader)
{
	TRY(error_context(io_file_read(reader->file, 0, reader->main, sizeof(reader->main)),
			  "main header"));
	reader->abi = abis[0]; /* the version is at the same place in all */
	TRY(find_byte_order(reader));
	if (field_load(reader, KDUMP_VERSION_FIELD) != KDUMP_VERSION)
		return field_error(reader, KDUMP_VERSION_FIELD, VMC_ERR_UNSUPPORTED,
				   "only version %d can be read", KDUMP_VERSION);
	find_abi(reader);
	reader->layout.word_size = reader->abi->word_size;
	if (!reader->abi->sub_size)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "a kdump file of a %d-bit producer cannot be read",
				    reader->abi->word_size * 8);
	return NULL;
}

static struct vmc_error *read_sub_header(struct header_reader *reader)
{
	uint64_t block_size = field_load(reader, KDUMP_BLOCK_SIZE);

	if (!block_size_is_sane(block_size))
		return field_error(reader, KDUMP_BLOCK_SIZE, VMC_ERR_CORRUPT,
				   "no power of two from %d to %" PRIu32, DUMP_PAGE_SIZE_MIN,
				   DUMP_PAGE_SIZE_MAX);
	reader->sub_offset = block_size;
	return error_context(
		io_file_read(reader->file, block_size, reader->sub, reader->abi->sub_size),
		"sub header");
}

/* Takes what is shown in messages only, and makes it fit to be shown. */
static void load_uts_machine(const struct header_reader *reader,
			     char ret[static KDUMP_UTS_LENGTH + 1])
{
	memcpy(ret, reader->main + KDUMP_UTS_OFFSET + UTS_MACHINE * KDUMP_UTS_LENGTH,
	       KDUMP_UTS_LENGTH);
	ret[KDUMP_UTS_LENGTH] = '\0';
	for (char *c = ret; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

static void load_fields(const struct header_reader *reader, struct kdump_header *ret)
{
	uint64_t block_size = field_load(reader, KDUMP_BLOCK_SIZE);

	/* Products of 32-bit numbers below 2^32 and 2^18: no overflow. */
	*ret = (struct kdump_header){
		.layout = reader->layout,
		.status = (uint32_t)field_load(reader, KDUMP_STATUS),
		.block_size = (uint32_t)block_size,
		.bitmap_offset = (1 + field_load(reader, KDUMP_SUB_HDR_SIZE)) * block_size,
		.bitmap_size = field_load(reader, KDUMP_BITMAP_BLOCKS) * block_size,
		.max_mapnr = field_load(reader, KDUMP_MAX_MAPNR_64),
		.phys_base = field_load(reader, KDUMP_PHYS_BASE),
		.dump_level = (uint32_t)field_load(reader, KDUMP_DUMP_LEVEL),
		.split = field_load(reader, KDUMP_SPLIT),
		.start_pfn = field_load(reader, KDUMP_START_PFN_64),
		.end_pfn = field_load(reader, KDUMP_END_PFN_64),
		.vmcoreinfo_offset = field_load(reader, KDUMP_OFFSET_VMCOREINFO),
		.vmcoreinfo_size = field_load(reader, KDUMP_SIZE_VMCOREINFO),
		.note_offset = field_load(reader, KDUMP_OFFSET_NOTE),
		.note_size = field_load(reader, KDUMP_SIZE_NOTE),
	};
	load_uts_machine(reader, ret->uts_machine);
}

static struct vmc_error *check_blocks(const struct header_reader *reader,
				      const struct kdump_header *header)
{
	if (!field_load(reader, KDUMP_SUB_HDR_SIZE))
		return field_error(reader, KDUMP_SUB_HDR_SIZE, VMC_ERR_CORRUPT,
				   "the sub header needs a block");
	if (kdump_beyond_file(reader->file, 0, header->bitmap_offset))
		return field_error(reader, KDUMP_SUB_HDR_SIZE, VMC_ERR_TRUNCATED,
				   "so many blocks end at 0x%" PRIx64 ", the file at 0x%" PRIx64,
				   header->bitmap_offset, reader->file->size);
	if (!header->bitmap_size)
		return field_error(reader, KDUMP_BITMAP_BLOCKS, VMC_ERR_CORRUPT,
				   "no page is in the dump");
	if (kdump_beyond_file(reader->file, header->bitmap_offset, header->bitmap_size))
		return field_error(reader, KDUMP_BITMAP_BLOCKS, VMC_ERR_TRUNCATED,
				   "so many blocks end at 0x%" PRIx64 ", the file at 0x%" PRIx64,
				   header->bitmap_offset + header->bitmap_size, reader->file->size);
	return NULL;
}

static struct vmc_error *check_pfns(const struct header_reader *reader,
				    const struct kdump_header *header)
{
	if (!header->max_mapnr)
		return field_error(reader, KDUMP_MAX_MAPNR_64, VMC_ERR_CORRUPT,
				   "no page is in the dump");
	if (header->max_mapnr > KDUMP_PFN_MAX)
		return field_error(reader, KDUMP_MAX_MAPNR_64, VMC_ERR_LIMIT,
				   "more than 0x%" PRIx64 " pages", KDUMP_PFN_MAX);
	if (header->max_mapnr > header->bitmap_size * 8)
		return field_error(reader, KDUMP_MAX_MAPNR_64, VMC_ERR_CORRUPT,
				   "bitmap_blocks has room for 0x%" PRIx64 " pages",
				   header->bitmap_size * 8);
	if (!header->split)
		return NULL;
	if (header->end_pfn > header->max_mapnr)
		return field_error(reader, KDUMP_END_PFN_64, VMC_ERR_CORRUPT,
				   "max_mapnr_64 is only 0x%" PRIx64, header->max_mapnr);
	if (header->start_pfn > header->end_pfn)
		return field_error(reader, KDUMP_START_PFN_64, VMC_ERR_CORRUPT,
				   "end_pfn_64 is only 0x%" PRIx64, header->end_pfn);
	return NULL;
}

static struct vmc_error *check_parts(const struct header_reader *reader,
				     const struct kdump_header *header)
{
	if (header->note_size &&
	    kdump_beyond_file(reader->file, header->note_offset, header->note_size))
		return field_error(reader, KDUMP_OFFSET_NOTE, VMC_ERR_TRUNCATED,
				   "size_note of 0x%" PRIx64 " bytes goes beyond the file",
				   header->note_size);
	if (header->vmcoreinfo_size &&
	    kdump_beyond_file(reader->file, header->vmcoreinfo_offset, header->vmcoreinfo_size))
		return field_error(reader, KDUMP_OFFSET_VMCOREINFO, VMC_ERR_TRUNCATED,
				   "size_vmcoreinfo of 0x%" PRIx64 " bytes goes beyond the file",
				   header->vmcoreinfo_size);
	if (header->vmcoreinfo_size > UINT32_MAX)
		return field_error(reader, KDUMP_SIZE_VMCOREINFO, VMC_ERR_LIMIT, "that is no text");
	return NULL;
}

struct vmc_error *kdump_header_read(struct io_file *file, struct kdump_header *ret_header)
{
	struct header_reader reader = {.file = file};

	TRY(read_main_header(&reader));
	TRY(read_sub_header(&reader));
	load_fields(&reader, ret_header);
	TRY(check_blocks(&reader, ret_header));
	TRY(check_pfns(&reader, ret_header));
	return check_parts(&reader, ret_header);
}
