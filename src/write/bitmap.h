/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of pages in a file: written in order, through a small buffer. */
#ifndef VMCULL_WRITE_BITMAP_H
#define VMCULL_WRITE_BITMAP_H

#include "base/io.h"

#define BITMAP_BUFFER_SIZE ((size_t)64 << 10)

struct bitmap_writer {
	struct io_file *file;
	vmc_foff offset; /* of the bitmap in the file */
	uint64_t size;   /* of the bitmap, bytes */
	bool sparse;     /* the file reads as zeros there already */
	uint64_t base;   /* of the buffer in the bitmap, bytes */
	bool dirty;      /* a bit in the buffer is set */
	uint8_t buffer[BITMAP_BUFFER_SIZE];
};

/* @sparse false: every byte of the bitmap is written, over what was there before. */
void bitmap_writer_init(struct bitmap_writer *bitmap, struct io_file *file, vmc_foff offset,
			uint64_t size, bool sparse);

/* Sets [start, start + count), not below what was set before, and within size * 8. */
struct vmc_error *bitmap_writer_set(struct bitmap_writer *bitmap, uint64_t start,
				    uint64_t count) VMC_MUST_CHECK;

/* Writes what is left. */
struct vmc_error *bitmap_writer_finish(struct bitmap_writer *bitmap) VMC_MUST_CHECK;

#endif
