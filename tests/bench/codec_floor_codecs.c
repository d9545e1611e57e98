/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each library called the way that costs least: one context for all pages, output bounded. */
#include "codec_floor.h"

#include <lzo/lzo1x.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#ifdef HAVE_ISAL
#include <isa-l.h>
#endif
#ifdef HAVE_SNAPPY
#include <snappy-c.h>
#endif

static void *context;
static int level;

static void nothing_open(void)
{
}

static void context_free(void)
{
	free(context);
}

static size_t none_encode(const void *input, size_t size, void *output, size_t capacity)
{
	(void)input;
	(void)size;
	(void)output;
	(void)capacity;
	return 0;
}

static void zlib_open(void)
{
	context = get_memory(1, sizeof(z_stream));
	if (deflateInit(context, level) != Z_OK)
		give_up("zlib: level %d", level);
}

static size_t zlib_encode(const void *input, size_t size, void *output, size_t capacity)
{
	z_stream *stream = context;

	deflateReset(stream);
	stream->next_in = (z_const Bytef *)input;
	stream->avail_in = (uInt)size;
	stream->next_out = output;
	stream->avail_out = (uInt)capacity;
	return deflate(stream, Z_FINISH) == Z_STREAM_END ? capacity - stream->avail_out : 0;
}

static void zlib_close(void)
{
	deflateEnd(context);
	free(context);
}

static void lzo_open(void)
{
	if (lzo_init() != LZO_E_OK)
		give_up("lzo does not work");
	context = get_memory(1, LZO1X_1_MEM_COMPRESS);
}

static size_t lzo_encode(const void *input, size_t size, void *output, size_t capacity)
{
	lzo_uint stored = 0;

	lzo1x_1_compress(input, size, output, &stored, context);
	return stored <= capacity ? stored : 0;
}

static void zstd_open(void)
{
	context = ZSTD_createCCtx();
	if (!context ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)))
		give_up("zstd: level %d", level);
}

static size_t zstd_encode(const void *input, size_t size, void *output, size_t capacity)
{
	size_t stored = ZSTD_compress2(context, output, capacity, input, size);

	return ZSTD_isError(stored) ? 0 : stored;
}

static void zstd_close(void)
{
	ZSTD_freeCCtx(context);
}

#ifdef HAVE_LIBDEFLATE
static void libdeflate_open(void)
{
	context = libdeflate_alloc_compressor(level);
	if (!context)
		give_up("libdeflate: level %d", level);
}

static size_t libdeflate_encode(const void *input, size_t size, void *output, size_t capacity)
{
	return libdeflate_zlib_compress(context, input, size, output, capacity);
}

static void libdeflate_close(void)
{
	libdeflate_free_compressor(context);
}
#endif

#ifdef HAVE_ISAL
static uint8_t isal_buffer[ISAL_DEF_LVL3_DEFAULT];

static void isal_open(void)
{
	context = get_memory(1, sizeof(struct isal_zstream));
}

static size_t isal_encode(const void *input, size_t size, void *output, size_t capacity)
{
	struct isal_zstream *stream = context;

	isal_deflate_stateless_init(stream);
	stream->gzip_flag = IGZIP_ZLIB;
	stream->level = (uint32_t)level;
	stream->level_buf = isal_buffer;
	stream->level_buf_size = sizeof(isal_buffer);
	stream->end_of_stream = 1;
	stream->next_in = (uint8_t *)(uintptr_t)input; /* not written to */
	stream->avail_in = (uint32_t)size;
	stream->next_out = output;
	stream->avail_out = (uint32_t)capacity;
	return isal_deflate_stateless(stream) == COMP_OK ? stream->total_out : 0;
}
#endif

#ifdef HAVE_SNAPPY
static size_t snappy_encode(const void *input, size_t size, void *output, size_t capacity)
{
	size_t stored = snappy_max_compressed_length(size);

	return snappy_compress(input, size, output, &stored) == SNAPPY_OK && stored <= capacity
		       ? stored
		       : 0;
}
#endif

static const struct {
	const char *name;
	int level; /* unless one is named */
	void (*open)(void);
	struct codec codec;
} codecs[] = {
	{"none", 0, nothing_open, {none_encode, context_free}},
	{"zlib", 1, zlib_open, {zlib_encode, zlib_close}},
	{"lzo", 0, lzo_open, {lzo_encode, context_free}},
	{"zstd", 1, zstd_open, {zstd_encode, zstd_close}},
#ifdef HAVE_LIBDEFLATE
	{"libdeflate", 1, libdeflate_open, {libdeflate_encode, libdeflate_close}},
#endif
#ifdef HAVE_ISAL
	{"isal", 1, isal_open, {isal_encode, context_free}},
#endif
#ifdef HAVE_SNAPPY
	{"snappy", 0, nothing_open, {snappy_encode, context_free}},
#endif
};

struct codec codec_open(const char *name)
{
	size_t length = strcspn(name, ":");

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (strlen(codecs[i].name) != length || strncmp(codecs[i].name, name, length) != 0)
			continue;
		level = name[length] ? atoi(name + length + 1) : codecs[i].level;
		codecs[i].open();
		return codecs[i].codec;
	}
	give_up("there is no codec %s here", name);
}
