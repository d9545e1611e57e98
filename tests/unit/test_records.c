/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/records.h"
#include "expect.h"

#define CONTENT 300 /* bytes; small enough to hold each of them against what it should be */

/* Where each byte of the content is in the file, by writing records one after the other. */
struct model {
	uint64_t stored[CONTENT]; /* 0: nowhere */
	uint64_t next;
};

static void add(struct io_records *records, struct model *model, uint64_t offset, uint64_t size)
{
	succeed(io_records_add(records, offset, size, model->next + 16));
	for (uint64_t i = 0; i < size; i++)
		model->stored[offset + i] = model->next + 16 + i;
	model->next += 16 + size;
}

/* Every range of the content is put together out of pieces, each as long as it can be. */
static void check(const struct io_records *records, const struct model *model)
{
	for (uint64_t at = 0; at < CONTENT; at++) {
		struct io_piece piece = io_records_find(records, at, CONTENT - at);

		assert_in_range(piece.size, 1, CONTENT - at);
		assert_int_equal(piece.hole, !model->stored[at]);
		for (uint64_t i = 0; i < piece.size; i++)
			assert_int_equal(piece.hole ? 0 : piece.stored + i, model->stored[at + i]);
		assert_int_equal(io_records_find(records, at, 1).size, 1);
	}
}

static void check_sorted(const struct io_records *records)
{
	for (size_t i = 1; i < records->count; i++) {
		const struct io_record *last = &records->list[i - 1];

		assert_true(last->offset + last->size <= records->list[i].offset);
	}
}

static void nothing_is_a_hole(void **state)
{
	struct io_records records = {0};
	struct model model = {0};

	(void)state;
	succeed(io_records_finish(&records));
	check(&records, &model);
	succeed(io_records_add(&records, 5, 0, 100));
	succeed(io_records_finish(&records));
	assert_int_equal(records.size, 0);
	check(&records, &model);
	io_records_deinit(&records);
}

static void records_in_any_order(void **state)
{
	struct io_records records = {0};
	struct model model = {0};

	(void)state;
	add(&records, &model, 100, 50);
	add(&records, &model, 10, 20);
	add(&records, &model, 30, 20);
	add(&records, &model, 200, 100);
	succeed(io_records_finish(&records));
	assert_int_equal(records.count, 4);
	assert_int_equal(records.size, 300);
	check(&records, &model);
	io_records_deinit(&records);
}

/* As makedumpfile does with the program headers of -F -E. */
static void the_later_record_counts(void **state)
{
	struct io_records records = {0};
	struct model model = {0};

	(void)state;
	add(&records, &model, 0, 64);
	add(&records, &model, 64, 100);
	add(&records, &model, 164, 50);
	add(&records, &model, 64, 100); /* the same again */
	add(&records, &model, 60, 10);  /* across a border */
	add(&records, &model, 170, 4);  /* inside */
	succeed(io_records_finish(&records));
	check(&records, &model);
	check_sorted(&records);
	io_records_deinit(&records);
}

static void any_records_at_all(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned int round = 0; round < 300; round++) {
		struct io_records records = {0};
		struct model model = {0};
		unsigned int count = round % 40;

		for (unsigned int i = 0; i < count; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;

			uint64_t offset = (random >> 33) % CONTENT;
			uint64_t most = CONTENT - offset < 60 ? CONTENT - offset : 60;

			add(&records, &model, offset, (random >> 20) % (most + 1));
		}
		succeed(io_records_finish(&records));
		check(&records, &model);
		check_sorted(&records);
		io_records_deinit(&records);
	}
}

#define MANY 200000

/* Each begins before the last one and goes on to the end: all are open at once. */
static void many_that_overlap_take_no_time(void **state)
{
	struct io_records records = {0};

	(void)state;
	for (uint64_t i = 0; i < MANY; i++)
		succeed(io_records_add(&records, MANY - i, 2 * MANY, 16 + i * 3 * MANY));
	succeed(io_records_finish(&records));
	for (uint64_t i = 1; i <= MANY; i++) {
		struct io_piece piece = io_records_find(&records, i, 1);

		/* The last one added begins at 1 and lies over all others. */
		assert_int_equal(piece.stored, 16 + (uint64_t)(MANY - 1) * 3 * MANY + i - 1);
	}
	io_records_deinit(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_a_hole),
		cmocka_unit_test(records_in_any_order),
		cmocka_unit_test(the_later_record_counts),
		cmocka_unit_test(any_records_at_all),
		cmocka_unit_test(many_that_overlap_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
