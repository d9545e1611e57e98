/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snappy, raw format.
 *
 * The library allocates its work memory for every page and, being C++, ends the program when there
 * is none.  Its C interface has no way around that, so snappy is no choice for tight memory.
 */
#include "codec/codec.h"

#ifdef HAVE_SNAPPY

#include <snappy-c.h>

/* What snappy_max_compressed_length() says, documented in snappy.cc. */
#define SNAPPY_BOUND(size) (32 + (size) + (size) / 6)

_Static_assert(SNAPPY_BOUND(CODEC_INPUT_MAX) <= CODEC_BOUND(CODEC_INPUT_MAX), "room enough");

/* Of the library, for each page: a hash table of 2^14 two-byte entries, and a block of input and
 * one of output, 64 KiB and what it may grow to. */
#define SNAPPY_WORK_MEMORY \
	(((size_t)32 << 10) + ((size_t)64 << 10) + SNAPPY_BOUND((size_t)64 << 10))

static const char *snappy_describe(void)
{
	return "snappy"; /* its version is told to C++ alone */
}

static size_t snappy_encoder_memory(int level)
{
	(void)level;
	return SNAPPY_WORK_MEMORY;
}

/* Encoders and decoders have no state. */
static struct vmc_error *snappy_decoder_create(void **ret_decoder)
{
	static char nothing;

	*ret_decoder = &nothing;
	return NULL;
}

static void snappy_decoder_destroy(void *decoder)
{
	(void)decoder;
}

static struct vmc_error *snappy_encoder_create(int level, void **ret_encoder)
{
	(void)level;
	return snappy_decoder_create(ret_encoder);
}

static size_t snappy_encode(void *encoder, const void *input, size_t size, void *output,
			    size_t wanted)
{
	size_t stored = CODEC_BOUND(size); /* the library insists on room for the worst case */

	(void)encoder;
	if (snappy_compress(input, size, output, &stored) != SNAPPY_OK || stored > wanted)
		return 0;
	return stored;
}

static struct vmc_error *snappy_decode(void *decoder, const void *input, size_t size, void *output,
				       size_t output_size)
{
	size_t given;

	(void)decoder;
	/* Asked first, so that hostile input cannot make the library fill less than the page. */
	if (snappy_uncompressed_length(input, size, &given) != SNAPPY_OK)
		return error_create(VMC_ERR_CORRUPT, "snappy: the data has no valid length");
	if (given != output_size)
		return error_create(VMC_ERR_CORRUPT, "snappy: the data gives %zu bytes of %zu",
				    given, output_size);
	if (snappy_uncompress(input, size, output, &given) != SNAPPY_OK)
		return error_create(VMC_ERR_CORRUPT, "snappy: damaged data");
	return NULL;
}

const struct vmc_codec codec_snappy = {
	.name = "snappy",
	.format = CODEC_SNAPPY,
	.describe = snappy_describe,
	.encoder_memory = snappy_encoder_memory,
	.encoder_create = snappy_encoder_create,
	.encoder_destroy = snappy_decoder_destroy,
	.encode = snappy_encode,
	.decoder_create = snappy_decoder_create,
	.decoder_destroy = snappy_decoder_destroy,
	.decode = snappy_decode,
};

#endif
