/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures as PNG (RFC 2083): 8 bits a pixel, with a palette. */
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "audit/picture/out.h"
#include "audit/picture/pen.h"
#include "base/checked.h"

/* No layout comes near. */
#define PIXELS_MAX (64 << 20)

struct canvas {
	struct pen pen;
	int width, height;
	uint8_t *pixels;
};

static void canvas_rect(struct pen *pen, int x, int y, int width, int height, unsigned int color)
{
	struct canvas *canvas = (struct canvas *)pen;

	for (int row = y < 0 ? 0 : y; row < y + height && row < canvas->height; row++) {
		for (int column = x < 0 ? 0 : x; column < x + width && column < canvas->width;
		     column++) {
			bool hatch = color == VMC_AUDIT_ABSENT && (row + column) % 6 == 0;

			canvas->pixels[(size_t)row * (size_t)canvas->width + (size_t)column] =
				hatch ? COLOR_HATCH : (uint8_t)color;
		}
	}
}

static void canvas_letter(struct canvas *canvas, int x, int y, int scale, char letter,
			  unsigned int color)
{
	const uint8_t *glyph = font_glyph(letter);

	for (int row = 0; row < FONT_HEIGHT; row++)
		for (int column = 0; column < FONT_WIDTH; column++)
			if (glyph[row] >> (FONT_WIDTH - 1 - column) & 1)
				canvas_rect(&canvas->pen, x + column * scale, y + row * scale,
					    scale, scale, color);
}

static void canvas_text(struct pen *pen, int x, int y, int scale, const char *text,
			unsigned int color)
{
	for (; *text; text++, x += FONT_ADVANCE * scale)
		canvas_letter((struct canvas *)pen, x, y, scale, *text, color);
}

static void put_be32(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}

static void png_chunk(struct out *out, const char type[4], const uint8_t *data, size_t size)
{
	uint8_t word[4];
	uLong crc = crc32(0, (const Bytef *)type, 4);

	if (size)
		crc = crc32(crc, data, (uInt)size);
	put_be32(word, (uint32_t)size);
	out_bytes(out, word, 4);
	out_bytes(out, type, 4);
	out_bytes(out, data, size);
	put_be32(word, (uint32_t)crc);
	out_bytes(out, word, 4);
}

static void png_head(struct out *out, const struct canvas *canvas)
{
	uint8_t header[13] = {[8] = 8 /* bits */, [9] = 3 /* palette */};
	uint8_t palette[COLOR_COUNT][3];

	put_be32(header, (uint32_t)canvas->width);
	put_be32(header + 4, (uint32_t)canvas->height);
	for (unsigned int color = 0; color < COLOR_COUNT; color++)
		for (unsigned int i = 0; i < 3; i++)
			palette[color][i] = (uint8_t)(color_rgb(color) >> (16 - 8 * i));
	out_bytes(out, "\x89PNG\r\n\x1a\n", 8);
	png_chunk(out, "IHDR", header, sizeof(header));
	png_chunk(out, "PLTE", palette[0], sizeof(palette));
}

/* Compresses what @stream has as input, in chunks of the size of @chunk. */
static void png_deflate(struct out *out, z_stream *stream, int flush, uint8_t *chunk, size_t size)
{
	int done;

	do {
		done = deflate(stream, flush);
		if (stream->avail_out && !(flush == Z_FINISH && done == Z_STREAM_END))
			return;
		png_chunk(out, "IDAT", chunk, size - stream->avail_out);
		stream->next_out = chunk;
		stream->avail_out = (uInt)size;
	} while (done != Z_STREAM_END);
}

static struct vmc_error *png_data(struct out *out, const struct canvas *canvas)
{
	static const uint8_t no_filter;
	uint8_t chunk[8192];
	z_stream stream = {.next_out = chunk, .avail_out = sizeof(chunk)};

	if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK)
		return error_nomem();
	for (int row = 0; row < canvas->height; row++) {
		stream.next_in = (Bytef *)&no_filter;
		stream.avail_in = 1;
		png_deflate(out, &stream, Z_NO_FLUSH, chunk, sizeof(chunk));
		stream.next_in = canvas->pixels + (size_t)row * (size_t)canvas->width;
		stream.avail_in = (uInt)canvas->width;
		png_deflate(out, &stream, Z_NO_FLUSH, chunk, sizeof(chunk));
	}
	png_deflate(out, &stream, Z_FINISH, chunk, sizeof(chunk));
	deflateEnd(&stream);
	return NULL;
}

struct vmc_error *vmc_map_png(const struct vmc_map *map, const struct vmc_caption *caption,
			      const struct vmc_sink *sink)
{
	struct canvas canvas = {.pen = {.rect = canvas_rect, .text = canvas_text}};
	_cleanup_free_ uint8_t *pixels = NULL;
	struct layout layout;
	struct out out;

	layout_init(&layout, map, caption);
	if (layout.width > PIXELS_MAX / layout.height)
		return error_create(VMC_ERR_LIMIT, "a picture of %d times %d pixels", layout.width,
				    layout.height);
	canvas.width = layout.width;
	canvas.height = layout.height;
	pixels = malloc((size_t)layout.width * (size_t)layout.height);
	if (!pixels)
		return error_nomem();
	canvas.pixels = pixels;
	picture_draw(&layout, &canvas.pen);
	out_init(&out, sink);
	png_head(&out, &canvas);
	TRY(png_data(&out, &canvas));
	png_chunk(&out, "IEND", NULL, 0);
	return out_finish(&out);
}
