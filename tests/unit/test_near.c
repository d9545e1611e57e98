/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that nearly decided: each row of the table of near misses, and pages that have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explained_page.h"

/* Is there such a near miss, of a rule that exists? */
static void expect_near(struct fixture *fixture, vmc_pfn pfn, const char *name, const char *rule)
{
	const struct vmc_explanation *page = &fixture->page;
	const struct vmc_page_rule *known;
	unsigned int i = 0;

	explain(fixture, pfn);
	for (unsigned int j = 0; (known = vmc_page_rule(j)) && strcmp(known->name, rule); j++)
		;
	assert_non_null(known);
	while (i < page->near_count && strcmp(page->near[i].name, name) != 0)
		i++;
	if (i == page->near_count)
		fail_msg("pfn 0x%jx, %s by %s: %s is none of %u near misses", (uintmax_t)pfn,
			 vmc_audit_state_name(page->state), page->rule->name, name,
			 page->near_count);
	assert_string_equal(page->near[i].rule, rule);
	assert_true(strlen(page->near[i].text) > 10);
}

static void expect_no_near(struct fixture *fixture, vmc_pfn pfn)
{
	explain(fixture, pfn);
	if (fixture->page.near_count)
		fail_msg("pfn 0x%jx: %s", (uintmax_t)pfn, fixture->page.near[0].name);
}

static void test_near_free(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_6_8);
	put_free(&f.kernel, 0x4000, 11, BUDDY_6_8);
	put_free(&f.kernel, 0x3001, 3, BUDDY_6_8);
	put_free(&f.kernel, 0x2000, 3, BUDDY_6_8);
	page_put_type(&f.kernel, 0x5000, BUDDY_6_8 & ~(1u << 3)); /* another bit cleared */
	page_put_type(&f.kernel, 0x5001, BUDDY_6_8 & ~(1u << 3) & ~(1u << 4));
	expect_near(&f, 0x4000, "order-too-large", "buddy-type");
	expect_near(&f, 0x3001, "free-misaligned", "buddy-type");
	expect_near(&f, 0x5000, "one-bit-from-type", "buddy-type");
	expect_near(&f, 0x5002, "looks-free", "buddy-type");
	expect_no_near(&f, 0x2000);
	expect_no_near(&f, 0x2003);
	expect_no_near(&f, 0x5001);
	end(&f);
}

static void test_near_type(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	page_put_type(&f.kernel, 0x1000, BUDDY_7_2 & ~(1u << 31));
	page_put_type(&f.kernel, 0x1001, 0xfd000000); /* slab is 0xf5 */
	page_put_type(&f.kernel, 0x1002, 0xf8000000); /* a type of its own, one bit from 0xf0 */
	page_put_type(&f.kernel, 0x1003, 3);
	expect_near(&f, 0x1000, "one-bit-from-type", "buddy-type");
	expect_near(&f, 0x1001, "one-bit-from-type", "slab-type");
	expect_no_near(&f, 0x1002);
	expect_no_near(&f, 0x1003);
	assert_int_equal(f.page.mapcount, 4);
	assert_null(f.page.type);
	explain(&f, 0x1002);
	assert_string_equal(f.page.type, "large_kmalloc");
	end(&f);
}

static void test_near_unaccepted(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	page_put_type(&f.kernel, 0x9000, UNACCEPTED_7_2);
	page_put_type(&f.kernel, 0xa001, UNACCEPTED_7_2);
	put_list(&f.kernel, ZONE + ZONE_UNACCEPTED, 0xb000); /* of which the type is missing */
	expect_near(&f, 0xa001, "unaccepted-misaligned", "unaccepted-type");
	expect_near(&f, 0x9000, "typed-only", "unaccepted-list");
	expect_near(&f, 0x9005, "typed-only", "unaccepted-list");
	expect_near(&f, 0xb000, "listed-only", "unaccepted-type");
	assert_int_equal(f.page.block_count, 1024);
	end(&f);

	begin(&f, KEYS_7_2);
	page_put_type(&f.kernel, 0xb000, UNACCEPTED_7_2);
	put_list(&f.kernel, ZONE + ZONE_UNACCEPTED, 0xb000);
	expect_no_near(&f, 0xb000);
	assert_int_equal(f.page.state, VMC_PAGE_UNACCEPTED);
	assert_true(f.page.forbidden);
	assert_int_equal(f.page.levels, 0);
	assert_int_equal(f.page.zero, -1); /* never read */
	end(&f);
}

static void test_near_slab(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_6_8);
	page_put_flags(&f.kernel, 0x1000, SLAB_6_8);
	page_put_type(&f.kernel, 0x1000, (uint32_t)-257);
	page_put_flags(&f.kernel, 0x1001, SLAB_6_8);
	page_put(&f.kernel, 0x1001, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x1002, SLAB_6_8);
	expect_near(&f, 0x1000, "offline-under-slab", "offline-type");
	expect_near(&f, 0x1001, "anon-under-type", "anon");
	expect_no_near(&f, 0x1002);
	assert_string_equal(f.page.type, "slab");
	end(&f);
}

static void test_near_user(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_6_8);
	page_put_flags(&f.kernel, 0x1000, SWAPCACHE_6_8);
	expect_near(&f, 0x1000, "swapcache-alone", "cache");
	end(&f);

	begin(&f, KEYS_7_2);
	page_put_flags(&f.kernel, 0x1000, LRU | PRIVATE_7_2);
	page_put(&f.kernel, 0x1001, PAGE_MAPPING, ADDRESS_SPACE);
	page_put(&f.kernel, 0x1001, PAGE_TYPE, 0x1ffffffff); /* a count of 1 behind it */
	page_put(&f.kernel, 0x1002, PAGE_MAPPING, 1);
	page_put(&f.kernel, 0x1003, PAGE_MAPPING, ADDRESS_SPACE | 2);
	page_put_flags(&f.kernel, 0x1004, LRU);
	page_put(&f.kernel, 0x1004, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x1005, LRU);
	page_put(&f.kernel, 0x1006, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x1006, POISON_7_2);
	page_put(&f.kernel, 0x1007, PAGE_MAPPING, ANON_VMA);
	expect_near(&f, 0x1000, "private", "cache");
	expect_near(&f, 0x1001, "off-lru", "cache");
	expect_near(&f, 0x1002, "dax", "anon");
	expect_near(&f, 0x1003, "movable", "anon");
	expect_near(&f, 0x1004, "second", "cache");
	expect_near(&f, 0x1006, "poisoned", "anon");
	expect_no_near(&f, 0x1005);
	expect_no_near(&f, 0x1007);
	end(&f);
}

static void test_near_inside(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	put_compound(&f.kernel, 0x1000, 2, 0);
	page_put_type(&f.kernel, 0x1000, SLAB_7_2);
	page_put(&f.kernel, 0x1002, PAGE_MAPPING, ANON_VMA);
	put_free(&f.kernel, 0x2000, 4, BUDDY_7_2);
	page_put_flags(&f.kernel, 0x2003, LRU);
	page_put_flags(&f.kernel, 0x2005, POISON_7_2);
	expect_near(&f, 0x1002, "tail", "anon");
	expect_near(&f, 0x2003, "inside-block", "cache");
	expect_near(&f, 0x2005, "poisoned", "buddy-type");
	assert_int_equal(f.page.block_state, VMC_PAGE_FREE);
	assert_int_equal(f.page.block_start, 0x2000);
	assert_int_equal(f.page.block_count, 16);
	expect_no_near(&f, 0x1001);
	expect_no_near(&f, 0x2004);
	end(&f);
}

static void test_near_pcp(void **state)
{
	struct fixture f;

	(void)state;
	for (int used = 0; used < 2; used++) {
		begin(&f, KEYS_7_2 KEYS_PCP);
		memory_put32(&f.kernel, NR_CPU_IDS, 1);
		memory_put64(&f.kernel, ZONE + 1700, IMAGE(PAGESET));
		put_list(&f.kernel, PAGESET + 16, 0x1000);
		put_empty_list(&f.kernel, PAGESET + 32);
		put_empty_list(&f.kernel, PAGESET + 48);
		if (used)
			page_put(&f.kernel, 0x1000, PAGE_TYPE, 0x1ffffffff);
		open_fixture(&f);
		expect_near(&f, 0x1001, "looks-free-unlisted", "pcp-list");
		if (used) {
			expect_near(&f, 0x1000, "pcp-contradicted", "pcp-list");
			assert_int_equal(f.page.state, VMC_PAGE_KERNEL);
		} else {
			expect_no_near(&f, 0x1000);
			assert_int_equal(f.page.state, VMC_PAGE_FREE_PCP);
			assert_int_equal(f.page.levels, UINT32_MAX);
		}
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_free),       cmocka_unit_test(test_near_type),
		cmocka_unit_test(test_near_unaccepted), cmocka_unit_test(test_near_slab),
		cmocka_unit_test(test_near_user),       cmocka_unit_test(test_near_inside),
		cmocka_unit_test(test_near_pcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
