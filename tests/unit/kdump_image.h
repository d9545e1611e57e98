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

/* What a file is built from; zeroed fields are what makedumpfile would do. */
struct recipe {
	struct layout layout;
	uint32_t block_size;      /* 0: 4096 */
	uint64_t max_mapnr;       /* 0: PFN_COUNT */
	bool one_bitmap;
	bool no_notes;
	bool no_vmcoreinfo;
	uint32_t status;
	uint64_t start_pfn, end_pfn; /* of a split part, when end_pfn is not 0 */
	bool backwards;           /* data of later pages first */
	const struct page *pages; /* sorted; NULL: default_pages */
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
	static const char *const uts[] = {"Linux", "host", "6.1.0-test", "#1", "x86_64", "(none)"};
	size_t sub = image->block_size, end = sub + SUB_SIZE;
	uint8_t registers[336] = {1};

	put_bytes(image, 0, "KDUMP   ", 8);
	put_u32(image, MAIN_VERSION, 6);
	for (size_t i = 0; i < 6; i++)
		put_bytes(image, MAIN_UTSNAME + 65 * i, uts[i], strlen(uts[i]));
	put_u32(image, MAIN_STATUS, recipe->status);
	put_u32(image, MAIN_BLOCK_SIZE, image->block_size);
	put_u32(image, MAIN_SUB_HDR_SIZE, SUB_HDR_BLOCKS);
	put_u32(image, MAIN_BITMAP_BLOCKS, bitmap_blocks);
	put_u32(image, MAIN_MAX_MAPNR, (uint32_t)min_u64(max_mapnr, UINT32_MAX));

	put_u64(image, sub + SUB_PHYS_BASE, 0x4400000);
	put_u32(image, sub + SUB_DUMP_LEVEL, 31);
	put_u32(image, sub + SUB_SPLIT, recipe->end_pfn != 0);
	put_u64(image, sub + SUB_START_PFN, recipe->start_pfn);
	put_u64(image, sub + SUB_END_PFN, recipe->end_pfn);
	put_u64(image, sub + SUB_MAX_MAPNR, max_mapnr);
	if (!recipe->no_notes) {
		put_u64(image, sub + SUB_OFFSET_NOTE, end);
		end = put_note(image, end, "CORE", NT_PRSTATUS, registers, sizeof(registers));
		end = put_note(image, end, "CORE", NT_PRSTATUS, registers, sizeof(registers));
		if (!recipe->no_vmcoreinfo)
			end = put_note(image, end, "VMCOREINFO", 0, vmcoreinfo_text,
				       sizeof(vmcoreinfo_text) - 1);
		put_u64(image, sub + SUB_SIZE_NOTE, end - (sub + SUB_SIZE));
	}
	if (!recipe->no_vmcoreinfo) {
		put_bytes(image, end, vmcoreinfo_text, sizeof(vmcoreinfo_text) - 1);
		put_u64(image, sub + SUB_OFFSET_VMCOREINFO, end);
		put_u64(image, sub + SUB_SIZE_VMCOREINFO, sizeof(vmcoreinfo_text) - 1);
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
	_cleanup_free_ uint8_t *stored = malloc(image->block_size);
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
