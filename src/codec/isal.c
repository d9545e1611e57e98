/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zlib streams by ISA-L's igzip: the fastest of the three at levels 0 and 1. */
#include "codec/codec.h"

#ifdef HAVE_ISAL

#include <isa-l.h>

#define ISAL_TEXT_(x) #x
#define ISAL_TEXT(x)  ISAL_TEXT_(x)

struct isal_encoder {
	struct isal_zstream stream;
	int level;
	uint32_t level_buffer_size;
	uint8_t level_buffer[];
};

static const char *isal_describe(void)
{
	return "ISA-L " ISAL_TEXT(ISAL_MAJOR_VERSION) "." ISAL_TEXT(
		ISAL_MINOR_VERSION) "." ISAL_TEXT(ISAL_PATCH_VERSION);
}

static uint32_t isal_level_buffer_size(int level)
{
	static const uint32_t sizes[] = {
		ISAL_DEF_LVL0_DEFAULT,
		ISAL_DEF_LVL1_DEFAULT,
		ISAL_DEF_LVL2_DEFAULT,
		ISAL_DEF_LVL3_DEFAULT,
	};

	return sizes[level];
}

static size_t isal_encoder_memory(int level)
{
	return sizeof(struct isal_encoder) + isal_level_buffer_size(level);
}

static struct vmc_error *isal_encoder_create(int level, void **ret_encoder)
{
	struct isal_encoder *encoder = calloc(1, isal_encoder_memory(level));

	if (!encoder)
		return error_nomem();
	encoder->level = level;
	encoder->level_buffer_size = isal_level_buffer_size(level);
	*ret_encoder = encoder;
	return NULL;
}

static void isal_encoder_destroy(void *encoder)
{
	free(encoder);
}

static size_t isal_encode(void *context, const void *input, size_t size, void *output,
			  size_t wanted)
{
	struct isal_encoder *encoder = context;
	struct isal_zstream *stream = &encoder->stream;

	isal_deflate_stateless_init(stream);
	stream->gzip_flag = IGZIP_ZLIB;
	stream->level = (uint32_t)encoder->level;
	stream->level_buf = encoder->level_buffer;
	stream->level_buf_size = encoder->level_buffer_size;
	stream->end_of_stream = 1;
	stream->flush = NO_FLUSH;
	stream->next_in = (uint8_t *)(uintptr_t)input; /* not written to */
	stream->avail_in = (uint32_t)size;
	stream->next_out = output;
	stream->avail_out = (uint32_t)wanted;
	if (isal_deflate_stateless(stream) != COMP_OK || stream->avail_in)
		return 0;
	return stream->total_out;
}

static struct vmc_error *isal_decoder_create(void **ret_decoder)
{
	*ret_decoder = calloc(1, sizeof(struct inflate_state));
	return *ret_decoder ? NULL : error_nomem();
}

static void isal_decoder_destroy(void *decoder)
{
	free(decoder);
}

/* As with zlib, bytes behind the end of the stream are let pass. */
static struct vmc_error *isal_decode(void *decoder, const void *input, size_t size, void *output,
				     size_t output_size)
{
	struct inflate_state *state = decoder;

	isal_inflate_init(state);
	state->crc_flag = ISAL_ZLIB;
	state->next_in = (uint8_t *)(uintptr_t)input; /* not written to */
	state->avail_in = (uint32_t)size;
	state->next_out = output;
	state->avail_out = (uint32_t)output_size;

	int status = isal_inflate_stateless(state);

	if (status == ISAL_OUT_OVERFLOW)
		return error_create(VMC_ERR_CORRUPT, "isal: the stream gives more than %zu bytes",
				    output_size);
	if (status != ISAL_DECOMP_OK || state->block_state != ISAL_BLOCK_FINISH)
		return error_create(VMC_ERR_CORRUPT, "isal: damaged zlib stream (status %d)",
				    status);
	if (state->total_out != output_size)
		return error_create(VMC_ERR_CORRUPT, "isal: the stream gives %u bytes of %zu",
				    state->total_out, output_size);
	return NULL;
}

const struct vmc_codec codec_isal = {
	.name = "isal",
	.format = CODEC_ZLIB,
	.level_min = 0,
	.level_max = 3,
	.level_default = 1,
	.describe = isal_describe,
	.encoder_memory = isal_encoder_memory,
	.encoder_create = isal_encoder_create,
	.encoder_destroy = isal_encoder_destroy,
	.encode = isal_encode,
	.decoder_create = isal_decoder_create,
	.decoder_destroy = isal_decoder_destroy,
	.decode = isal_decode,
};

#endif
