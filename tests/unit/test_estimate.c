/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples and what is said of their error. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audit/estimate/estimate.h"

static void a_sample_of_all(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample, 100, 1);
	assert_null(sample_put(&sample, 50, 10));
	assert_null(sample_put(&sample, 10, 5));
	sample_sort(&sample);
	assert_int_equal(sample.count, 15);
	assert_int_equal(sample.seen, 15);
	for (size_t i = 0; i < 15; i++) {
		assert_int_equal(sample.pages[i].pfn, i < 5 ? 10 + i : 45 + i);
		assert_int_equal(sample.pages[i].follow, i < 5 ? 4 - i : 14 - i);
	}
	sample_deinit(&sample);
}

/* Each page is drawn about equally often, and none twice. */
static void a_sample_is_fair(void **state)
{
	enum { PAGES = 1000, WANTED = 50, ROUNDS = 2000 };
	unsigned int drawn[PAGES] = {0};

	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		struct sample sample;

		sample_init(&sample, WANTED, seed);
		for (size_t i = 0; i < PAGES; i += 8)
			assert_null(sample_put(&sample, i, 8));
		sample_sort(&sample);
		assert_int_equal(sample.count, WANTED);
		for (size_t i = 0; i < WANTED; i++) {
			assert_true(!i || sample.pages[i - 1].pfn < sample.pages[i].pfn);
			drawn[sample.pages[i].pfn]++;
		}
		sample_deinit(&sample);
	}
	/* 100 expected, the standard deviation is 9.7. */
	for (size_t i = 0; i < PAGES; i++)
		assert_in_range(drawn[i], 50, 150);
}

static void means(void **state)
{
	struct estimate_mean mean;

	(void)state;
	/* 1000, 3000 and two zeros that cost 20. */
	mean = estimate_mean(4, 2, 20, 4000, 10e6, 4096);
	assert_true(fabs(mean.mean - 1010) < 1e-6);

	double values[] = {1000, 3000, 20, 20, 0, 4096}, middle = 8136 / 6., sum = 0;

	for (size_t i = 0; i < 6; i++)
		sum += (values[i] - middle) * (values[i] - middle);
	assert_true(fabs(mean.variance - sum / 5) < 1e-3);

	/* A thousand that are alike do not prove that all others are. */
	mean = estimate_mean(1000, 1000, 0, 0, 0, 4096);
	assert_true(mean.mean == 0 && mean.variance > 1000);
	mean = estimate_mean(0, 0, 0, 0, 0, 4096);
	assert_true(mean.mean == 0 && mean.variance == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_of_all),
		cmocka_unit_test(a_sample_is_fair),
		cmocka_unit_test(means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
