/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what vmc_map_png() writes: checks every chunk, gives the pixels.  cmocka.h goes before. */
#ifndef VMCULL_TESTS_PNG_H
#define VMCULL_TESTS_PNG_H

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct png {
	uint32_t width, height;
	uint8_t palette[256][3];
	unsigned int colors;
	uint8_t *pixels; /* width * height */
};

static uint32_t png_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void png_unpack(struct png *png, const uint8_t *data, size_t size)
{
	uLongf length = ((uLongf)png->width + 1) * png->height, expected = length;
	uint8_t *rows = malloc(length);

	assert_non_null(rows);
	assert_int_equal(uncompress(rows, &length, data, size), Z_OK);
	assert_int_equal(length, expected);
	png->pixels = malloc((size_t)png->width * png->height);
	assert_non_null(png->pixels);
	for (size_t i = 0; i < png->height; i++) {
		assert_int_equal(rows[i * (png->width + 1)], 0);
		memcpy(png->pixels + i * png->width, rows + i * (png->width + 1) + 1, png->width);
	}
	for (size_t i = 0; i < (size_t)png->width * png->height; i++)
		assert_true(png->pixels[i] < png->colors);
	free(rows);
}

static void png_read(struct png *png, const uint8_t *bytes, size_t size)
{
	uint8_t *data = malloc(size);
	size_t at = 8, used = 0;
	bool ended = false;

	assert_non_null(data);
	assert_true(size > 8);
	assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
	while (!ended) {
		assert_true(size - at >= 12);

		uint32_t length = png_be32(bytes + at);
		const uint8_t *type = bytes + at + 4, *content = type + 4;

		assert_true(length <= size - at - 12);
		assert_int_equal(crc32(0, type, length + 4), png_be32(content + length));
		if (!memcmp(type, "IHDR", 4)) {
			assert_int_equal(at, 8);
			png->width = png_be32(content);
			png->height = png_be32(content + 4);
			assert_memory_equal(content + 8, "\x08\x03\0\0\0", 5);
		} else if (!memcmp(type, "PLTE", 4)) {
			png->colors = length / 3;
			memcpy(png->palette, content, length);
		} else if (!memcmp(type, "IDAT", 4)) {
			memcpy(data + used, content, length);
			used += length;
		} else {
			assert_memory_equal(type, "IEND", 4);
			ended = true;
		}
		at += length + 12;
	}
	assert_int_equal(at, size);
	png_unpack(png, data, used);
	free(data);
}

#endif
