/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vmcull/filter.h>

#include "expect.h"

#define BIT(state) VMC_STATE_BIT(VMC_PAGE_##state)
#define ALWAYS     (BIT(OFFLINE) | BIT(HWPOISON) | BIT(UNACCEPTED))

static void expect_level(int level, uint32_t drop, bool zero)
{
	struct vmc_filter_policy policy;

	assert_null(vmc_filter_policy_from_level(level, &policy));
	assert_int_equal(policy.drop, drop);
	assert_int_equal(policy.drop_zero, zero);
}

static void test_levels(void **state)
{
	(void)state;
	expect_level(0, ALWAYS, false);
	expect_level(1, ALWAYS, true);
	expect_level(2, ALWAYS | BIT(CACHE), false);
	expect_level(4, ALWAYS | BIT(CACHE) | BIT(CACHE_PRIVATE), false);
	expect_level(8, ALWAYS | BIT(ANON) | BIT(HUGETLB), false);
	expect_level(16, ALWAYS | BIT(FREE), false);
	expect_level(
		31, ALWAYS | BIT(CACHE) | BIT(CACHE_PRIVATE) | BIT(ANON) | BIT(HUGETLB) | BIT(FREE),
		true);
	for (int level = 0; level <= 31; level++) {
		struct vmc_filter_policy policy;

		assert_null(vmc_filter_policy_from_level(level, &policy));
		/* 4 does all that 2 does, so headers record both. */
		assert_int_equal(vmc_filter_policy_level(&policy), level & 4 ? level | 2 : level);
	}
}

static void test_level_out_of_range(void **state)
{
	struct vmc_filter_policy policy;

	(void)state;
	fail_with(vmc_filter_policy_from_level(32, &policy), VMC_ERR_INVALID, "32");
	fail_with(vmc_filter_policy_from_level(-1, &policy), VMC_ERR_INVALID, "-1");
}

static void test_names(void **state)
{
	struct vmc_filter_policy policy;

	(void)state;
	assert_null(vmc_filter_policy_from_level(0, &policy));
	assert_null(vmc_filter_policy_change(&policy, "free,user,zero", true));
	assert_int_equal(policy.drop, ALWAYS | BIT(FREE) | BIT(ANON) | BIT(HUGETLB));
	assert_true(policy.drop_zero);
	assert_null(vmc_filter_policy_change(&policy, "anon,zero", false));
	assert_int_equal(policy.drop, ALWAYS | BIT(FREE) | BIT(HUGETLB));
	assert_false(policy.drop_zero);
	assert_null(vmc_filter_policy_change(
		&policy, "offline,hwpoison,unaccepted,cache,cache-private", true));
	assert_int_equal(vmc_filter_policy_level(&policy), 2 | 4 | 16);
}

static void test_bad_names_change_nothing(void **state)
{
	struct vmc_filter_policy policy;

	(void)state;
	assert_null(vmc_filter_policy_from_level(0, &policy));
	fail_with(vmc_filter_policy_change(&policy, "free,fre", true), VMC_ERR_INVALID, "\"fre\"");
	fail_with(vmc_filter_policy_change(&policy, "", true), VMC_ERR_INVALID, "\"\"");
	fail_with(vmc_filter_policy_change(&policy, "free,", true), VMC_ERR_INVALID, "\"\"");
	fail_with(vmc_filter_policy_change(&policy, "free,slab", true), VMC_ERR_REFUSED, "slab");
	fail_with(vmc_filter_policy_change(&policy, "free,unknown", true), VMC_ERR_REFUSED,
		  "unknown");
	assert_int_equal(policy.drop, ALWAYS);
	fail_with(vmc_filter_policy_change(&policy, "offline", false), VMC_ERR_REFUSED, "offline");
	fail_with(vmc_filter_policy_change(&policy, "hwpoison", false), VMC_ERR_REFUSED,
		  "hwpoison");
	fail_with(vmc_filter_policy_change(&policy, "unaccepted", false), VMC_ERR_REFUSED,
		  "unaccepted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_level_out_of_range),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bad_names_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
