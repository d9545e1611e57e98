/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every codec of the registry, at every level, over pages like those of a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "allocated_bytes.h"
#include "expect.h"
#include "base/layout.h"
#include "codec/codec.h"

/* A buffer whose end is the end of accessible memory: a codec in assembly that reads or writes
 * past it dies, where a sanitizer would see nothing. */
struct guarded {
	char *map;
	size_t map_size;
	char *bytes;
};

static struct guarded guarded_create(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (size + page - 1) / page * page;
	struct guarded guarded = {.map_size = room + page};

	guarded.map = mmap(NULL, guarded.map_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(guarded.map != MAP_FAILED);
	assert_int_equal(mprotect(guarded.map + room, page, PROT_NONE), 0);
	guarded.bytes = guarded.map + room - size;
	return guarded;
}

static struct guarded guarded_copy(const void *bytes, size_t size)
{
	struct guarded guarded = guarded_create(size);

	memcpy(guarded.bytes, bytes, size);
	return guarded;
}

static void guarded_destroy(struct guarded *guarded)
{
	munmap(guarded->map, guarded->map_size);
}

static uint32_t random_state = 1;

static uint32_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static void page_of_zeros(uint8_t *page, size_t size)
{
	memset(page, 0, size);
}

static void page_of_random(uint8_t *page, size_t size)
{
	for (size_t i = 0; i < size; i++)
		page[i] = (uint8_t)random_next();
}

static void page_of_text(uint8_t *page, size_t size)
{
	static const char *const words[] = {"systemd[1]: ", "Started ",  "kernel: ", "[    0.",
					    "ACPI: ",       "/usr/lib/", "\n",       "0x"};
	size_t used = 0;

	while (used < size) {
		char word[32];
		size_t length = (size_t)snprintf(word, sizeof(word), "%s%u",
						 words[random_next() % 8], random_next() % 1000);

		length = length < size - used ? length : size - used;
		memcpy(page + used, word, length);
		used += length;
	}
}

/* 64 bytes each: flags, two list pointers that differ little, mapping, index, count. */
static void page_of_struct_pages(uint8_t *page, size_t size)
{
	const struct layout layout = {.word_size = 8};

	for (size_t i = 0; i + 64 <= size; i += 64) {
		memset(page + i, 0, 64);
		store_u64(layout, page + i, 0x17ffffc0000000 | (random_next() % 4) << 16);
		store_u64(layout, page + i + 8, 0xffffea0000000008 + (i & ~(size_t)0xff) * 4);
		store_u64(layout, page + i + 16, 0xdead000000000122);
		store_u64(layout, page + i + 24, 0xffff888003a10000 + random_next() % 3 * 0x400);
		store_u32(layout, page + i + 48, 0xffffffff);
		store_u32(layout, page + i + 52, random_next() % 2);
	}
}

/* Compresses, but with little to spare. */
static void page_half_random(uint8_t *page, size_t size)
{
	page_of_random(page, size);
	memset(page + size / 4, 0, size / 16);
}

static void (*const page_kinds[])(uint8_t *page, size_t size) = {
	page_of_zeros, page_of_random, page_of_text, page_of_struct_pages, page_half_random,
};

#define PAGE_KINDS (sizeof(page_kinds) / sizeof(page_kinds[0]))

static const size_t page_sizes[] = {4096, 16384, 65536, CODEC_INPUT_MAX};

#define PAGE_SIZES (sizeof(page_sizes) / sizeof(page_sizes[0]))

/* Calls @check with an encoder of each codec at lowest, usual and highest level. */
static void for_each_encoder(void (*check)(const struct vmc_codec *codec, int level, void *encoder))
{
	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);
		const int levels[] = {codec->level_min, codec->level_default, codec->level_max};

		for (size_t j = 0; j < 3; j++) {
			void *encoder;

			if (j && levels[j] == levels[j - 1])
				continue;
			succeed(codec->encoder_create(levels[j], &encoder));
			check(codec, levels[j], encoder);
			codec->encoder_destroy(encoder);
		}
	}
}

/* Any codec of the format has to understand it. */
static void check_decodes(enum codec_format format, const void *stored, size_t stored_size,
			  const uint8_t *page, size_t size)
{
	struct guarded input = guarded_copy(stored, stored_size);

	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);
		struct guarded output;
		void *decoder;

		if (codec->format != format)
			continue;
		succeed(codec->decoder_create(&decoder));
		output = guarded_create(size);
		succeed(codec->decode(decoder, input.bytes, stored_size, output.bytes, size));
		assert_memory_equal(output.bytes, page, size);
		guarded_destroy(&output);
		codec->decoder_destroy(decoder);
	}
	guarded_destroy(&input);
}

static void check_round_trip(const struct vmc_codec *codec, int level, void *encoder)
{
	for (size_t i = 0; i < PAGE_SIZES * PAGE_KINDS; i++) {
		size_t size = page_sizes[i / PAGE_KINDS];
		struct guarded page = guarded_create(size);
		struct guarded stored = guarded_create(2 * size);

		page_kinds[i % PAGE_KINDS]((uint8_t *)page.bytes, size);
		size_t stored_size =
			codec->encode(encoder, page.bytes, size, stored.bytes, 2 * size);

		if (!stored_size)
			fail_msg("%s:%d cannot encode kind %zu in twice %zu bytes", codec->name,
				 level, i % PAGE_KINDS, size);
		if (page_kinds[i % PAGE_KINDS] == page_of_zeros && codec->format != CODEC_RAW)
			assert_true(stored_size < size / 16);
		check_decodes(codec_last_format(codec, encoder), stored.bytes, stored_size,
			      (uint8_t *)page.bytes, size);
		guarded_destroy(&stored);
		guarded_destroy(&page);
	}
}

static void test_round_trip(void **state)
{
	(void)state;
	for_each_encoder(check_round_trip);
}

/* Behind the room is a wall; in front of it, the result is as small as wanted or there is none. */
static void check_one_wanted(const struct vmc_codec *codec, void *encoder, const uint8_t *page,
			     size_t size, size_t wanted)
{
	struct guarded stored = guarded_create(CODEC_BOUND(size));
	size_t stored_size = codec->encode(encoder, page, size, stored.bytes, wanted);

	assert_true(stored_size <= wanted);
	if (stored_size)
		check_decodes(codec_last_format(codec, encoder), stored.bytes, stored_size, page,
			      size);
	guarded_destroy(&stored);
}

static void check_wanted(const struct vmc_codec *codec, int level, void *encoder)
{
	(void)level;
	for (size_t i = 0; i < PAGE_KINDS; i++) {
		const size_t size = 4096;
		uint8_t page[4096], stored[2 * 4096];

		page_kinds[i](page, size);
		size_t need = codec->encode(encoder, page, size, stored, sizeof(stored));

		for (size_t wanted = need > 40 ? need - 40 : 1; wanted < need + 40; wanted++)
			check_one_wanted(codec, encoder, page, size, wanted);
		for (size_t wanted = 1; wanted < size; wanted += 97)
			check_one_wanted(codec, encoder, page, size, wanted);
		check_one_wanted(codec, encoder, page, size, size - 1);

		/* As long as the result is clearly smaller, it is given. */
		if (need + 64 < size)
			assert_int_equal(codec->encode(encoder, page, size, stored, need + 64),
					 need);
	}
}

static void test_wanted(void **state)
{
	(void)state;
	for_each_encoder(check_wanted);
}

/* The second encoder has seen other pages, and gets this one at other addresses. */
static void check_same_bytes(const struct vmc_codec *codec, int level, void *encoder)
{
	const size_t size = 4096, room = 8192 + 64;
	void *used;

	succeed(codec->encoder_create(level, &used));
	for (unsigned int round = 0; round < 200; round++) {
		uint8_t page[4096], before[4096];
		_cleanup_free_ uint8_t *first = malloc(room), *second = malloc(room);
		_cleanup_free_ uint8_t *moved = malloc(size + 64);
		size_t shift = random_next() % 64;

		page_kinds[round % PAGE_KINDS](page, size);
		page_kinds[random_next() % PAGE_KINDS](before, size);
		if (round % 3 == 0)
			memcpy(before + 1000, page, 2000); /* history that could be referred to */
		memcpy(moved + shift, page, size);
		codec->encode(used, before, size, second, round % 2 ? 100 : room);

		size_t stored = codec->encode(encoder, page, size, first, room - 64);
		size_t again =
			codec->encode(used, moved + shift, size, second + 63 - shift, room - 64);

		assert_true(stored > 0);
		assert_int_equal(stored, again);
		assert_memory_equal(first, second + 63 - shift, stored);
	}
	codec->encoder_destroy(used);
}

static void test_same_bytes(void **state)
{
	(void)state;
	for_each_encoder(check_same_bytes);
}

#define SOMEWHERE_ENCODERS 16

/* What a library puts into a hash table may hang on where its state lies: encoders that live at the
 * same time lie at addresses that differ in all bits. */
static void check_same_bytes_anywhere(const struct vmc_codec *codec, int level, void *encoder)
{
	const unsigned int rounds = level == codec->level_default ? 1200 : 30;
	const size_t size = 4096;
	void *others[SOMEWHERE_ENCODERS];

	for (size_t i = 0; i < SOMEWHERE_ENCODERS; i++)
		succeed(codec->encoder_create(level, &others[i]));
	for (unsigned int round = 0; round < rounds; round++) {
		uint8_t page[4096], first[CODEC_BOUND(4096)], again[CODEC_BOUND(4096)];

		page_kinds[2 + round % 3](page, size);
		/* what comes again where a page begins */
		for (size_t at = 64 + random_next() % 8; at + 8 < size; at += 256)
			memcpy(page + at, page + random_next() % 3, 8);

		size_t stored = codec->encode(encoder, page, size, first, size);

		for (size_t i = 0; i < SOMEWHERE_ENCODERS; i++) {
			assert_int_equal(codec->encode(others[i], page, size, again, size), stored);
			assert_memory_equal(first, again, stored);
		}
	}
	for (size_t i = 0; i < SOMEWHERE_ENCODERS; i++)
		codec->encoder_destroy(others[i]);
}

static void test_same_bytes_anywhere(void **state)
{
	(void)state;
	for_each_encoder(check_same_bytes_anywhere);
}

/* What hostile input does: an error, or exactly the bytes asked for; never a step over a wall. */
static bool decode_hostile(const struct vmc_codec *codec, void *decoder, const uint8_t *input,
			   size_t input_size, size_t output_size)
{
	struct guarded stored = guarded_copy(input, input_size);
	struct guarded output = guarded_create(output_size);
	struct vmc_error *err =
		codec->decode(decoder, stored.bytes, input_size, output.bytes, output_size);
	bool ok = !err;

	if (err)
		assert_int_equal(vmc_error_code(err), VMC_ERR_CORRUPT);
	vmc_error_free(err);
	guarded_destroy(&output);
	guarded_destroy(&stored);
	return ok;
}

static void check_damaged(const struct vmc_codec *codec, int level, void *encoder)
{
	const size_t size = 4096;
	void *decoder;

	(void)level;
	if (!codec->decode)
		return;
	succeed(codec->decoder_create(&decoder));
	for (size_t kind = 0; kind < PAGE_KINDS; kind++) {
		uint8_t page[4096], stored[2 * 4096];

		page_kinds[kind](page, size);
		size_t stored_size = codec->encode(encoder, page, size, stored, sizeof(stored));

		for (size_t cut = 0; cut < stored_size; cut += 1 + cut / 16)
			assert_false(decode_hostile(codec, decoder, stored, cut, size));
		/* nor without the checksum at the end of a zlib stream, or a part of it */
		for (size_t cut = stored_size - 8; cut < stored_size; cut++)
			assert_false(decode_hostile(codec, decoder, stored, cut, size));
		assert_false(decode_hostile(codec, decoder, stored, stored_size, size - 1));
		assert_false(decode_hostile(codec, decoder, stored, stored_size, size + 1));
		assert_false(decode_hostile(codec, decoder, stored, stored_size, 1));
		for (unsigned int round = 0; round < 300; round++) {
			uint8_t damaged[2 * 4096];

			memcpy(damaged, stored, stored_size);
			for (unsigned int n = 1 + random_next() % 4; n; n--)
				damaged[random_next() % stored_size] ^=
					(uint8_t)(1 + random_next() % 255);
			decode_hostile(codec, decoder, damaged, stored_size, size);
		}
		/* and it still works after all of this */
		assert_true(decode_hostile(codec, decoder, stored, stored_size, size));
	}
	for (unsigned int round = 0; round < 300; round++) {
		uint8_t noise[256];

		page_of_random(noise, sizeof(noise));
		if (codec->format != CODEC_RAW)
			decode_hostile(codec, decoder, noise, sizeof(noise), size);
	}
	codec->decoder_destroy(decoder);
}

static void test_damaged(void **state)
{
	(void)state;
	for_each_encoder(check_damaged);
}

/* Readers of kdump files take a zlib stream with padding behind it. */
static void test_padded_zlib_stream(void **state)
{
	uint8_t page[4096], stored[CODEC_BOUND(4096)];

	(void)state;
	page_of_text(page, sizeof(page));
	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);
		void *encoder;

		if (codec->format != CODEC_ZLIB)
			continue;
		succeed(codec->encoder_create(codec->level_default, &encoder));
		memset(stored, 0, sizeof(stored));
		assert_true(codec->encode(encoder, page, sizeof(page), stored, 4095) > 0);
		check_decodes(CODEC_ZLIB, stored, 4096, page, sizeof(page));
		codec->encoder_destroy(encoder);
	}
}

static void test_memory_is_bounded(void **state)
{
	(void)state;
#ifdef HAVE_ALLOCATED_BYTES
	_cleanup_free_ uint8_t *page = malloc(CODEC_INPUT_MAX);
	_cleanup_free_ uint8_t *stored = malloc(2 * CODEC_INPUT_MAX);

	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);

		for (int level = codec->level_min; level <= codec->level_max; level++) {
			size_t told = codec->encoder_memory(level);
			size_t before = __sanitizer_get_current_allocated_bytes();
			void *encoder;

			succeed(codec->encoder_create(level, &encoder));
			page_of_struct_pages(page, CODEC_INPUT_MAX);
			assert_true(codec->encode(encoder, page, CODEC_INPUT_MAX, stored,
						  2 * CODEC_INPUT_MAX) > 0);
			size_t used = __sanitizer_get_current_allocated_bytes() - before;

			if (used > told)
				fail_msg("%s:%d uses %zu bytes, told %zu", codec->name, level, used,
					 told);
			codec->encoder_destroy(encoder);
		}
	}
#else
	skip();
#endif
}

/* Each kind of page has the codec that is meant for it. */
static void test_auto(void **state)
{
	uint8_t page[4096], stored[CODEC_BOUND(4096)];
	struct vmc_codec_spec spec;
	void *encoder, *fast, *full;

	(void)state;
	succeed(vmc_codec_parse("auto", &spec));
	succeed(spec.codec->encoder_create(spec.level, &encoder));
	page_of_zeros(page, sizeof(page));
	page[100] = 1;
	assert_true(spec.codec->encode(encoder, page, 4096, stored, 4095) > 0);
	assert_int_equal(codec_last_format(spec.codec, encoder), CODEC_ZSTD);
	memset(page, 0xcc, sizeof(page));
	assert_true(spec.codec->encode(encoder, page, 4096, stored, 4095) > 0);
	assert_int_equal(codec_last_format(spec.codec, encoder), CODEC_LZO);
	page_of_random(page, sizeof(page));
	assert_int_equal(spec.codec->encode(encoder, page, 4096, stored, 4095), 0);

	succeed(vmc_codec_parse("zstd", &spec));
	succeed(spec.codec->encoder_create(-1, &fast));
	succeed(spec.codec->encoder_create(1, &full));

	const struct vmc_codec *mixed = vmc_codec_at(0);

	for (size_t i = 1; strcmp(vmc_codec_name(mixed), "auto") != 0; i++)
		mixed = vmc_codec_at(i);
	page_of_text(page, sizeof(page));
	memset(page + 1024, 0, 3072);
	assert_int_equal(mixed->encode(encoder, page, 4096, stored, 4095),
			 spec.codec->encode(fast, page, 4096, stored, 4095));
	page_of_text(page, sizeof(page));
	assert_int_equal(mixed->encode(encoder, page, 4096, stored, 4095),
			 spec.codec->encode(full, page, 4096, stored, 4095));
	assert_true(spec.codec->encode(full, page, 4096, stored, 4095) <
		    spec.codec->encode(fast, page, 4096, stored, 4095));
	mixed->encoder_destroy(encoder);
	spec.codec->encoder_destroy(fast);
	spec.codec->encoder_destroy(full);
}

static void test_registry(void **state)
{
	(void)state;
	assert_true(vmc_codec_count() >= 4);
	assert_null(vmc_codec_at(vmc_codec_count()));
	for (size_t i = 0; i < vmc_codec_count(); i++) {
		const struct vmc_codec *codec = vmc_codec_at(i);
		struct vmc_codec_spec spec;

		succeed(vmc_codec_parse(vmc_codec_name(codec), &spec));
		assert_ptr_equal(spec.codec, codec);
		assert_int_equal(spec.level, vmc_codec_level_default(codec));
		assert_true(vmc_codec_level_min(codec) <= spec.level);
		assert_true(spec.level <= vmc_codec_level_max(codec));
		if (codec->decode) {
			assert_non_null(codec_for_format(codec->format));
			assert_int_equal(codec_for_format(codec->format)->format, codec->format);
		} else {
			assert_null(codec_for_format(codec->format));
		}
		if (codec->format != CODEC_RAW)
			assert_true(strlen(vmc_codec_library(codec)) > 0);
	}
	assert_string_equal(codec_format_name(CODEC_LZO), "LZO");
	assert_string_equal(codec_format_name(CODEC_RAW), "raw");
	assert_null(codec_for_format((enum codec_format)0x80));
}

static void test_parse(void **state)
{
	struct vmc_codec_spec spec;

	(void)state;
	succeed(vmc_codec_parse("zstd:-3", &spec));
	assert_string_equal(vmc_codec_name(spec.codec), "zstd");
	assert_int_equal(spec.level, -3);
	succeed(vmc_codec_parse("zlib:9", &spec));
	assert_int_equal(spec.level, 9);

	fail_with(vmc_codec_parse("", &spec), VMC_ERR_INVALID, "no compression is named \"\"");
	fail_with(vmc_codec_parse("gzip", &spec), VMC_ERR_INVALID,
		  "\"gzip\" (there are zstd, lzo, ");
	fail_with(vmc_codec_parse("zli", &spec), VMC_ERR_INVALID, "\"zli\"");
	fail_with(vmc_codec_parse("zlibx:3", &spec), VMC_ERR_INVALID, "\"zlibx\"");
	fail_with(vmc_codec_parse("zlib:", &spec), VMC_ERR_INVALID, "level \"\" is no number");
	fail_with(vmc_codec_parse("zlib:3x", &spec), VMC_ERR_INVALID, "level \"3x\" is no number");
	fail_with(vmc_codec_parse("zlib: 3", &spec), VMC_ERR_INVALID, "is no number");
	fail_with(vmc_codec_parse("zlib:-", &spec), VMC_ERR_INVALID, "is no number");
	fail_with(vmc_codec_parse("zlib:0", &spec), VMC_ERR_INVALID, "out of range (1 to 9)");
	fail_with(vmc_codec_parse("zstd:-6", &spec), VMC_ERR_INVALID, "out of range (-5 to 19)");
	fail_with(vmc_codec_parse("zstd:99999999999999999999", &spec), VMC_ERR_INVALID,
		  "out of range");
	fail_with(vmc_codec_parse("lzo:1", &spec), VMC_ERR_INVALID, "lzo has no levels");

	/* Known names are told from unknown ones, built in or not. */
	static const char *const optional[] = {"snappy", "libdeflate", "isal"};

	for (size_t i = 0; i < 3; i++) {
		struct vmc_error *err = vmc_codec_parse(optional[i], &spec);

		if (err)
			fail_with(err, VMC_ERR_UNSUPPORTED, "is not built in");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_same_bytes_anywhere),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_padded_zlib_stream),
		cmocka_unit_test(test_memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
