/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/bitmap.h"

#include <string.h>

#include "base/checked.h"

void bitmap_writer_init(struct bitmap_writer *bitmap, struct io_file *file, vmc_foff offset,
			uint64_t size, bool sparse)
{
	bitmap->file = file;
	bitmap->offset = offset;
	bitmap->size = size;
	bitmap->sparse = sparse;
	bitmap->base = 0;
	bitmap->dirty = false;
	memset(bitmap->buffer, 0, sizeof(bitmap->buffer));
}

static struct vmc_error *flush(struct bitmap_writer *bitmap)
{
	size_t n = min_u64(sizeof(bitmap->buffer), bitmap->size - bitmap->base);

	if (bitmap->dirty || !bitmap->sparse)
		TRY(io_file_write(bitmap->file, bitmap->offset + bitmap->base, bitmap->buffer, n));
	if (bitmap->dirty)
		memset(bitmap->buffer, 0, sizeof(bitmap->buffer));
	bitmap->dirty = false;
	return NULL;
}

/* Moves the buffer on to where byte @byte of the bitmap is. */
static struct vmc_error *move_to(struct bitmap_writer *bitmap, uint64_t byte)
{
	while (byte - bitmap->base >= sizeof(bitmap->buffer)) {
		TRY(flush(bitmap));
		/* Where zeros are in the file already, a hole costs nothing. */
		if (bitmap->sparse)
			bitmap->base = byte - byte % sizeof(bitmap->buffer);
		else
			bitmap->base += sizeof(bitmap->buffer);
	}
	return NULL;
}

/* Bit n of a page is bit n % 8 of byte n / 8, in files of every byte order. */
static void set_bits(uint8_t *bytes, uint64_t start, uint64_t count)
{
	for (; count && start % 8; start++, count--)
		bytes[start / 8] |= (uint8_t)(1u << (start % 8));
	memset(bytes + start / 8, 0xff, count / 8);
	for (start += count - count % 8, count %= 8; count; start++, count--)
		bytes[start / 8] |= (uint8_t)(1u << (start % 8));
}

struct vmc_error *bitmap_writer_set(struct bitmap_writer *bitmap, uint64_t start, uint64_t count)
{
	while (count) {
		TRY(move_to(bitmap, start / 8));

		uint64_t first = start - bitmap->base * 8;
		uint64_t n = min_u64(count, sizeof(bitmap->buffer) * 8 - first);

		set_bits(bitmap->buffer, first, n);
		bitmap->dirty = true;
		start += n;
		count -= n;
	}
	return NULL;
}

struct vmc_error *bitmap_writer_finish(struct bitmap_writer *bitmap)
{
	if (bitmap->sparse)
		return flush(bitmap);
	while (bitmap->base < bitmap->size) {
		TRY(flush(bitmap));
		bitmap->base += sizeof(bitmap->buffer);
	}
	return NULL;
}
