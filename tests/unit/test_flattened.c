/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "flattened_image.h"
#include "kdump_opened.h"

#include "dump/flattened.h"

static const struct vmc_dump_options no_mmap = {.no_mmap = true};

static void check_flat(const struct recipe *recipe, size_t record_size,
		       const struct vmc_dump_options *options)
{
	struct image plain = image_build(recipe), flat = flat_build(&plain, record_size);
	struct vmc_dump_history history;
	struct opened opened;

	succeed(opened_try(&opened, &flat, options));
	opened.first = recipe->first_pfn;
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	assert_string_equal(vmc_dump_format(opened.dump), "kdump");
	assert_int_equal(vmc_dump_file_size(opened.dump), flat.size);
	vmc_dump_history(opened.dump, &history);
	assert_true(history.flattened);
	opened_close(&opened);
	image_destroy(&flat);
	image_destroy(&plain);
}

static void records_of_any_size(void **state)
{
	static const size_t sizes[] = {7, 100, 4096, 5000, 16384, 1 << 20};
	const struct recipe recipe = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		check_flat(&recipe, sizes[i], NULL);
		check_flat(&recipe, sizes[i], &no_mmap);
	}
}

/* The stream is big endian, whatever the file inside is. */
static void any_kind_of_file(void **state)
{
	(void)state;
	for (enum image_abi abi = 0; abi < ABI_COUNT; abi++) {
		for (unsigned int order = 0; order < 2; order++) {
			struct recipe recipe = {.abi = abi, .layout = order ? big : little};

			if (abi != ABI_64)
				recipe.machine = "ppc";

			check_flat(&recipe, 1000, NULL);
		}
	}
}

static void a_plain_file_is_not_flattened(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe);
	struct vmc_dump_history history;
	struct opened opened;

	(void)state;
	succeed(opened_try(&opened, &plain, NULL));
	vmc_dump_history(opened.dump, &history);
	assert_false(history.flattened);
	opened_close(&opened);
	image_destroy(&plain);
}

/* Where nothing was written there are zeros, also where the window would map. */
static void holes_are_zeros(void **state)
{
	struct io_window *window;
	uint8_t expected[9000] = {0}, bytes[9000];
	struct scratch_file file;
	struct io_file *opened;
	struct image flat;
	const void *view;
	size_t size;

	(void)state;
	flat_begin(&flat);
	scratch_fill(expected + 100, 100, 50);
	scratch_fill(expected + 8000, 8000, 1000);
	flat_record(&flat, 8000, expected + 8000, 1000);
	flat_record(&flat, 100, expected + 100, 50);
	flat_end(&flat);
	scratch_file_create(&file, flat.bytes, flat.size);
	succeed(io_file_open(file.path, &opened));
	succeed(flattened_open(opened, true));
	assert_int_equal(opened->size, 9000);
	succeed(io_file_read(opened, 0, bytes, 9000));
	assert_memory_equal(bytes, expected, 9000);
	succeed(io_file_read_some(opened, 8900, bytes, 9000, &size));
	assert_int_equal(size, 100);
	succeed(io_file_read_some(opened, 9001, bytes, 9000, &size));
	assert_int_equal(size, 0);
	fail_with(io_file_read(opened, 8900, bytes, 101), VMC_ERR_TRUNCATED, "the file ends");
	succeed(io_window_create(opened, true, &window));
	for (size_t at = 0; at + 60 <= 9000; at += 13) {
		succeed(io_window_get(window, at, 60, &view));
		assert_memory_equal(view, expected + at, 60);
		succeed(io_window_check(window));
	}
	fail_with(io_window_get(window, 8999, 2, &view), VMC_ERR_TRUNCATED, "beyond the end");
	io_window_destroy(window);
	io_file_close(opened);
	scratch_file_destroy(&file);
	image_destroy(&flat);
}

/* How many of the pages are there; those are right. */
static size_t count_saved(struct opened *opened)
{
	size_t saved = 0;

	for (size_t i = 0; i < DEFAULT_COUNT; i++) {
		struct vmc_error *err = read_page(opened, default_pages[i].pfn);

		if (err)
			fail_with(err, VMC_ERR_NODATA, "stopped before this page");
		else
			check_page(opened, &default_pages[i]);
		saved += !err;
	}
	return saved;
}

/* How many pages there are of a stream that was cut off somewhere; 0 when it does not open. */
static size_t open_cut(const struct image *flat)
{
	struct vmc_dump_history history;
	struct opened opened;
	size_t saved = 0;
	struct vmc_error *err = opened_try(&opened, flat, NULL);

	if (err) {
		fail_with(err, VMC_ERR_TRUNCATED, "");
	} else {
		vmc_dump_history(opened.dump, &history);
		assert_true(history.incomplete && history.flattened);
		saved = count_saved(&opened);
	}
	opened_close(&opened);
	return saved;
}

/* Wherever it was cut off, what came before is there, and no more is said to be. */
static void what_is_cut_off_is_incomplete(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat;
	size_t saved = 0;

	(void)state;
	flat_begin(&flat);
	for (size_t i = 0; i < plain.size; i += 3000)
		flat_record(&flat, i, plain.bytes + i, min_u64(3000, plain.size - i));

	size_t whole = flat.size;

	for (flat.size = 16; flat.size < whole; flat.size += flat.size < whole - 40 ? 37 : 1) {
		size_t now = open_cut(&flat);

		assert_true(now >= saved);
		saved = now;
	}
	flat.size = whole;
	assert_int_equal(open_cut(&flat), DEFAULT_COUNT); /* only the end mark is missing */
	image_destroy(&flat);
	image_destroy(&plain);
}

/* Of records in another order the first ones may be those that would have been replaced. */
static void what_is_cut_off_in_disorder_opens_or_not(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat = flat_build(&plain, 3000);
	size_t whole = flat.size;

	(void)state;
	for (flat.size = 16; flat.size < whole; flat.size += flat.size < whole - 40 ? 37 : 1) {
		struct vmc_dump_history history;
		struct opened opened;
		struct vmc_error *err = opened_try(&opened, &flat, NULL);

		if (!err) {
			vmc_dump_history(opened.dump, &history);
			assert_true(history.incomplete);
		}
		vmc_error_free(err);
		opened_close(&opened);
	}
	image_destroy(&flat);
	image_destroy(&plain);
}

static void expect_bad_record(uint64_t offset, uint64_t size, enum vmc_error_code code,
			      const char *part)
{
	struct image flat;

	flat_begin(&flat);
	flat_record(&flat, 0, "KDUMP   ", 8);
	put_u64(&flat, flat.size, offset);
	put_u64(&flat, flat.size, size);
	flat_record(&flat, 100, "something", 9);
	flat_end(&flat);
	expect_open_error(&flat, code, part);
	image_destroy(&flat);
}

static void impossible_records(void **state)
{
	(void)state;
	expect_bad_record(UINT64_MAX, 5, VMC_ERR_CORRUPT, "flattened record");
	expect_bad_record(5, UINT64_MAX, VMC_ERR_CORRUPT, "flattened record");
	expect_bad_record((uint64_t)1 << 63, 5, VMC_ERR_CORRUPT, "flattened record");
	expect_bad_record(INT64_MAX, 1, VMC_ERR_CORRUPT, "offset 0x1018");
	expect_bad_record(FLATTENED_CONTENT_MAX, 1, VMC_ERR_CORRUPT, "no place in a dump");
	expect_bad_record(1, FLATTENED_CONTENT_MAX, VMC_ERR_CORRUPT, "no place in a dump");
	expect_bad_record(0, FLATTENED_CONTENT_MAX, VMC_ERR_TRUNCATED, "truncated flattened");
	expect_bad_record(0, 42, VMC_ERR_TRUNCATED, "truncated flattened");
}

static void headers_of_other_versions(void **state)
{
	struct image flat;

	(void)state;
	flat_begin(&flat);
	flat_end(&flat);
	expect_open_error(&flat, VMC_ERR_FORMAT, "inside of a flattened dump: the file is empty");
	put_u64(&flat, 24, 2);
	expect_open_error(&flat, VMC_ERR_UNSUPPORTED, "type 0x1, version 0x2");
	put_u64(&flat, 24, 1);
	put_u64(&flat, 16, 7);
	expect_open_error(&flat, VMC_ERR_UNSUPPORTED, "type 0x7");
	image_destroy(&flat);
}

static void what_is_inside_is_named(void **state)
{
	struct image flat;

	(void)state;
	flat_begin(&flat);
	flat_record(&flat, 0, "QEVM", 4);
	flat_end(&flat);
	expect_open_error(&flat, VMC_ERR_UNSUPPORTED, "QEMU migration stream");
	image_destroy(&flat);
}

/* A hostile file that is all records of no bytes, with holes that take no room on a disk. */
static void endless_records_have_an_end(void **state)
{
	struct scratch_file file;
	struct vmc_dump *dump;
	struct image flat;

	(void)state;
	flat_begin(&flat);
	scratch_file_create(&file, flat.bytes, flat.size);
	scratch_file_resize(&file, (uint64_t)1 << 40);
	fail_with(vmc_dump_open(file.path, NULL, &dump), VMC_ERR_LIMIT, "records");
	scratch_file_destroy(&file);
	image_destroy(&flat);
}

/* 100,000 records, each before the one that came before it. */
static void many_records_are_opened_fast(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat;
	struct timespec start, end;
	struct opened opened;

	(void)state;
	flat_begin(&flat);
	for (uint64_t i = 100000; i > 0; i--)
		flat_record(&flat, ((uint64_t)1 << 30) + i * 100, &i, sizeof(i));
	flat_record(&flat, 0, plain.bytes, plain.size);
	flat_end(&flat);
	clock_gettime(CLOCK_MONOTONIC, &start);
	succeed(opened_try(&opened, &flat, NULL));
	clock_gettime(CLOCK_MONOTONIC, &end);
	check_pages(&opened, default_pages, DEFAULT_COUNT);
	assert_true(end.tv_sec - start.tv_sec < 5); /* a quadratic sort would take longer */
	opened_close(&opened);
	image_destroy(&flat);
	image_destroy(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_any_size),
		cmocka_unit_test(any_kind_of_file),
		cmocka_unit_test(a_plain_file_is_not_flattened),
		cmocka_unit_test(holes_are_zeros),
		cmocka_unit_test(what_is_cut_off_is_incomplete),
		cmocka_unit_test(what_is_cut_off_in_disorder_opens_or_not),
		cmocka_unit_test(impossible_records),
		cmocka_unit_test(headers_of_other_versions),
		cmocka_unit_test(what_is_inside_is_named),
		cmocka_unit_test(endless_records_have_an_end),
		cmocka_unit_test(many_records_are_opened_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
