/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/extents.h"

/* A generator with a seed of its own: the same numbers in every run. */
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

/* The plain truth to compare with: one byte a number. */
#define NUMBERS 40000

static uint8_t member[NUMBERS];

static void truth_add(struct extents *extents, uint64_t start, uint64_t count)
{
	assert_null(extents_append(extents, start, count));
	memset(member + start, 1, count);
}

/* The first extent at or above @number; false when there is none. */
static bool truth_find(uint64_t number, struct extent *ret, uint64_t *ret_rank)
{
	uint64_t start = number, end;

	while (start < NUMBERS && !member[start])
		start++;
	if (start == NUMBERS)
		return false;
	while (start && member[start - 1])
		start--;
	for (end = start; end < NUMBERS && member[end];)
		end++;
	*ret = (struct extent){.start = start, .count = end - start};
	*ret_rank = 0;
	for (uint64_t i = 0; i < start; i++)
		*ret_rank += member[i];
	return true;
}

static void compare_at(const struct extents *extents, uint64_t number)
{
	struct extent expected, found;
	uint64_t expected_rank, rank;
	bool exists = truth_find(number, &expected, &expected_rank);

	assert_int_equal(extents_find(extents, number, &found, &rank), exists);
	assert_int_equal(extents_contain(extents, number), member[number]);
	if (!exists)
		return;
	assert_int_equal(found.start, expected.start);
	assert_int_equal(found.count, expected.count);
	assert_int_equal(rank, expected_rank);
}

static void compare_all(const struct extents *extents)
{
	struct extents_iter iter;
	struct extent extent;
	uint64_t at = 0, count = 0, total = 0, end = 0;

	extents_iter_init(&iter, extents, 0);
	while (extents_iter_next(&iter, &extent)) {
		for (; at < extent.start; at++)
			assert_int_equal(member[at], 0);
		for (; at < extent.start + extent.count; at++)
			assert_int_equal(member[at], 1);
		count++;
		total += extent.count;
		end = at;
	}
	for (; at < NUMBERS; at++)
		assert_int_equal(member[at], 0);
	assert_false(extents_iter_next(&iter, &extent));
	assert_int_equal(extents_count(extents), count);
	assert_int_equal(extents_total(extents), total);
	assert_int_equal(extents_end(extents), end);
}

/* Few and long, many and short, adjoining: up to thousands of extents, over many index marks. */
static void against_a_plain_array(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 40; round++) {
		struct extents extents;
		uint64_t gap = 1 + round % 8 * 40, length = 1 + round / 8 * 30, at = 0;

		random_state = round;
		memset(member, 0, sizeof(member));
		extents_init(&extents);
		while (true) {
			uint64_t start = at + random_below(gap + 1);
			uint64_t count = random_below(length + 1);

			if (start + count > NUMBERS)
				break;
			truth_add(&extents, start, count);
			at = start + count;
		}
		compare_all(&extents);
		for (int i = 0; i < 150; i++)
			compare_at(&extents, random_below(NUMBERS));
		compare_at(&extents, 0);
		compare_at(&extents, NUMBERS - 1);
		if (extents_end(&extents) < NUMBERS)
			compare_at(&extents, extents_end(&extents));
		compare_at(&extents, extents_end(&extents) - 1);
		extents_deinit(&extents);
	}
}

static void walks_from_any_number(void **state)
{
	struct extents extents;

	(void)state;
	random_state = 7;
	memset(member, 0, sizeof(member));
	extents_init(&extents);
	for (uint64_t at = 10; at < NUMBERS - 20; at += 8 + random_below(10))
		truth_add(&extents, at, 1 + random_below(7));
	for (uint64_t from = 0; from < NUMBERS; from += 1 + random_below(200)) {
		struct extents_iter iter;
		struct extent extent, expected;
		uint64_t rank, at = from;

		extents_iter_init(&iter, &extents, from);
		for (int i = 0; i < 3; i++) {
			bool more = truth_find(at, &expected, &rank);

			if (more)
				assert_int_equal(iter.rank, rank);
			assert_int_equal(extents_iter_next(&iter, &extent), more);
			if (!more)
				break;
			assert_int_equal(extent.start, expected.start);
			assert_int_equal(extent.count, expected.count);
			at = extent.start + extent.count;
			if (at == NUMBERS)
				break;
		}
	}
	extents_deinit(&extents);
}

static void empty_sets(void **state)
{
	struct extents extents;
	struct extents_iter iter;
	struct extent extent;
	uint64_t rank;

	(void)state;
	extents_init(&extents);
	assert_null(extents_append(&extents, 5, 0));
	assert_int_equal(extents_total(&extents), 0);
	assert_int_equal(extents_count(&extents), 0);
	assert_int_equal(extents_end(&extents), 0);
	assert_false(extents_find(&extents, 0, &extent, &rank));
	assert_false(extents_contain(&extents, UINT64_MAX));
	extents_iter_init(&iter, &extents, 12);
	assert_false(extents_iter_next(&iter, &extent));
	extents_deinit(&extents);
}

static void numbers_of_64_bits(void **state)
{
	struct extents extents;
	struct extent extent;
	uint64_t rank;

	(void)state;
	extents_init(&extents);
	assert_null(extents_append(&extents, 0, 1));
	assert_null(extents_append(&extents, (uint64_t)1 << 40, (uint64_t)1 << 50));
	assert_null(extents_append(&extents, UINT64_MAX - 10, 10));
	assert_int_equal(extents_count(&extents), 3);
	assert_int_equal(extents_end(&extents), UINT64_MAX);
	assert_int_equal(extents_total(&extents), 11 + ((uint64_t)1 << 50));
	assert_true(extents_find(&extents, 1, &extent, &rank));
	assert_int_equal(extent.start, (uint64_t)1 << 40);
	assert_int_equal(rank, 1);
	assert_true(extents_find(&extents, UINT64_MAX - 1, &extent, &rank));
	assert_int_equal(extent.start, UINT64_MAX - 10);
	assert_int_equal(rank, 1 + ((uint64_t)1 << 50));
	assert_false(extents_contain(&extents, UINT64_MAX));
	extents_deinit(&extents);
}

/* A set as of a real dump (short runs, shorter gaps) needs few bytes an extent. */
static void memory_is_what_the_header_promises(void **state)
{
	enum { COUNT = 100000 };
	struct extents extents;
	uint64_t at = 0;

	(void)state;
	random_state = 3;
	extents_init(&extents);
	for (int i = 0; i < COUNT; i++) {
		uint64_t count = 1 + random_below(100);

		at += 1 + random_below(100);
		assert_null(extents_append(&extents, at, count));
		at += count;
	}
	assert_int_equal(extents_count(&extents), COUNT);
	assert_true(extents.used < 3 * COUNT);
	assert_true(extents_memory(&extents) < 2 * 4 * COUNT);
	extents_deinit(&extents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_a_plain_array),
		cmocka_unit_test(walks_from_any_number),
		cmocka_unit_test(empty_sets),
		cmocka_unit_test(numbers_of_64_bits),
		cmocka_unit_test(memory_is_what_the_header_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
