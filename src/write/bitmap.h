/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of pages in a file: written in order, through a small buffer.  Parts of the file that
 * nobody puts a bit into are not written, so that a bitmap that is nearly empty costs nearly
 * nothing. */
#ifndef VMCULL_WRITE_BITMAP_H
#define VMCULL_WRITE_BITMAP_H

#include "write/output.h"

#define BITMAP_BUFFER_SIZE ((size_t)64 << 10)

struct bitmap_writer {
	struct output *output;
	vmc_foff offset; /* of the bitmap in the file */
	uint64_t size;   /* of the bitmap, bytes */
	uint64_t base;   /* of the buffer in the bitmap, bytes */
	size_t done;     /* bytes of the buffer that are in the file already */
	bool touched;    /* bits were put into the buffer behind those */
	uint8_t buffer[BITMAP_BUFFER_SIZE];
};

/* A bitmap of @size bytes at @offset, which reads as zeros but where bits are put again. */
void bitmap_writer_init(struct bitmap_writer *bitmap, struct output *output, vmc_foff offset,
			uint64_t size);

/* Puts @count bits from @start on, which must not be below those put before and within size * 8.
 * Zeros are for bits that are set in the file; they are written in units of the buffer. */
struct vmc_error *bitmap_writer_put(struct bitmap_writer *bitmap, uint64_t start, uint64_t count,
				    bool value) VMC_MUST_CHECK;

/* Writes all bytes that no bit from @start on is in, which must not be below those put before. */
struct vmc_error *bitmap_writer_flush(struct bitmap_writer *bitmap, uint64_t start) VMC_MUST_CHECK;

/* Writes what is left. */
struct vmc_error *bitmap_writer_finish(struct bitmap_writer *bitmap) VMC_MUST_CHECK;

#endif
