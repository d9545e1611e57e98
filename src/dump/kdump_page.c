/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a page number to the content of the page: rank, descriptor, decompression. */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "codec/codec.h"
#include "dump/kdump.h"
#include "dump/kdump_checksum.h"

/*
 * Decompressed pages that a cursor remembers: a walk along the memory map goes back and forth
 * between a few pages.  They are known by the place of their data, so pages that share it are one.
 */
#define CACHE_BYTES     ((size_t)64 << 10)
#define CACHE_PAGES_MIN 4
#define CACHE_PAGES_MAX 16

/* Slot 0 is for the page whose data comes first in the file: where zero pages were left out, they
 * all share it, and fetching it anew would move the window of the file forth and back. */
#define SLOT_FIRST_DATA 0

/* Decoders of all formats, heap: zstd 94 KiB (1.5.4), zlib 39 KiB. */
#define DECODERS_MEMORY ((size_t)192 << 10)

/* Descriptors looked at together. */
#define TABLE_VIEW 256

_Static_assert(DUMP_PAGE_SIZE_MAX <= CODEC_INPUT_MAX, "codecs must take any page");

/* The formats in the order in which readers test the bits of the flags; no bit is a raw page. */
static const enum codec_format formats[] = {CODEC_ZLIB, CODEC_LZO, CODEC_SNAPPY, CODEC_ZSTD};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

struct slot {
	struct kdump_descriptor descriptor; /* offset 0: the slot is empty */
	uint64_t used;                      /* when last */
};

struct kdump_cursor {
	struct vmc_dump *dump;
	struct kdump_cursor **parts; /* of a set, where they were needed so far; without itself */
	struct io_window *data;
	struct io_window *table;

	/* The extent of the page before, and its rank: the next page is mostly in it too. */
	struct extent extent;
	uint64_t extent_rank;

	/* Descriptors [view_first, view_end), valid until the next look through the table window.
	 */
	const uint8_t *view;
	uint64_t view_first, view_end;

	void *decoders[FORMAT_COUNT];

	/* The block that pages of a compact memory map were last made of; many share it. */
	uint8_t *block; /* or NULL */
	struct kdump_descriptor block_descriptor;

	struct slot slots[1 + CACHE_PAGES_MAX];
	size_t slot_count;
	uint64_t now;
	uint8_t *pages; /* of the slots */
};

const struct extents *kdump_content(const struct kdump *kdump)
{
	return kdump->header.status & KDUMP_STATUS_INCOMPLETE ? &kdump->present : &kdump->stored;
}

struct kdump_descriptor kdump_descriptor_load(struct layout layout, const uint8_t *bytes)
{
	return (struct kdump_descriptor){
		.offset = load_u64(layout, bytes),
		.size = load_u32(layout, bytes + 8),
		.flags = load_u32(layout, bytes + 12),
		.page_flags = load_u64(layout, bytes + 16),
	};
}

bool kdump_descriptor_written(const struct kdump *kdump, const struct io_file *file, uint64_t rank,
			      const struct kdump_descriptor *descriptor)
{
	vmc_foff own = kdump->table_offset + rank * KDUMP_DESCRIPTOR_SIZE;

	/* Records of QEMU end anywhere: a descriptor without a size was cut there. */
	return descriptor->offset && descriptor->size &&
	       io_file_has(file, own, KDUMP_DESCRIPTOR_SIZE) &&
	       !kdump_beyond_file(file, descriptor->offset, descriptor->size) &&
	       io_file_has(file, descriptor->offset, descriptor->size);
}

static size_t cache_pages(uint32_t page_size)
{
	size_t pages = CACHE_BYTES / page_size;

	if (pages < CACHE_PAGES_MIN)
		return CACHE_PAGES_MIN;
	return pages > CACHE_PAGES_MAX ? CACHE_PAGES_MAX : pages;
}

struct vmc_error *kdump_cursor_create(struct vmc_dump *dump, void **ret_state)
{
	struct kdump_cursor *cursor = calloc(1, sizeof(*cursor));
	struct vmc_error *err;

	if (!cursor)
		return error_nomem();
	cursor->dump = dump;
	cursor->slot_count = 1 + cache_pages(dump->page_size);
	err = io_window_create(dump->file, !dump->no_mmap, &cursor->data);
	if (!err)
		err = io_window_create(dump->file, !dump->no_mmap, &cursor->table);
	if (!err) {
		cursor->pages = calloc(cursor->slot_count, dump->page_size);
		err = cursor->pages ? NULL : error_nomem();
	}
	if (err)
		kdump_cursor_destroy(cursor);
	else
		*ret_state = cursor;
	return err;
}

/* Of a set there is one for each part. */
size_t kdump_cursor_memory(const struct vmc_dump *dump)
{
	const struct kdump *kdump = dump->private;
	size_t parts = kdump->part_count ? kdump->part_count : 1;
	size_t one = sizeof(struct kdump_cursor) + sizeof(struct kdump_cursor *) +
		     io_window_memory(dump->page_size) +
		     io_window_memory((size_t)TABLE_VIEW * KDUMP_DESCRIPTOR_SIZE) +
		     (1 + cache_pages(dump->page_size)) * dump->page_size + DECODERS_MEMORY;

	return parts * one;
}

static size_t kdump_part_count(const struct kdump_cursor *cursor)
{
	return ((const struct kdump *)cursor->dump->private)->part_count;
}

/* NOLINTNEXTLINE(misc-no-recursion): parts of a set have no parts */
void kdump_cursor_destroy(void *state)
{
	struct kdump_cursor *cursor = state;

	if (!cursor)
		return;
	for (size_t i = 0; cursor->parts && i < kdump_part_count(cursor); i++)
		kdump_cursor_destroy(cursor->parts[i]);
	free(cursor->parts);
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (cursor->decoders[i])
			codec_for_format(formats[i])->decoder_destroy(cursor->decoders[i]);
	}
	io_window_destroy(cursor->data);
	io_window_destroy(cursor->table);
	free(cursor->block);
	free(cursor->pages);
	free(cursor);
}

static struct vmc_error *page_absent(const struct vmc_dump *dump, vmc_pfn pfn)
{
	const struct kdump *kdump = dump->private;
	const struct kdump_header *header = &kdump->header;
	const char *why = "this is no memory";

	if (extents_contain(&kdump->stored, pfn))
		why = "the writer of the dump stopped before this page";
	else if (header->split && (pfn < header->start_pfn || pfn >= header->end_pfn))
		why = "this page belongs to another part of the split dump";
	else if (extents_contain(&kdump->known, pfn))
		why = "this page was left out of the dump";
	return error_create_at(VMC_ERR_NODATA, ERROR_AT_PFN, pfn, "%s", why);
}

/* Gives the number of the page's descriptor. */
static struct vmc_error *find_rank(struct kdump_cursor *cursor, vmc_pfn pfn, uint64_t *ret_rank)
{
	const struct kdump *kdump = cursor->dump->private;
	struct extent extent;
	uint64_t rank;

	if (pfn - cursor->extent.start >= cursor->extent.count) {
		if (!extents_find(&kdump->stored, pfn, &extent, &rank) || extent.start > pfn)
			return page_absent(cursor->dump, pfn);
		cursor->extent = extent;
		cursor->extent_rank = rank;
	}
	*ret_rank = cursor->extent_rank + (pfn - cursor->extent.start);
	return NULL;
}

/* The table lies in the file whole: that was checked when it was opened. */
static struct vmc_error *descriptor_read(struct kdump_cursor *cursor, uint64_t rank,
					 struct kdump_descriptor *ret)
{
	const struct kdump *kdump = cursor->dump->private;

	if (rank < cursor->view_first || rank >= cursor->view_end) {
		uint64_t first = align_down(rank, TABLE_VIEW);
		uint64_t count = min_u64(extents_total(&kdump->stored) - first, TABLE_VIEW);
		const void *bytes;

		cursor->view_end = 0;
		TRY(io_window_get(cursor->table,
				  kdump->table_offset + first * KDUMP_DESCRIPTOR_SIZE,
				  (size_t)count * KDUMP_DESCRIPTOR_SIZE, &bytes));
		cursor->view = bytes;
		cursor->view_first = first;
		cursor->view_end = first + count;
	}
	*ret = kdump_descriptor_load(kdump->header.layout,
				     cursor->view +
					     (rank - cursor->view_first) * KDUMP_DESCRIPTOR_SIZE);

	struct vmc_error *err = io_window_check(cursor->table);

	if (err)
		cursor->view_end = 0;
	return err;
}

static struct vmc_error *descriptor_error(const struct kdump *kdump, uint64_t rank,
					  enum vmc_error_code code, const char *reason,
					  uint64_t value)
{
	return error_create_at(code, ERROR_AT_OFFSET,
			       kdump->table_offset + rank * KDUMP_DESCRIPTOR_SIZE,
			       "page descriptor %" PRIu64 ": %s 0x%" PRIx64, rank, reason, value);
}

struct vmc_error *kdump_descriptor_check(const struct vmc_dump *dump, uint64_t rank,
					 const struct kdump_descriptor *descriptor)
{
	const struct kdump *kdump = dump->private;
	uint32_t size = descriptor->size;

	if (!size || size > dump->page_size)
		return descriptor_error(kdump, rank, VMC_ERR_CORRUPT,
					"its size is not 1 to the size of a page, but", size);
	if (descriptor->offset < kdump->table_end)
		return descriptor_error(kdump, rank, VMC_ERR_CORRUPT,
					"its data cannot lie among headers, at",
					descriptor->offset);
	if (kdump_beyond_file(dump->file, descriptor->offset, size))
		return descriptor_error(kdump, rank, VMC_ERR_TRUNCATED,
					"its data goes beyond the end of the file, from",
					descriptor->offset);
	return NULL;
}

static struct vmc_error *decode(struct kdump_cursor *cursor, size_t format, const void *input,
				size_t input_size, uint8_t *page)
{
	const struct vmc_codec *codec = codec_for_format(formats[format]);

	if (!codec)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "compressed with %s, which is not built in",
				    codec_format_name(formats[format]));
	if (!cursor->decoders[format])
		TRY(codec->decoder_create(&cursor->decoders[format]));
	return codec->decode(cursor->decoders[format], input, input_size, page,
			     cursor->dump->page_size);
}

bool kdump_has_checksum(const struct kdump *kdump, const struct kdump_descriptor *descriptor)
{
	return kdump_checksum_is_there(descriptor->page_flags) ||
	       kdump_is_compact(kdump, descriptor);
}

/* The codecs find few errors; in LZO's format nearly any bytes mean something. */
static struct vmc_error *checksum_check(const struct kdump *kdump,
					const struct kdump_descriptor *descriptor,
					const void *input)
{
	uint64_t found, expected;

	if (!kdump_has_checksum(kdump, descriptor))
		return NULL;
	expected = found = kdump_checksum(input, descriptor->size, descriptor->flags);
	if (kdump_is_compact(kdump, descriptor))
		expected = map_form_page_flags(found, (uint32_t)descriptor->page_flags);
	if (expected == descriptor->page_flags)
		return NULL;
	return error_create(VMC_ERR_CORRUPT,
			    "damaged: its checksum is 0x%08" PRIx32 ", but should be 0x%08" PRIx32,
			    (uint32_t)found, (uint32_t)descriptor->page_flags);
}

static bool has_same_block(const struct kdump_descriptor *a, const struct kdump_descriptor *b)
{
	return a->offset == b->offset && a->size == b->size && a->flags == b->flags &&
	       a->page_flags >> 32 == b->page_flags >> 32;
}

static struct vmc_error *page_load_bytes(struct kdump_cursor *cursor,
					 const struct kdump_descriptor *descriptor,
					 const void *input, uint8_t *page)
{
	TRY(checksum_check(cursor->dump->private, descriptor, input));
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (descriptor->flags & (uint32_t)formats[i])
			return decode(cursor, i, input, descriptor->size, page);
	}
	if (descriptor->size != cursor->dump->page_size)
		return error_create(VMC_ERR_CORRUPT, "raw, but not of the size of a page");
	memcpy(page, input, descriptor->size);
	return NULL;
}

static struct vmc_error *page_load_data(struct kdump_cursor *cursor,
					const struct kdump_descriptor *descriptor, uint8_t *page)
{
	const void *input;

	TRY(io_window_get(cursor->data, descriptor->offset, descriptor->size, &input));

	struct vmc_error *err = page_load_bytes(cursor, descriptor, input, page);
	/* Where the file ended under us, whatever was made of the zeros there does not count. */
	struct vmc_error *lost = io_window_check(cursor->data);

	if (!lost)
		return err;
	vmc_error_free(err);
	return lost;
}

/* A page of a compact memory map, as the kernel had it. */
static struct vmc_error *page_load_compact(struct kdump_cursor *cursor,
					   const struct kdump_descriptor *descriptor, uint8_t *page)
{
	const struct map_form *form = &((const struct kdump *)cursor->dump->private)->form;
	uint32_t number = (uint32_t)descriptor->page_flags;

	if (!cursor->block) {
		cursor->block = malloc(form->page_size);
		if (!cursor->block)
			return error_nomem();
	}
	if (!has_same_block(&cursor->block_descriptor, descriptor)) {
		cursor->block_descriptor.offset = 0;
		TRY(page_load_data(cursor, descriptor, cursor->block));
		cursor->block_descriptor = *descriptor;
	}
	memcpy(page, cursor->block, form->page_size);
	if (!map_form_restore(form, map_form_address(form, number), page))
		return error_create(VMC_ERR_CORRUPT, "no block of a compact memory map");
	return NULL;
}

static struct vmc_error *page_load(struct kdump_cursor *cursor,
				   const struct kdump_descriptor *descriptor, uint8_t *page)
{
	return kdump_is_compact(cursor->dump->private, descriptor)
		       ? page_load_compact(cursor, descriptor, page)
		       : page_load_data(cursor, descriptor, page);
}

static bool same_data(const struct kdump_descriptor *a, const struct kdump_descriptor *b)
{
	return a->offset == b->offset && a->size == b->size && a->flags == b->flags &&
	       a->page_flags == b->page_flags;
}

/* The slot that has the page, or else the one to put it in. */
static size_t slot_find(const struct kdump_cursor *cursor,
			const struct kdump_descriptor *descriptor)
{
	const struct kdump *kdump = cursor->dump->private;
	size_t oldest = SLOT_FIRST_DATA + 1;

	if (descriptor->offset == kdump->table_end)
		return SLOT_FIRST_DATA;
	for (size_t i = SLOT_FIRST_DATA + 1; i < cursor->slot_count; i++) {
		if (same_data(&cursor->slots[i].descriptor, descriptor))
			return i;
		if (cursor->slots[i].used < cursor->slots[oldest].used)
			oldest = i;
	}
	return oldest;
}

static struct vmc_error *page_get(struct kdump_cursor *cursor,
				  const struct kdump_descriptor *descriptor,
				  const uint8_t **ret_page)
{
	size_t index = slot_find(cursor, descriptor);
	struct slot *slot = &cursor->slots[index];
	uint8_t *page = cursor->pages + index * cursor->dump->page_size;

	if (!same_data(&slot->descriptor, descriptor)) {
		slot->descriptor.offset = 0;
		TRY(error_context(page_load(cursor, descriptor, page),
				  "data of %" PRIu32 " bytes at offset 0x%" PRIx64,
				  descriptor->size, descriptor->offset));
		slot->descriptor = *descriptor;
	}
	slot->used = ++cursor->now;
	*ret_page = page;
	return NULL;
}

/* The descriptor of a page, checked. */
static struct vmc_error *descriptor_find(struct kdump_cursor *cursor, vmc_pfn pfn,
					 struct kdump_descriptor *ret)
{
	const struct vmc_dump *dump = cursor->dump;
	const struct kdump *kdump = dump->private;
	uint64_t rank = 0;

	TRY(find_rank(cursor, pfn, &rank));
	TRY(descriptor_read(cursor, rank, ret));
	if (kdump->header.status & KDUMP_STATUS_INCOMPLETE &&
	    !kdump_descriptor_written(kdump, dump->file, rank, ret))
		return page_absent(dump, pfn);
	return error_context(kdump_descriptor_check(dump, rank, ret), "page 0x%" PRIx64, pfn);
}

static struct vmc_error *page_find(struct kdump_cursor *cursor, vmc_pfn pfn,
				   const uint8_t **ret_page)
{
	struct kdump_descriptor descriptor;

	TRY(descriptor_find(cursor, pfn, &descriptor));
	return error_context(page_get(cursor, &descriptor, ret_page), "page 0x%" PRIx64, pfn);
}

/* The cursor of the part that has the page. */
static struct vmc_error *part_cursor(struct kdump_cursor *cursor, vmc_pfn pfn,
				     struct kdump_cursor **ret_cursor)
{
	const struct kdump *kdump = cursor->dump->private;
	size_t part = kdump_set_find(kdump, pfn);
	void *state = NULL;

	*ret_cursor = cursor;
	if (!part)
		return NULL;
	if (!cursor->parts)
		cursor->parts = calloc(kdump->part_count, sizeof(struct kdump_cursor *));
	if (!cursor->parts)
		return error_nomem();
	if (!cursor->parts[part])
		TRY(kdump_cursor_create(kdump->parts[part], &state));
	if (state)
		cursor->parts[part] = state;
	*ret_cursor = cursor->parts[part];
	return NULL;
}

struct vmc_error *kdump_get(struct vmc_dump *dump, void *state, vmc_paddr address, size_t size,
			    const void **ret_bytes, size_t *ret_size)
{
	size_t inside = (size_t)(address & (dump->page_size - 1));
	vmc_pfn pfn = address >> dump->page_shift;
	struct kdump_cursor *cursor = state;
	const uint8_t *page = NULL;

	TRY(part_cursor(cursor, pfn, &cursor));
	TRY(page_find(cursor, pfn, &page));
	*ret_bytes = page + inside;
	*ret_size = (size_t)min_u64(size, dump->page_size - inside);
	return NULL;
}

static struct vmc_error *stored_load(struct kdump_cursor *cursor,
				     const struct kdump_descriptor *descriptor, void *buffer)
{
	const void *input;

	TRY(io_window_get(cursor->data, descriptor->offset, descriptor->size, &input));
	memcpy(buffer, input, descriptor->size);
	TRY(io_window_check(cursor->data));
	return error_context(checksum_check(cursor->dump->private, descriptor, buffer),
			     "data of %" PRIu32 " bytes at offset 0x%" PRIx64, descriptor->size,
			     descriptor->offset);
}

struct vmc_error *kdump_get_stored(struct vmc_dump *dump, void *state, vmc_pfn pfn, void *buffer,
				   struct dump_stored *ret)
{
	struct kdump_cursor *cursor = state;
	struct kdump_descriptor descriptor = {0};
	bool known = false;

	TRY(part_cursor(cursor, pfn, &cursor));
	TRY(descriptor_find(cursor, pfn, &descriptor));
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		known |= descriptor.flags == (uint32_t)formats[i];
	if (!descriptor.flags)
		known = descriptor.size == dump->page_size;
	/* Its block is not the page. */
	known &= !kdump_is_compact(cursor->dump->private, &descriptor);
	*ret = (struct dump_stored){.size = known ? descriptor.size : 0};
	if (!known)
		return NULL;
	ret->format = descriptor.flags;
	ret->checked = kdump_checksum_is_there(descriptor.page_flags);
	return error_context(stored_load(cursor, &descriptor, buffer), "page 0x%" PRIx64, pfn);
}
