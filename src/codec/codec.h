/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a codec has to provide.  How to add one: a file with a "const struct vmc_codec" at its end,
 * a line in registry.c, an option in CMakeOptions.cmake, a row in the README table, a round trip in
 * tests/unit/test_codec.c (which walks the registry by itself).
 */
#ifndef VMCULL_CODEC_CODEC_H
#define VMCULL_CODEC_CODEC_H

#include <vmcull/codec.h>

#include "base/error.h"

/* The largest page of any architecture; encoders hold room for one. */
#define CODEC_INPUT_MAX ((size_t)1 << 18)

/* Room for the worst that a library makes of @size bytes on its way: LZO adds a 16th and 67
 * (LZO.FAQ), snappy a 6th and 32 (snappy.cc). */
#define CODEC_BOUND(size) ((size) + (size) / 6 + 128)

/* The values of page_desc.flags in a kdump-compressed file; 0 is a page stored as it is. */
enum codec_format {
	CODEC_RAW = 0,
	CODEC_ZLIB = 0x1,
	CODEC_LZO = 0x2,
	CODEC_SNAPPY = 0x4,
	CODEC_ZSTD = 0x20,
};

struct vmc_codec {
	const char *name;
	enum codec_format format; /* of one that mixes formats, the bits of all */
	int level_min, level_max, level_default;

	/* Name and version of the library. */
	const char *(*describe)(void);

	/* Heap memory of an encoder of that level, bytes; for the planner. */
	size_t (*encoder_memory)(int level);

	/* An encoder serves one thread and is reused for every page. */
	struct vmc_error *(*encoder_create)(int level, void **ret_encoder);
	void (*encoder_destroy)(void *encoder);

	/* Compresses @size (at most CODEC_INPUT_MAX) into at most @wanted bytes.  Returns the size,
	 * or 0 when the result is larger (or the library fails): the page is then stored raw.
	 * @output has room for CODEC_BOUND(@size), for some libraries know no limit, and for what
	 * is wanted; behind the result anything may be written there.  The same input gives the
	 * same bytes, whatever was before. */
	size_t (*encode)(void *encoder, const void *input, size_t size, void *output,
			 size_t wanted);

	/* The format of what the last encode() gave; NULL: always @format. */
	enum codec_format (*format_of_last)(const void *encoder);

	/* A decoder serves one thread.  One that mixes formats reads none: all three are NULL. */
	struct vmc_error *(*decoder_create)(void **ret_decoder);
	void (*decoder_destroy)(void *decoder);

	/* Decompresses exactly @output_size bytes.  VMC_ERR_CORRUPT when the input is damaged or
	 * gives more or fewer.  Safe on hostile input. */
	struct vmc_error *(*decode)(void *decoder, const void *input, size_t size, void *output,
				    size_t output_size);
};

/* The first codec built in that reads and writes @format, or NULL. */
const struct vmc_codec *codec_for_format(enum codec_format format);

/* The format of what the last encode() of @encoder gave. */
static inline enum codec_format codec_last_format(const struct vmc_codec *codec,
						  const void *encoder)
{
	return codec->format_of_last ? codec->format_of_last(encoder) : codec->format;
}

/* "zlib", "LZO", "snappy", "zstd", "raw" for messages. */
const char *codec_format_name(enum codec_format format);

#endif
