/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZO1X-1: what the kernel's readers and writers call just "LZO". */
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <stdio.h>

#include "codec/codec.h"

struct lzo_encoder {
	lzo_align_t work[(LZO1X_1_MEM_COMPRESS + sizeof(lzo_align_t) - 1) / sizeof(lzo_align_t)];
};

static char lzo_name[48];
static int lzo_status;

static void lzo_setup(void)
{
	lzo_status = lzo_init();
	snprintf(lzo_name, sizeof(lzo_name), "lzo %s", lzo_version_string());
}

static void lzo_setup_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, lzo_setup);
}

static const char *lzo_describe(void)
{
	lzo_setup_once();
	return lzo_name;
}

static size_t lzo_encoder_memory(int level)
{
	(void)level;
	return sizeof(struct lzo_encoder);
}

static struct vmc_error *lzo_check(void)
{
	lzo_setup_once();
	if (lzo_status != LZO_E_OK)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "lzo: the library does not fit this build");
	return NULL;
}

static struct vmc_error *lzo_encoder_create(int level, void **ret_encoder)
{
	(void)level;
	TRY(lzo_check());
	*ret_encoder = malloc(sizeof(struct lzo_encoder));
	return *ret_encoder ? NULL : error_nomem();
}

static void lzo_encoder_destroy(void *encoder)
{
	free(encoder);
}

static size_t lzo_encode(void *context, const void *input, size_t size, void *output, size_t wanted)
{
	struct lzo_encoder *encoder = context;
	lzo_uint stored = 0;

	if (lzo1x_1_compress(input, size, output, &stored, encoder->work) != LZO_E_OK ||
	    stored > wanted)
		return 0;
	return stored;
}

/* The decoder has no state. */
static struct vmc_error *lzo_decoder_create(void **ret_decoder)
{
	static char nothing;

	TRY(lzo_check());
	*ret_decoder = &nothing;
	return NULL;
}

static void lzo_decoder_destroy(void *decoder)
{
	(void)decoder;
}

static struct vmc_error *lzo_decode(void *decoder, const void *input, size_t size, void *output,
				    size_t output_size)
{
	lzo_uint given = output_size;
	int status = lzo1x_decompress_safe(input, size, output, &given, NULL);

	(void)decoder;
	if (status != LZO_E_OK)
		return error_create(VMC_ERR_CORRUPT, "lzo: damaged data (status %d)", status);
	if (given != output_size)
		return error_create(VMC_ERR_CORRUPT, "lzo: the data gives %zu bytes of %zu",
				    (size_t)given, output_size);
	return NULL;
}

const struct vmc_codec codec_lzo = {
	.name = "lzo",
	.format = CODEC_LZO,
	.describe = lzo_describe,
	.encoder_memory = lzo_encoder_memory,
	.encoder_create = lzo_encoder_create,
	.encoder_destroy = lzo_encoder_destroy,
	.encode = lzo_encode,
	.decoder_create = lzo_decoder_create,
	.decoder_destroy = lzo_decoder_destroy,
	.decode = lzo_decode,
};
