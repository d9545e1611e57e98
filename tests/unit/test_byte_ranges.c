/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/byte_ranges.h"
#include "expect.h"

#define NUMBERS 5000
#define BLOCK   64

/* A generator with a seed of its own: the same numbers in every run. */
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

/* Random ranges, in @ranges and in one byte a number. */
static void fill(struct byte_ranges *ranges, uint8_t *member, unsigned int count)
{
	memset(member, 0, NUMBERS);
	for (unsigned int i = 0; i < count; i++) {
		uint64_t start = random_below(NUMBERS), size = random_below(40);

		size = start + size > NUMBERS ? NUMBERS - start : size;
		succeed(byte_ranges_add(ranges, start, size));
		memset(member + start, 1, size);
	}
}

static void check_sorted(const struct byte_ranges *ranges, const uint8_t *member)
{
	uint64_t total = 0, blocks = 0;
	size_t at = 0;

	for (uint64_t n = 0; n < NUMBERS; n++) {
		bool begins = member[n] && (n == 0 || !member[n - 1]);

		if (begins) {
			assert_true(at < ranges->count);
			assert_int_equal(ranges->items[at].start, n);
		}
		total += member[n];
		if (member[n] && (n + 1 == NUMBERS || !member[n + 1])) {
			assert_int_equal(ranges->items[at].end, n + 1);
			at++;
		}
		if (n % BLOCK == 0)
			blocks += memchr(member + n, 1,
					 n + BLOCK < NUMBERS ? BLOCK : NUMBERS - n) != NULL;
	}
	assert_int_equal(at, ranges->count);
	assert_int_equal(total, byte_ranges_total(ranges));
	assert_int_equal(blocks, byte_ranges_blocks(ranges, BLOCK));
}

static void check_find(const struct byte_ranges *ranges)
{
	for (uint64_t n = 0; n < NUMBERS; n += 7) {
		size_t expected = 0;

		while (expected < ranges->count && ranges->items[expected].end <= n)
			expected++;
		assert_int_equal(byte_ranges_find(ranges, n), expected);
	}
}

static void test_against_truth(void **state)
{
	static uint8_t member[NUMBERS], other_member[NUMBERS];

	(void)state;
	for (unsigned int round = 0; round < 60; round++) {
		struct byte_ranges ranges, others;

		byte_ranges_init(&ranges);
		byte_ranges_init(&others);
		fill(&ranges, member, round * 5);
		byte_ranges_sort(&ranges);
		check_sorted(&ranges, member);
		check_find(&ranges);

		fill(&others, other_member, (60 - round) * 3);
		succeed(byte_ranges_subtract(&ranges, &others));
		check_sorted(&others, other_member);
		for (size_t i = 0; i < NUMBERS; i++)
			member[i] &= !other_member[i];
		check_sorted(&ranges, member);

		succeed(byte_ranges_add_all(&ranges, &others));
		byte_ranges_sort(&ranges);
		for (size_t i = 0; i < NUMBERS; i++)
			member[i] |= other_member[i];
		check_sorted(&ranges, member);
		byte_ranges_deinit(&ranges);
		byte_ranges_deinit(&others);
	}
}

/* The same ranges over and over, in no order, take no more room than once. */
static void test_memory_is_bound(void **state)
{
	struct byte_ranges ranges;
	size_t capacity = 0;

	(void)state;
	byte_ranges_init(&ranges);
	for (unsigned int i = 0; i < 200000; i++) {
		succeed(byte_ranges_add(&ranges, i * 7919 % 1000 * 10, 5));
		if (i == 2000)
			capacity = ranges.capacity;
	}
	assert_int_equal(ranges.capacity, capacity);
	byte_ranges_sort(&ranges);
	assert_int_equal(ranges.count, 1000);
	byte_ranges_deinit(&ranges);
}

static void test_end_of_numbers(void **state)
{
	struct byte_ranges ranges;

	(void)state;
	byte_ranges_init(&ranges);
	succeed(byte_ranges_add(&ranges, UINT64_MAX - 10, 100));
	succeed(byte_ranges_add(&ranges, UINT64_MAX, 1));
	byte_ranges_sort(&ranges);
	assert_int_equal(byte_ranges_total(&ranges), 10);
	byte_ranges_deinit(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_truth),
		cmocka_unit_test(test_memory_is_bound),
		cmocka_unit_test(test_end_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
