/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/bitmap.h"

#include <string.h>

#include "base/checked.h"

void bitmap_writer_init(struct bitmap_writer *bitmap, struct output *output, vmc_foff offset,
			uint64_t size)
{
	bitmap->output = output;
	bitmap->offset = offset;
	bitmap->size = size;
	bitmap->base = 0;
	bitmap->done = 0;
	bitmap->touched = false;
	memset(bitmap->buffer, 0, sizeof(bitmap->buffer));
}

struct vmc_error *bitmap_writer_finish(struct bitmap_writer *bitmap)
{
	size_t n = min_u64(sizeof(bitmap->buffer), bitmap->size - bitmap->base);

	if (bitmap->touched)
		TRY(output_write(bitmap->output, bitmap->offset + bitmap->base + bitmap->done,
				 bitmap->buffer + bitmap->done, n - bitmap->done));
	if (bitmap->touched || bitmap->done)
		memset(bitmap->buffer, 0, sizeof(bitmap->buffer));
	bitmap->done = 0;
	bitmap->touched = false;
	return NULL;
}

/* Moves the buffer on to where byte @byte of the bitmap is. */
static struct vmc_error *move_to(struct bitmap_writer *bitmap, uint64_t byte)
{
	if (byte - bitmap->base < sizeof(bitmap->buffer))
		return NULL;
	TRY(bitmap_writer_finish(bitmap));
	bitmap->base = byte - byte % sizeof(bitmap->buffer);
	return NULL;
}

struct vmc_error *bitmap_writer_flush(struct bitmap_writer *bitmap, uint64_t start)
{
	size_t end;

	TRY(move_to(bitmap, start / 8));
	end = (size_t)(start / 8 - bitmap->base);
	if (!bitmap->touched || end <= bitmap->done)
		return NULL;
	TRY(output_write(bitmap->output, bitmap->offset + bitmap->base + bitmap->done,
			 bitmap->buffer + bitmap->done, end - bitmap->done));
	bitmap->done = end;
	bitmap->touched = bitmap->buffer[end];
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

struct vmc_error *bitmap_writer_put(struct bitmap_writer *bitmap, uint64_t start, uint64_t count,
				    bool value)
{
	while (count) {
		TRY(move_to(bitmap, start / 8));

		uint64_t first = start - bitmap->base * 8;
		uint64_t n = min_u64(count, sizeof(bitmap->buffer) * 8 - first);

		if (value)
			set_bits(bitmap->buffer, first, n);
		bitmap->touched = true;
		start += n;
		count -= n;
	}
	return NULL;
}
