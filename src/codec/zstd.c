/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zstandard: one frame a page. */
#include <pthread.h>
#include <stdio.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/codec.h"

#ifdef VMCULL_LEAN
/* See cmake/LeanZstd.cmake for what a lean build leaves out of libzstd: the match finders that
 * higher levels use, and the formats before zstd 0.8, of which no dump was ever written. */
#define LEVEL_MAX 3

/* The linker takes this for ZSTDv05_findFrameSizeInfoLegacy() and its like, which the library asks
 * before anything else about such a frame. */
VMC_API void vmc_zstd_refuse_legacy(const void *frame, size_t size, size_t *ret_size,
				    unsigned long long *ret_bound);

void vmc_zstd_refuse_legacy(const void *frame, size_t size, size_t *ret_size,
			    unsigned long long *ret_bound)
{
	(void)frame;
	(void)size;
	*ret_size = (size_t)-ZSTD_error_prefix_unknown;
	*ret_bound = (unsigned long long)-2; /* ZSTD_CONTENTSIZE_ERROR */
}
#else
#define LEVEL_MAX 19
#endif

static char zstd_name[48];

static void zstd_name_init(void)
{
	snprintf(zstd_name, sizeof(zstd_name), "zstd %s", ZSTD_versionString());
}

static const char *zstd_describe(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, zstd_name_init);
	return zstd_name;
}

/* Compresses a page of zeros of the largest size, which makes the library allocate all it needs:
 * memory that is short shows now, not as pages stored raw. */
static struct vmc_error *zstd_encoder_warm_up(ZSTD_CCtx *context)
{
	char frame[1024]; /* plenty for zeros */
	_cleanup_free_ void *zeros = calloc(1, CODEC_INPUT_MAX);

	if (!zeros)
		return error_nomem();

	size_t result = ZSTD_compress2(context, frame, sizeof(frame), zeros, CODEC_INPUT_MAX);

	/* The code of a failure is not of the stable interface, but memory is all that can fail. */
	return ZSTD_isError(result) ? error_nomem() : NULL;
}

static struct vmc_error *zstd_encoder_create(int level, void **ret_encoder)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (!context)
		return error_nomem();

	/* No checksum: a kdump file has none in any format, and readers would only lose time. */
	size_t result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	struct vmc_error *err = NULL;

	if (ZSTD_isError(result))
		err = error_create(VMC_ERR_INVALID, "zstd: level %d: %s", level,
				   ZSTD_getErrorName(result));
	else
		err = zstd_encoder_warm_up(context);
	if (err)
		ZSTD_freeCCtx(context);
	else
		*ret_encoder = context;
	return err;
}

static void zstd_encoder_destroy(void *encoder)
{
	ZSTD_freeCCtx(encoder);
}

/* Asked of a trial: the formula is not of the library's stable interface.  Pages smaller than the
 * largest take less, a seventh for 4 KiB. */
static size_t zstd_encoder_memory(int level)
{
	void *encoder = NULL;
	struct vmc_error *err = zstd_encoder_create(level, &encoder);

	if (err) {
		vmc_error_free(err);
		return SIZE_MAX; /* there is not even memory to ask */
	}

	size_t size = ZSTD_sizeof_CCtx(encoder);

	zstd_encoder_destroy(encoder);
	return size;
}

static size_t zstd_encode(void *encoder, const void *input, size_t size, void *output,
			  size_t wanted)
{
	size_t result = ZSTD_compress2(encoder, output, wanted, input, size);

	return ZSTD_isError(result) ? 0 : result;
}

static struct vmc_error *zstd_decoder_create(void **ret_decoder)
{
	*ret_decoder = ZSTD_createDCtx();
	return *ret_decoder ? NULL : error_nomem();
}

static void zstd_decoder_destroy(void *decoder)
{
	ZSTD_freeDCtx(decoder);
}

static struct vmc_error *zstd_decode(void *decoder, const void *input, size_t size, void *output,
				     size_t output_size)
{
	size_t result = ZSTD_decompressDCtx(decoder, output, output_size, input, size);

	if (ZSTD_isError(result))
		return error_create(VMC_ERR_CORRUPT, "zstd: damaged frame: %s",
				    ZSTD_getErrorName(result));
	if (result != output_size)
		return error_create(VMC_ERR_CORRUPT, "zstd: the frame gives %zu bytes of %zu",
				    result, output_size);
	return NULL;
}

const struct vmc_codec codec_zstd = {
	.name = "zstd",
	.format = CODEC_ZSTD,
	.level_min = -5,
	.level_max = LEVEL_MAX,
	.level_default = 1,
	.describe = zstd_describe,
	.encoder_memory = zstd_encoder_memory,
	.encoder_create = zstd_encoder_create,
	.encoder_destroy = zstd_encoder_destroy,
	.encode = zstd_encode,
	.decoder_create = zstd_decoder_create,
	.decoder_destroy = zstd_decoder_destroy,
	.decode = zstd_decode,
};
