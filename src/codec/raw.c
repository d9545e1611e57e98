/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No compression. */
#include <string.h>

#include "codec/codec.h"

static const char *raw_describe(void)
{
	return "";
}

static size_t raw_encoder_memory(int level)
{
	(void)level;
	return 0;
}

/* There is no state; but NULL would look like a coder that was not created yet. */
static struct vmc_error *raw_create(void **ret_coder)
{
	static char nothing;

	*ret_coder = &nothing;
	return NULL;
}

static struct vmc_error *raw_encoder_create(int level, void **ret_encoder)
{
	(void)level;
	return raw_create(ret_encoder);
}

static void raw_destroy(void *coder)
{
	(void)coder;
}

static size_t raw_encode(void *encoder, const void *input, size_t size, void *output, size_t wanted)
{
	(void)encoder;
	if (size > wanted)
		return 0;
	memcpy(output, input, size);
	return size;
}

static struct vmc_error *raw_decode(void *decoder, const void *input, size_t size, void *output,
				    size_t output_size)
{
	(void)decoder;
	if (size != output_size)
		return error_create(VMC_ERR_CORRUPT, "raw: %zu bytes where %zu are expected", size,
				    output_size);
	memcpy(output, input, size);
	return NULL;
}

const struct vmc_codec codec_raw = {
	.name = "none",
	.format = CODEC_RAW,
	.describe = raw_describe,
	.encoder_memory = raw_encoder_memory,
	.encoder_create = raw_encoder_create,
	.encoder_destroy = raw_destroy,
	.encode = raw_encode,
	.decoder_create = raw_create,
	.decoder_destroy = raw_destroy,
	.decode = raw_decode,
};
