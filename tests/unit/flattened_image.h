/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened files built in memory.  cmocka.h goes before this file. */
#ifndef VMCULL_TESTS_FLATTENED_IMAGE_H
#define VMCULL_TESTS_FLATTENED_IMAGE_H

#include "kdump_image.h"

/* The bytes of a stream; numbers are big endian. */
static inline void flat_begin(struct image *flat)
{
	*flat = (struct image){.layout = big};
	image_grow(flat, 4096);
	put_bytes(flat, 0, "makedumpfile", 12);
	put_u64(flat, 16, 1);
	put_u64(flat, 24, 1);
}

static inline void flat_record(struct image *flat, uint64_t offset, const void *bytes, size_t size)
{
	size_t at = flat->size;

	put_u64(flat, at, offset);
	put_u64(flat, at + 8, size);
	put_bytes(flat, at + 16, bytes, size);
}

static inline void flat_end(struct image *flat)
{
	size_t at = flat->size;

	put_u64(flat, at, UINT64_MAX);
	put_u64(flat, at + 8, UINT64_MAX);
}

/* A file in records of @size bytes.  Every third comes last, and what is to be overwritten by the
 * record that counts comes first. */
static inline struct image flat_build(const struct image *plain, size_t size)
{
	static const uint8_t wrong[5000] = {[0 ... 4999] = 0xaa};
	struct image flat;

	flat_begin(&flat);
	flat_record(&flat, 64, wrong, 500);
	flat_record(&flat, plain->size / 2, wrong, min_u64(plain->size / 3, sizeof(wrong)));
	for (unsigned int last = 0; last < 2; last++) {
		for (size_t i = 0, n = 0; i < plain->size; i += size, n++) {
			if ((n % 3 == 0) == last)
				flat_record(&flat, i, plain->bytes + i,
					    min_u64(size, plain->size - i));
		}
	}
	flat_end(&flat);
	return flat;
}

#endif
