/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of an output file against a plain array of bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dump/flattened.h"
#include "scratch_file.h"
#include "write/bitmap.h"

#define SIZE   (BITMAP_BUFFER_SIZE * 3 + 4096)
#define OFFSET 8192

static struct bitmap_writer bitmap;

static void set_expected(uint8_t *expected, uint64_t start, uint64_t count)
{
	for (uint64_t i = start; i < start + count; i++)
		expected[i / 8] |= (uint8_t)(1u << i % 8);
}

static void put_runs(const uint64_t (*runs)[2], size_t count, bool value)
{
	for (size_t i = 0; i < count; i++)
		assert_null(bitmap_writer_put(&bitmap, runs[i][0], runs[i][1], value));
	assert_null(bitmap_writer_finish(&bitmap));
}

/* Puts runs of ones into a stream, and asks after each for what is complete. */
static void check_stream(const uint64_t (*runs)[2], size_t count, const uint8_t *expected,
			 uint8_t *found)
{
	struct scratch_file scratch;
	struct output *output;
	struct io_file *file;
	size_t read;

	scratch_file_create(&scratch, NULL, 0);
	assert_null(output_create_stream(scratch.fd, "stream", &output));
	bitmap_writer_init(&bitmap, output, OFFSET, SIZE);
	for (size_t i = 0; i < count; i++) {
		uint64_t end = runs[i][0] + runs[i][1];

		assert_null(bitmap_writer_put(&bitmap, runs[i][0], runs[i][1], true));
		assert_null(bitmap_writer_flush(&bitmap, end));
		assert_null(io_file_open(scratch.path, &file));
		memset(found, 0, SIZE);

		struct vmc_error *err = flattened_open(file, true);

		if (!err)
			assert_null(io_file_read_some(file, OFFSET, found, end / 8, &read));
		vmc_error_free(err); /* there is nothing in it yet */
		assert_memory_equal(found, expected, end / 8);
		io_file_close(file);
	}
	assert_null(bitmap_writer_finish(&bitmap));
	/* Whatever comes first counts: no place is written twice. */
	assert_null(io_file_open(scratch.path, &file));
	if (count)
		assert_null(flattened_open(file, true));
	for (size_t i = 1; i < file->records.count; i++)
		assert_true(file->records.list[i].stored > file->records.list[i - 1].stored);
	memset(found, 0, SIZE);
	if (count)
		assert_null(io_file_read_some(file, OFFSET, found, SIZE, &read));
	assert_memory_equal(found, expected, SIZE);
	io_file_close(file);
	output_destroy(output);
	scratch_file_destroy(&scratch);
}

/* Puts runs of ones, then, over them, ones and zeros in turn. */
static void check(const uint64_t (*runs)[2], size_t count)
{
	uint8_t *expected = calloc(1, SIZE), *found = malloc(SIZE);
	struct scratch_file scratch;
	struct output *output;

	scratch_file_create(&scratch, NULL, 0);
	assert_null(output_create_file(scratch.path, true, true, &output));
	assert_null(output_resize(output, OFFSET + SIZE));

	bitmap_writer_init(&bitmap, output, OFFSET, SIZE);
	put_runs(runs, count, true);
	for (size_t i = 0; i < count; i++)
		set_expected(expected, runs[i][0], runs[i][1]);
	assert_null(io_file_read(output->file, OFFSET, found, SIZE));
	assert_memory_equal(found, expected, SIZE);
	check_stream(runs, count, expected, found);

	memset(expected, 0, SIZE);
	bitmap_writer_init(&bitmap, output, OFFSET, SIZE);
	for (size_t i = 0; i < count; i++) {
		assert_null(bitmap_writer_put(&bitmap, runs[i][0], runs[i][1], i % 2));
		if (i % 2)
			set_expected(expected, runs[i][0], runs[i][1]);
	}
	assert_null(bitmap_writer_finish(&bitmap));
	assert_null(io_file_read(output->file, OFFSET, found, SIZE));
	assert_memory_equal(found, expected, SIZE);

	output_destroy(output);
	scratch_file_destroy(&scratch);
	free(expected);
	free(found);
}

static void test_nothing(void **state)
{
	(void)state;
	check(NULL, 0);
}

static void test_edges(void **state)
{
	static const uint64_t runs[][2] = {
		{0, 1},
		{2, 1},
		{7, 2},
		{10, 5},
		{16, 8},
		{25, 40},
		{BITMAP_BUFFER_SIZE * 8 - 3, 6},  /* across two buffers */
		{BITMAP_BUFFER_SIZE * 16 - 1, 1}, /* last of a buffer */
		{BITMAP_BUFFER_SIZE * 16, 1},     /* first of the next */
		{SIZE * 8 - 1, 1},                /* last of all */
	};

	(void)state;
	check(runs, sizeof(runs) / sizeof(runs[0]));
}

static void test_one_long_run(void **state)
{
	static const uint64_t runs[][2] = {{5, SIZE * 8 - 9}};

	(void)state;
	check(runs, 1);
}

static void test_far_apart(void **state)
{
	static const uint64_t runs[][2] = {{3, 1}, {BITMAP_BUFFER_SIZE * 24 + 77, 3}};

	(void)state;
	check(runs, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_one_long_run),
		cmocka_unit_test(test_far_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
