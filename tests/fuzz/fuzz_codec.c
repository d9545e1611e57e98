/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each decoder on any bytes, and back again what its encoder makes of them. */
#include "codec/codec.h"
#include "fuzz_input.h"

#define PAGE 4096

/* The output is as large as it says, so a byte too many is one behind an allocation. */
static void decode(const struct vmc_codec *codec, const uint8_t *bytes, size_t size, size_t page)
{
	uint8_t *output = malloc(page);
	void *decoder;

	fuzz_require(output);
	if (!fuzz_failed(codec->decoder_create(&decoder))) {
		fuzz_failed(codec->decode(decoder, bytes, size, output, page));
		codec->decoder_destroy(decoder);
	}
	free(output);
}

static void round_trip(const struct vmc_codec *codec, const uint8_t *bytes)
{
	uint8_t page[PAGE], packed[CODEC_BOUND(PAGE)];
	void *encoder, *decoder;
	size_t size;

	if (fuzz_failed(codec->encoder_create(codec->level_min, &encoder)))
		return;
	fuzz_require(!codec->decoder_create(&decoder));
	size = codec->encode(encoder, bytes, PAGE, packed, PAGE);
	if (size) {
		fuzz_require(size <= PAGE);
		fuzz_require(!codec->decode(decoder, packed, size, page, PAGE));
		fuzz_require(memcmp(page, bytes, PAGE) == 0);
	}
	codec->decoder_destroy(decoder);
	codec->encoder_destroy(encoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = fuzz_input(data, size);
	uint8_t which = fuzz_byte(&input), form = fuzz_byte(&input), page[PAGE] = {0};
	const struct vmc_codec *codec = vmc_codec_at(which % vmc_codec_count());

	if (!codec->decode)
		return 0;
	if (form & 1) {
		fuzz_bytes(&input, page, sizeof(page));
		round_trip(codec, page);
	} else {
		decode(codec, input.at, input.left, form & 2 ? 65536 : PAGE);
	}
	return 0;
}
