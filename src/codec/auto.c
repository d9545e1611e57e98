/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chooses for each page among codecs that every reader of kdump files knows, by a look at the page
 * and nothing else.
 *
 * zstd:-1 is zstd:1 with literals stored as they are.  Huffman codes for them cost half as much
 * again as all the rest, and pay where many words of a page are new; in most pages of a kernel few
 * are.  A page of one repeated word is 25 bytes larger with LZO, and done in two fifths of the
 * time.  What looks like noise is stored at once.  Measured: tests/bench/RESULTS.md.
 */
#include <string.h>

#include "codec/codec.h"

extern const struct vmc_codec codec_raw, codec_lzo, codec_zstd;

enum auto_kind {
	AUTO_RAW,
	AUTO_LZO,
	AUTO_FAST, /* zstd:-1 */
	AUTO_FULL, /* zstd:1 */
	AUTO_KINDS
};

static const struct {
	const struct vmc_codec *codec;
	int level;
} auto_codecs[AUTO_KINDS] = {
	[AUTO_RAW] = {&codec_raw, 0},
	[AUTO_LZO] = {&codec_lzo, 0},
	[AUTO_FAST] = {&codec_zstd, -1},
	[AUTO_FULL] = {&codec_zstd, 1},
};

struct auto_encoder {
	void *encoders[AUTO_KINDS];
	enum auto_kind last;
};

#define NOISE_SAMPLES 256
/* The sum of squares of how often each byte comes: 511 is what to expect of noise, 23 its standard
 * deviation; 65,536 when all are the same.  Code has above 1,000. */
#define NOISE_SQUARES 570

static uint64_t word_at(const uint8_t *page, size_t index)
{
	uint64_t word;

	memcpy(&word, page + index * sizeof(word), sizeof(word));
	return word;
}

/* Of every second word: how many are neither zero nor the one before. */
static size_t count_new_words(const uint8_t *page, size_t words)
{
	size_t count = 0;

	for (size_t i = 1; i < words; i += 2) {
		uint64_t word = word_at(page, i);

		count += (size_t)(word != 0) & (size_t)(word != word_at(page, i - 1));
	}
	return count;
}

static bool is_one_word(const uint8_t *page, size_t words)
{
	size_t changes = 0;

	for (size_t i = 1; i < words && changes < 2; i++)
		changes += word_at(page, i) != word_at(page, i - 1);
	return changes < 2;
}

static bool looks_like_noise(const uint8_t *page, size_t size)
{
	size_t step = size / NOISE_SAMPLES;
	uint16_t counts[256] = {0};
	uint32_t squares = 0;

	/* Not always the same byte of a word. */
	for (size_t i = 0; i < NOISE_SAMPLES; i++)
		counts[page[i * step + i % step]]++;
	for (size_t i = 0; i < 256; i++)
		squares += (uint32_t)counts[i] * counts[i];
	return squares < NOISE_SQUARES;
}

static enum auto_kind auto_choose(const uint8_t *page, size_t size)
{
	size_t words = size / sizeof(uint64_t);
	size_t looked_at = words / 2, fresh = count_new_words(page, words);

	if (fresh < 2 && is_one_word(page, words))
		return AUTO_LZO;
	/* From half to seven eighths the place hardly matters: few pages are in between. */
	if (fresh < looked_at / 16 * 13)
		return AUTO_FAST;
	return fresh > looked_at / 8 * 7 && looks_like_noise(page, size) ? AUTO_RAW : AUTO_FULL;
}

static size_t auto_encode(void *context, const void *input, size_t size, void *output,
			  size_t wanted)
{
	struct auto_encoder *encoder = context;

	encoder->last = auto_choose(input, size);
	return auto_codecs[encoder->last].codec->encode(encoder->encoders[encoder->last], input,
							size, output, wanted);
}

static enum codec_format auto_format_of_last(const void *context)
{
	const struct auto_encoder *encoder = context;

	return auto_codecs[encoder->last].codec->format;
}

static const char *auto_describe(void)
{
	return "for each page one of none, lzo, zstd:-1, zstd:1";
}

static size_t auto_encoder_memory(int level)
{
	size_t size = sizeof(struct auto_encoder);

	(void)level;
	for (size_t i = 0; i < AUTO_KINDS; i++)
		size += auto_codecs[i].codec->encoder_memory(auto_codecs[i].level);
	return size;
}

static void auto_encoder_destroy(void *context)
{
	struct auto_encoder *encoder = context;

	for (size_t i = 0; encoder && i < AUTO_KINDS; i++) {
		if (encoder->encoders[i])
			auto_codecs[i].codec->encoder_destroy(encoder->encoders[i]);
	}
	free(encoder);
}

static struct vmc_error *auto_encoder_create(int level, void **ret_encoder)
{
	struct auto_encoder *encoder = calloc(1, sizeof(*encoder));
	struct vmc_error *err = encoder ? NULL : error_nomem();

	(void)level;
	for (size_t i = 0; !err && i < AUTO_KINDS; i++)
		err = auto_codecs[i].codec->encoder_create(auto_codecs[i].level,
							   &encoder->encoders[i]);
	if (err)
		auto_encoder_destroy(encoder);
	else
		*ret_encoder = encoder;
	return err;
}

const struct vmc_codec codec_auto = {
	.name = "auto",
	.format = (enum codec_format)(CODEC_LZO | CODEC_ZSTD),
	.describe = auto_describe,
	.encoder_memory = auto_encoder_memory,
	.encoder_create = auto_encoder_create,
	.encoder_destroy = auto_encoder_destroy,
	.encode = auto_encode,
	.format_of_last = auto_format_of_last,
};
