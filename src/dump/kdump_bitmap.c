/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bitmaps of a kdump-compressed file, as extents of pages. */
#include "base/checked.h"
#include "dump/kdump.h"

#define BITMAP_CHUNK ((size_t)64 << 10)
#define TABLE_CHUNK  2048 /* descriptors: 48 KiB */

struct vmc_error *kdump_extents_check(const struct extents *pages)
{
	if (extents_memory(pages) > KDUMP_EXTENTS_MEMORY_MAX)
		return error_create(
			VMC_ERR_LIMIT,
			"the pages lie in more than %llu pieces, which would take over %zu MiB",
			(unsigned long long)extents_count(pages), KDUMP_EXTENTS_MEMORY_MAX >> 20);
	return NULL;
}

/* Adds the runs of set bits; the lowest is page @base. */
static struct vmc_error *add_word(struct extents *pages, vmc_pfn base, uint64_t bits)
{
	if (bits == UINT64_MAX)
		return extents_append(pages, base, 64);
	while (bits) {
		unsigned int start = (unsigned int)__builtin_ctzll(bits);
		unsigned int count = (unsigned int)__builtin_ctzll(~(bits >> start));

		TRY(extents_append(pages, base + start, count));
		bits &= start + count < 64 ? UINT64_MAX << (start + count) : 0;
	}
	return NULL;
}

static uint64_t bits_below(uint64_t n)
{
	return n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}

/* Adds what @bytes have of bits [start, end) of a bitmap; they begin with bit @base.  The lowest
 * bit of each byte comes first on machines of either byte order. */
static struct vmc_error *add_chunk(struct extents *pages, const uint8_t *bytes, vmc_pfn first,
				   uint64_t base, uint64_t start, uint64_t end)
{
	const struct layout bit_order = {.big_endian = false, .word_size = 8};

	for (; base < end; base += 64, bytes += 8) {
		uint64_t bits = load_u64(bit_order, bytes) & bits_below(end - base);

		if (base < start)
			bits &= ~bits_below(start - base);
		if (bits)
			TRY(add_word(pages, first + base, bits));
	}
	return NULL;
}

struct vmc_error *kdump_bitmap_read(struct io_file *file, vmc_foff offset, vmc_pfn first,
				    vmc_pfn start, vmc_pfn end, struct extents *pages)
{
	_cleanup_free_ uint8_t *chunk = malloc(BITMAP_CHUNK);
	const uint64_t chunk_pages = BITMAP_CHUNK * 8;

	if (!chunk)
		return error_nomem();
	/* A bitmap has whole blocks, so whole words, whatever the number of the last page. */
	start -= first;
	end -= first;
	for (uint64_t base = align_down(start, 64); base < end; base += chunk_pages) {
		/* Holes between memory are holes of the file, and may be large. */
		vmc_foff data = io_file_next_data(file, offset + base / 8, offset + (end + 7) / 8);

		base = align_down((data - offset) * 8, 64);
		if (base >= end)
			break;

		uint64_t count = min_u64(end - base, chunk_pages);
		size_t size = (size_t)((count + 63) / 64 * 8);

		TRY(io_file_read(file, offset + base / 8, chunk, size));
		TRY(add_chunk(pages, chunk, first, base, start, base + count));
		TRY(kdump_extents_check(pages));
	}
	return NULL;
}

/* Descriptors one after the other, read in chunks. */
struct table_reader {
	const struct kdump *kdump;
	struct io_file *file;
	uint8_t *chunk;
	uint64_t next;         /* descriptor */
	uint64_t first, until; /* descriptors in the chunk */
};

static struct vmc_error *table_fill(struct table_reader *table)
{
	const struct kdump *kdump = table->kdump;
	uint64_t count = min_u64(extents_total(&kdump->stored) - table->next, TABLE_CHUNK);

	table->first = table->next;
	table->until = table->next + count;
	return io_file_read(table->file, kdump->table_offset + table->first * KDUMP_DESCRIPTOR_SIZE,
			    table->chunk, (size_t)count * KDUMP_DESCRIPTOR_SIZE);
}

static struct vmc_error *add_present(struct kdump *kdump, struct table_reader *table,
				     struct extent extent)
{
	for (uint64_t i = 0; i < extent.count; i++, table->next++) {
		if (table->next == table->until) {
			TRY(kdump_extents_check(&kdump->present));
			TRY(table_fill(table));
		}

		size_t index = (size_t)(table->next - table->first);
		struct kdump_descriptor descriptor = kdump_descriptor_load(
			kdump->header.layout, table->chunk + index * KDUMP_DESCRIPTOR_SIZE);

		if (kdump_descriptor_written(kdump, table->file, table->next, &descriptor))
			TRY(extents_append(&kdump->present, extent.start + i, 1));
	}
	return NULL;
}

struct vmc_error *kdump_find_present(struct kdump *kdump, struct io_file *file)
{
	_cleanup_free_ uint8_t *chunk = malloc((size_t)TABLE_CHUNK * KDUMP_DESCRIPTOR_SIZE);
	struct table_reader table = {.kdump = kdump, .file = file, .chunk = chunk};
	struct extents_iter iter;
	struct extent extent;

	if (!chunk)
		return error_nomem();
	extents_iter_init(&iter, &kdump->stored, 0);
	while (extents_iter_next(&iter, &extent))
		TRY(add_present(kdump, &table, extent));
	return kdump_extents_check(&kdump->present);
}
