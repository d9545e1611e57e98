/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kdump-compressed files built in memory from a recipe, by the description of the format alone. */
#ifndef VMCULL_TESTS_KDUMP_IMAGE_H
#define VMCULL_TESTS_KDUMP_IMAGE_H

/* cmocka.h goes before this file. */

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "scratch_file.h"

#include "base/checked.h"
#include "codec/codec.h"
#include "dump/kdump.h"

static const struct layout little = {.big_endian = false, .word_size = 8};
static const struct layout big = {.big_endian = true, .word_size = 8};

static const char vmcoreinfo_text[] = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\n";

/* How one stored page is stored. */
struct page {
	vmc_pfn pfn;
	uint32_t flags; /* its format is the first bit in the order of readers */
	bool zero;      /* filled with zeros; else scratch_byte() of its address */
};

/* Which kind of program writes it. */
enum image_abi {
	ABI_64,
	ABI_PACKED, /* 32 bits, 64-bit numbers aligned to 4 bytes: i386 */
	ABI_PADDED, /* to 8 bytes: arm and others */
	ABI_TIME64, /* the same with a time_t of 64 bits */
	ABI_COUNT
};

/* What a file is built from; zeroed fields are what makedumpfile would do. */
struct recipe {
	struct layout layout; /* the byte order counts, not the word size */
	enum image_abi abi;
	uint32_t older;      /* versions before 6 */
	const char *machine; /* NULL: x86_64, i686, armv7l */
	bool no_names;       /* no string but that, as QEMU does */
	uint32_t phys_base;  /* 0: 0x4400000 */
	vmc_pfn first_pfn;   /* of the first bit; pfns below count from there */
	uint32_t block_size; /* 0: 4096 */
	uint64_t max_mapnr;  /* 0: PFN_COUNT */
	bool one_bitmap;
	bool no_notes;
	bool no_vmcoreinfo;
	uint32_t status;
	uint64_t start_pfn, end_pfn; /* of a split part, when end_pfn is not 0 */
	bool backwards;              /* data of later pages first */
	const struct page *pages;    /* sorted; NULL: default_pages */
	size_t page_count;
};

#define PFN_COUNT 200

/* Memory is [0, 60) and [64, 150); of these are stored: */
static const struct page default_pages[] = {
	{.pfn = 1, .flags = CODEC_RAW, .zero = true},
	{.pfn = 2, .flags = CODEC_ZLIB},
	{.pfn = 3, .flags = CODEC_RAW},
	{.pfn = 59, .flags = CODEC_LZO},
	{.pfn = 64, .flags = CODEC_ZSTD},
	{.pfn = 65, .flags = CODEC_RAW, .zero = true},
	{.pfn = 127, .flags = CODEC_ZLIB},
	{.pfn = 128, .flags = CODEC_ZLIB | 0x80},
	{.pfn = 149, .flags = CODEC_LZO | CODEC_ZSTD},
};

#define DEFAULT_COUNT (sizeof(default_pages) / sizeof(default_pages[0]))

static inline bool is_known(vmc_pfn pfn)
{
	return pfn < 60 || (pfn >= 64 && pfn < 150);
}

/* A file in memory, with the places that tests damage. */
struct image {
	uint8_t *bytes;
	size_t size, capacity;
	struct layout layout;
	uint32_t block_size;
	enum image_abi abi;
	uint32_t version;
	vmc_foff bitmaps, table, data;
};

#define SUB_HDR_BLOCKS 1

/* Offsets of fields: the main header's, and the sub header's. */
enum {
	MAIN_VERSION = 8,
	MAIN_UTSNAME = 12,
	MAIN_STATUS = 424,
	MAIN_BLOCK_SIZE = 428,
	MAIN_SUB_HDR_SIZE = 432,
	MAIN_BITMAP_BLOCKS = 436,
	MAIN_MAX_MAPNR = 440,
	SUB_PHYS_BASE = 0,
	SUB_DUMP_LEVEL = 8,
	SUB_SPLIT = 12,
	SUB_OFFSET_VMCOREINFO = 32,
	SUB_SIZE_VMCOREINFO = 40,
	SUB_OFFSET_NOTE = 48,
	SUB_SIZE_NOTE = 56,
	SUB_START_PFN = 80,
	SUB_END_PFN = 88,
	SUB_MAX_MAPNR = 96,
	SUB_SIZE = 104,
};

/* The same for every kind of program: offset in its header and size. */
enum image_field {
	FIELD_STATUS,
	FIELD_BLOCK_SIZE,
	FIELD_SUB_HDR_SIZE,
	FIELD_BITMAP_BLOCKS,
	FIELD_MAX_MAPNR,
	FIELD_NR_CPUS,
	FIELD_PHYS_BASE, /* from here on of the sub header */
	FIELD_DUMP_LEVEL,
	FIELD_SPLIT,
	FIELD_START_PFN,
	FIELD_END_PFN,
	FIELD_OFFSET_VMCOREINFO,
	FIELD_SIZE_VMCOREINFO,
	FIELD_OFFSET_NOTE,
	FIELD_SIZE_NOTE,
	FIELD_START_PFN_64,
	FIELD_END_PFN_64,
	FIELD_MAX_MAPNR_64,
	FIELD_COUNT
};

static const struct {
	uint16_t offset[ABI_COUNT];
	uint8_t size[2]; /* of 64- and 32-bit programs */
	uint8_t since;   /* header_version */
} image_fields[FIELD_COUNT] = {
	[FIELD_STATUS] = {{424, 412, 412, 424}, {4, 4}, 0},
	[FIELD_BLOCK_SIZE] = {{428, 416, 416, 428}, {4, 4}, 0},
	[FIELD_SUB_HDR_SIZE] = {{432, 420, 420, 432}, {4, 4}, 0},
	[FIELD_BITMAP_BLOCKS] = {{436, 424, 424, 436}, {4, 4}, 0},
	[FIELD_MAX_MAPNR] = {{440, 428, 428, 440}, {4, 4}, 0},
	[FIELD_NR_CPUS] = {{460, 448, 448, 460}, {4, 4}, 0},
	[FIELD_PHYS_BASE] = {{0, 0, 0, 0}, {8, 4}, 0},
	[FIELD_DUMP_LEVEL] = {{8, 4, 4, 4}, {4, 4}, 1},
	[FIELD_SPLIT] = {{12, 8, 8, 8}, {4, 4}, 2},
	[FIELD_START_PFN] = {{16, 12, 12, 12}, {8, 4}, 2},
	[FIELD_END_PFN] = {{24, 16, 16, 16}, {8, 4}, 2},
	[FIELD_OFFSET_VMCOREINFO] = {{32, 20, 24, 24}, {8, 8}, 3},
	[FIELD_SIZE_VMCOREINFO] = {{40, 28, 32, 32}, {8, 4}, 3},
	[FIELD_OFFSET_NOTE] = {{48, 32, 40, 40}, {8, 8}, 4},
	[FIELD_SIZE_NOTE] = {{56, 40, 48, 48}, {8, 4}, 4},
	[FIELD_START_PFN_64] = {{80, 56, 72, 72}, {8, 8}, 6},
	[FIELD_END_PFN_64] = {{88, 64, 80, 80}, {8, 8}, 6},
	[FIELD_MAX_MAPNR_64] = {{96, 72, 88, 88}, {8, 8}, 6},
};

/* Of the sub header, by header_version. */
static const uint16_t image_sub_sizes[7][ABI_COUNT] = {
	{8, 4, 4, 4},     {16, 8, 8, 8},    {32, 20, 20, 20},  {48, 32, 40, 40},
	{64, 44, 56, 56}, {80, 56, 72, 72}, {104, 80, 96, 96},
};

static inline void image_grow(struct image *image, size_t size)
{
	if (size > image->capacity) {
		image->bytes = realloc(image->bytes, 2 * size);
		assert_non_null(image->bytes);
		memset(image->bytes + image->capacity, 0, 2 * size - image->capacity);
		image->capacity = 2 * size;
	}
	if (size > image->size)
		image->size = size;
}

static inline void put_u32(struct image *image, size_t offset, uint32_t value)
{
	image_grow(image, offset + 4);
	store_u32(image->layout, image->bytes + offset, value);
}

static inline void put_u64(struct image *image, size_t offset, uint64_t value)
{
	image_grow(image, offset + 8);
	store_u64(image->layout, image->bytes + offset, value);
}

static inline void put_bytes(struct image *image, size_t offset, const void *bytes, size_t size)
{
	image_grow(image, offset + size);
	memcpy(image->bytes + offset, bytes, size);
}

static inline void set_bit(struct image *image, vmc_foff bitmap, vmc_pfn pfn)
{
	image->bytes[bitmap + pfn / 8] |= (uint8_t)(1 << pfn % 8);
}

static inline size_t field_offset(const struct image *image, enum image_field field)
{
	return image_fields[field].offset[image->abi] +
	       (field >= FIELD_PHYS_BASE ? image->block_size : 0);
}

/* Fields that the version has not are what the block happens to hold: notes, mostly. */
static inline void put_field(struct image *image, enum image_field field, uint64_t value)
{
	if (image_fields[field].since > image->version)
		return;
	if (image_fields[field].size[image->abi != ABI_64] == 8)
		put_u64(image, field_offset(image, field), value);
	else
		put_u32(image, field_offset(image, field), (uint32_t)value);
}

static inline uint64_t get_field(const struct image *image, enum image_field field)
{
	const uint8_t *bytes = image->bytes + field_offset(image, field);

	return image_fields[field].size[image->abi != ABI_64] == 8 ? load_u64(image->layout, bytes)
								   : load_u32(image->layout, bytes);
}

/* Returns the end. */
static inline size_t put_note(struct image *image, size_t offset, const char *name, uint32_t type,
			      const void *bytes, uint32_t size)
{
	put_u32(image, offset, (uint32_t)strlen(name) + 1);
	put_u32(image, offset + 4, size);
	put_u32(image, offset + 8, type);
	put_bytes(image, offset + 12, name, strlen(name) + 1);
	offset += 12 + (strlen(name) + 1 + 3) / 4 * 4;
	put_bytes(image, offset, bytes, size);
	return offset + (size + 3) / 4 * 4;
}

static inline void build_headers(struct image *image, const struct recipe *recipe,
				 uint64_t max_mapnr, uint32_t bitmap_blocks)
{
	static const char *const machines[ABI_COUNT] = {"x86_64", "i686", "armv7l", "armv7l"};
	const char *machine = recipe->machine ? recipe->machine : machines[recipe->abi];
	const char *const uts[] = {"Linux", "host", "6.1.0-test", "#1", machine, "(none)"};
	size_t end = image->block_size + image_sub_sizes[image->version][image->abi], notes = end;
	uint8_t registers[336] = {1};

	put_bytes(image, 0, "KDUMP   ", 8);
	put_u32(image, MAIN_VERSION, image->version);
	for (size_t i = 0; i < 6; i++) {
		if (i == 4 || !recipe->no_names)
			put_bytes(image, MAIN_UTSNAME + 65 * i, uts[i], strlen(uts[i]));
	}
	put_field(image, FIELD_STATUS, recipe->status);
	put_field(image, FIELD_BLOCK_SIZE, image->block_size);
	put_field(image, FIELD_SUB_HDR_SIZE, SUB_HDR_BLOCKS);
	put_field(image, FIELD_BITMAP_BLOCKS, bitmap_blocks);
	put_field(image, FIELD_MAX_MAPNR, min_u64(max_mapnr, UINT32_MAX));
	put_field(image, FIELD_NR_CPUS, 2);

	put_field(image, FIELD_PHYS_BASE, recipe->phys_base ? recipe->phys_base : 0x4400000);
	put_field(image, FIELD_DUMP_LEVEL, 31);
	put_field(image, FIELD_SPLIT, recipe->end_pfn != 0);
	put_field(image, FIELD_START_PFN, min_u64(recipe->start_pfn, UINT32_MAX));
	put_field(image, FIELD_END_PFN, min_u64(recipe->end_pfn, UINT32_MAX));
	put_field(image, FIELD_START_PFN_64, recipe->start_pfn);
	put_field(image, FIELD_END_PFN_64, recipe->end_pfn);
	put_field(image, FIELD_MAX_MAPNR_64, max_mapnr);
	if (!recipe->no_notes && image->version >= 4) {
		put_field(image, FIELD_OFFSET_NOTE, end);
		end = put_note(image, end, "CORE", NT_PRSTATUS, registers, sizeof(registers));
		end = put_note(image, end, "CORE", NT_PRSTATUS, registers, sizeof(registers));
		if (!recipe->no_vmcoreinfo)
			end = put_note(image, end, "VMCOREINFO", 0, vmcoreinfo_text,
				       sizeof(vmcoreinfo_text) - 1);
		put_field(image, FIELD_SIZE_NOTE, end - notes);
	}
	if (!recipe->no_vmcoreinfo && image->version >= 3) {
		put_bytes(image, end, vmcoreinfo_text, sizeof(vmcoreinfo_text) - 1);
		put_field(image, FIELD_OFFSET_VMCOREINFO, end);
		put_field(image, FIELD_SIZE_VMCOREINFO, sizeof(vmcoreinfo_text) - 1);
		end += sizeof(vmcoreinfo_text) - 1;
	}
	assert_true(end <= (size_t)(1 + SUB_HDR_BLOCKS) * image->block_size);
}

/* The content that a page is given; half of it compresses. */
static inline void page_fill(const struct page *page, uint32_t block_size, uint8_t *bytes)
{
	memset(bytes, 0, block_size);
	if (!page->zero)
		scratch_fill(bytes, page->pfn * block_size, block_size / 2);
}

static inline enum codec_format flags_format(uint32_t flags)
{
	static const enum codec_format order[] = {CODEC_ZLIB, CODEC_LZO, CODEC_SNAPPY, CODEC_ZSTD};

	for (size_t i = 0; i < 4; i++) {
		if (flags & (uint32_t)order[i])
			return order[i];
	}
	return CODEC_RAW;
}

static inline size_t page_encode(const struct page *page, uint32_t block_size, uint8_t *stored)
{
	const struct vmc_codec *codec = codec_for_format(flags_format(page->flags));
	_cleanup_free_ uint8_t *bytes = malloc(block_size);
	void *encoder;

	assert_non_null(codec);
	page_fill(page, block_size, bytes);
	assert_null(codec->encoder_create(codec->level_default, &encoder));
	size_t size = codec->encode(encoder, bytes, block_size, stored, block_size);
	codec->encoder_destroy(encoder);
	assert_true(size > 0);
	return size;
}

static inline void put_descriptor(struct image *image, size_t index, uint64_t offset, uint32_t size,
				  uint32_t flags)
{
	size_t where = image->table + index * KDUMP_DESCRIPTOR_SIZE;

	put_u64(image, where, offset);
	put_u32(image, where + 8, size);
	put_u32(image, where + 12, flags);
	put_u64(image, where + 16, 0xabababababababab); /* page_flags: nobody reads them */
}

/* Zero pages share the one that comes first in the data. */
static inline void build_pages(struct image *image, const struct recipe *recipe,
			       const struct page *pages, size_t count)
{
	_cleanup_free_ uint8_t *stored = malloc(CODEC_BOUND(image->block_size));
	vmc_foff end = image->data + image->block_size;

	image_grow(image, end);
	for (size_t n = 0; n < count; n++) {
		size_t index = recipe->backwards ? count - 1 - n : n;
		const struct page *page = &pages[index];

		if (page->zero) {
			put_descriptor(image, index, image->data, image->block_size, page->flags);
			continue;
		}
		size_t size = page_encode(page, image->block_size, stored);

		put_descriptor(image, index, end, (uint32_t)size, page->flags);
		put_bytes(image, end, stored, size);
		end += size;
	}
}

static inline struct image image_build(const struct recipe *recipe)
{
	struct image image = {
		.layout = recipe->layout,
		.block_size = recipe->block_size ? recipe->block_size : 4096,
		.abi = recipe->abi,
		.version = 6 - recipe->older,
	};
	const struct page *pages = recipe->pages ? recipe->pages : default_pages;
	size_t count = recipe->pages ? recipe->page_count : DEFAULT_COUNT;
	uint64_t max_mapnr = recipe->max_mapnr ? recipe->max_mapnr : PFN_COUNT;
	uint64_t half = (max_mapnr + 8 * image.block_size - 1) / (8 * image.block_size);
	uint32_t bitmap_blocks = (uint32_t)(recipe->one_bitmap ? half : 2 * half);

	if (!image.layout.word_size)
		image.layout = little;
	build_headers(&image, recipe, max_mapnr, bitmap_blocks);
	image.bitmaps = (vmc_foff)(1 + SUB_HDR_BLOCKS) * image.block_size;
	image.table = image.bitmaps + (vmc_foff)bitmap_blocks * image.block_size;
	image.data = image.table + count * KDUMP_DESCRIPTOR_SIZE;
	image_grow(&image, image.data);

	vmc_foff second = image.bitmaps + (recipe->one_bitmap ? 0 : half * image.block_size);

	for (vmc_pfn pfn = 0; pfn < PFN_COUNT && !recipe->one_bitmap && !recipe->pages; pfn++) {
		if (is_known(pfn))
			set_bit(&image, image.bitmaps, pfn);
	}
	for (size_t i = 0; i < count; i++)
		set_bit(&image, second, pages[i].pfn);
	build_pages(&image, recipe, pages, count);
	return image;
}

static inline void image_destroy(struct image *image)
{
	free(image->bytes);
}

#endif
