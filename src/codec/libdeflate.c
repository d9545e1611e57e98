/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zlib streams by libdeflate: made for whole buffers, several times as fast as zlib. */
#include "codec/codec.h"

#ifdef HAVE_LIBDEFLATE

#include <libdeflate.h>

static const char *libdeflate_describe(void)
{
	return "libdeflate " LIBDEFLATE_VERSION_STRING;
}

/* The library does not tell; measured with 1.14: 198 KiB, 652 KiB and 8798 KiB. */
static size_t libdeflate_encoder_memory(int level)
{
	if (level <= 1)
		return (size_t)256 << 10;
	return level <= 9 ? (size_t)800 << 10 : (size_t)10 << 20;
}

static struct vmc_error *libdeflate_encoder_create(int level, void **ret_encoder)
{
	*ret_encoder = libdeflate_alloc_compressor(level);
	return *ret_encoder ? NULL : error_nomem();
}

static void libdeflate_encoder_destroy(void *encoder)
{
	libdeflate_free_compressor(encoder);
}

static size_t libdeflate_encode(void *encoder, const void *input, size_t size, void *output,
				size_t wanted)
{
	return libdeflate_zlib_compress(encoder, input, size, output, wanted);
}

static struct vmc_error *libdeflate_decoder_create(void **ret_decoder)
{
	*ret_decoder = libdeflate_alloc_decompressor();
	return *ret_decoder ? NULL : error_nomem();
}

static void libdeflate_decoder_destroy(void *decoder)
{
	libdeflate_free_decompressor(decoder);
}

/* As with zlib, bytes behind the end of the stream are let pass. */
static struct vmc_error *libdeflate_decode(void *decoder, const void *input, size_t size,
					   void *output, size_t output_size)
{
	size_t used;

	switch (libdeflate_zlib_decompress_ex(decoder, input, size, output, output_size, &used,
					      NULL)) {
	case LIBDEFLATE_SUCCESS:
		return NULL;
	case LIBDEFLATE_SHORT_OUTPUT:
		return error_create(VMC_ERR_CORRUPT,
				    "libdeflate: the stream gives fewer than %zu bytes",
				    output_size);
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		return error_create(VMC_ERR_CORRUPT,
				    "libdeflate: the stream gives more than %zu bytes",
				    output_size);
	case LIBDEFLATE_BAD_DATA:
		break;
	}
	return error_create(VMC_ERR_CORRUPT, "libdeflate: damaged zlib stream");
}

const struct vmc_codec codec_libdeflate = {
	.name = "libdeflate",
	.format = CODEC_ZLIB,
	.level_min = 1,
	.level_max = 12,
	.level_default = 1,
	.describe = libdeflate_describe,
	.encoder_memory = libdeflate_encoder_memory,
	.encoder_create = libdeflate_encoder_create,
	.encoder_destroy = libdeflate_encoder_destroy,
	.encode = libdeflate_encode,
	.decoder_create = libdeflate_decoder_create,
	.decoder_destroy = libdeflate_decoder_destroy,
	.decode = libdeflate_decode,
};

#endif
