/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zlib itself.  Window and memory level are zlib's defaults, so a page has the same bytes as from
 * compress2(), which is what other writers of kdump-compressed files call.
 */
#include <pthread.h>
#include <stdio.h>
#include <zlib.h>

#include "codec/codec.h"

#define ZLIB_WINDOW_BITS 15
#define ZLIB_MEMORY_LEVEL 8

static char zlib_name[48];

static void zlib_name_init(void)
{
	snprintf(zlib_name, sizeof(zlib_name), "zlib %s", zlibVersion());
}

static const char *zlib_describe(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, zlib_name_init);
	return zlib_name;
}

/* The formula of zconf.h; the state itself is below 8 KiB. */
static size_t zlib_encoder_memory(int level)
{
	(void)level;
	return ((size_t)1 << (ZLIB_WINDOW_BITS + 2)) + ((size_t)1 << (ZLIB_MEMORY_LEVEL + 9)) +
	       8192 + sizeof(z_stream);
}

/* What an init function of zlib says. */
static struct vmc_error *zlib_init_error(int status)
{
	if (status == Z_MEM_ERROR)
		return error_nomem();
	return error_create(VMC_ERR_UNSUPPORTED, "zlib: cannot be set up: %s", zError(status));
}

static struct vmc_error *zlib_encoder_create(int level, void **ret_encoder)
{
	_cleanup_free_ z_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return error_nomem();

	int status = deflateInit2(stream, level, Z_DEFLATED, ZLIB_WINDOW_BITS, ZLIB_MEMORY_LEVEL,
				  Z_DEFAULT_STRATEGY);

	if (status != Z_OK)
		return zlib_init_error(status);
	*ret_encoder = take_ptr(stream);
	return NULL;
}

static void zlib_encoder_destroy(void *encoder)
{
	if (encoder)
		deflateEnd(encoder);
	free(encoder);
}

static size_t zlib_encode(void *encoder, const void *input, size_t size, void *output,
			  size_t wanted)
{
	z_stream *stream = encoder;

	if (deflateReset(stream) != Z_OK)
		return 0;
	stream->next_in = (z_const Bytef *)input;
	stream->avail_in = (uInt)size;
	stream->next_out = output;
	stream->avail_out = (uInt)wanted;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return 0;
	return wanted - stream->avail_out;
}

static struct vmc_error *zlib_decoder_create(void **ret_decoder)
{
	_cleanup_free_ z_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return error_nomem();

	int status = inflateInit2(stream, ZLIB_WINDOW_BITS);

	if (status != Z_OK)
		return zlib_init_error(status);
	*ret_decoder = take_ptr(stream);
	return NULL;
}

static void zlib_decoder_destroy(void *decoder)
{
	if (decoder)
		inflateEnd(decoder);
	free(decoder);
}

/* Bytes behind the end of the stream are let pass: some writers pad it. */
static struct vmc_error *zlib_decode(void *decoder, const void *input, size_t size, void *output,
				     size_t output_size)
{
	z_stream *stream = decoder;

	if (inflateReset(stream) != Z_OK)
		return error_create(VMC_ERR_CORRUPT, "zlib: the decoder is damaged");
	stream->next_in = (z_const Bytef *)input;
	stream->avail_in = (uInt)size;
	stream->next_out = output;
	stream->avail_out = (uInt)output_size;

	int status = inflate(stream, Z_FINISH);

	if (status == Z_MEM_ERROR)
		return error_nomem();
	if (status == Z_STREAM_END && stream->avail_out)
		return error_create(VMC_ERR_CORRUPT, "zlib: the stream gives %zu bytes of %zu",
				    output_size - stream->avail_out, output_size);
	if (status == Z_STREAM_END)
		return NULL;
	/* Z_BUF_ERROR: the input ends too early, or there is more output than room. */
	return error_create(VMC_ERR_CORRUPT, "zlib: damaged stream: %s",
			    stream->msg         ? stream->msg
			    : stream->avail_out ? "it ends too early"
						: "it gives too many bytes");
}

const struct vmc_codec codec_zlib = {
	.name = "zlib",
	.format = CODEC_ZLIB,
	.level_min = 1,
	.level_max = 9,
	.level_default = 1,
	.describe = zlib_describe,
	.encoder_memory = zlib_encoder_memory,
	.encoder_create = zlib_encoder_create,
	.encoder_destroy = zlib_encoder_destroy,
	.encode = zlib_encode,
	.decoder_create = zlib_decoder_create,
	.decoder_destroy = zlib_decoder_destroy,
	.decode = zlib_decode,
};
