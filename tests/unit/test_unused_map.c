/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the memory map that describe nothing that is kept: which they are, and a plan without
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "built_kernel.h"
#include "filter/plan.h"
#include "filter/unused_map.h"

#define WORD         64 /* pages, and what a page of the map describes */
#define MAP_PFN      (STRUCT_PAGES >> 12)
#define MAP_OF(pfn)  (MAP_PFN + (pfn) / WORD)
#define OFFLINE_KEYS "NUMBER(PG_lru)=5\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"
#define OFFLINE_TYPE ((uint32_t)-257)

struct found {
	struct built_kernel kernel;
	struct free_map *map;
	struct kept kept;
	struct unused_map unused;
};

static void find_open(struct found *found)
{
	built_kernel_create(&found->kernel, "NUMBER(PG_lru)=5\n");
	kept_init(&found->kept);
	found->map = NULL;
}

/* All is kept but [start, end). */
static void find_without(struct found *found, vmc_pfn start, vmc_pfn end)
{
	built_kernel_open(&found->kernel);
	succeed(free_map_create(found->kernel.target, &found->map));
	if (start)
		succeed(kept_append(&found->kept, 0, start));
	succeed(kept_append(&found->kept, end, END_PFN - end));
	succeed(unused_map_find(found->kernel.target, found->map, &found->kept, &found->unused));
}

static void find_close(struct found *found)
{
	unused_map_deinit(&found->unused);
	kept_deinit(&found->kept);
	free_map_destroy(found->map);
	built_kernel_destroy(&found->kernel);
}

/* Of all but [start, end) it is [first, first + count), or with a count of 0 none. */
static void expect_found(vmc_pfn start, vmc_pfn end, vmc_pfn first, uint64_t count)
{
	struct found found;

	find_open(&found);
	find_without(&found, start, end);
	assert_int_equal(found.unused.count, count != 0);
	if (count) {
		assert_int_equal(found.unused.ranges[0].start, first);
		assert_int_equal(found.unused.ranges[0].count, count);
	}
	find_close(&found);
}

static void test_words(void **state)
{
	(void)state;
	expect_found(10 * WORD, 12 * WORD, MAP_PFN + 10, 2);
	expect_found(10 * WORD, 11 * WORD, 0, 0);
	expect_found(10 * WORD + 1, 12 * WORD, 0, 0);
	expect_found(10 * WORD, 12 * WORD - 1, 0, 0);
	expect_found(10 * WORD + 1, 14 * WORD - 1, MAP_PFN + 11, 2);
	expect_found(0, 5 * WORD, MAP_PFN, 5);
	/* On both sides of where a section ends. */
	expect_found(2 * SECTION_PFN - WORD, 2 * SECTION_PFN + WORD, MAP_OF(2 * SECTION_PFN - WORD),
		     2);
}

/* What is no memory is no part of a stretch, and has no struct pages to be left out. */
static void test_hole(void **state)
{
	struct found found;

	(void)state;
	expect_found(HOLE_START - WORD, HOLE_END + WORD, 0, 0);
	expect_found(HOLE_START - 2 * WORD, HOLE_END + WORD, MAP_OF(HOLE_START - 2 * WORD), 2);
	find_open(&found);
	find_without(&found, HOLE_START - 2 * WORD, HOLE_END + 3 * WORD);
	assert_int_equal(found.unused.count, 2);
	assert_int_equal(found.unused.ranges[1].start, MAP_OF(HOLE_END));
	assert_int_equal(found.unused.ranges[1].count, 3);
	find_close(&found);
}

/* The third section's map is the second's memory: what is unused at one address is not at the
 * other. */
static void test_aliases(void **state)
{
	struct found found;

	(void)state;
	find_open(&found);
	memory_put64(&found.kernel, MAP_TABLE_LOW + 16, (STRUCT_PAGES + 2 * MIB) | 0x1e3);
	find_without(&found, SECTION_PFN - 2 * WORD, 2 * SECTION_PFN - WORD);
	assert_int_equal(found.unused.count, 1);
	assert_int_equal(found.unused.ranges[0].start, MAP_OF(SECTION_PFN - 2 * WORD));
	assert_int_equal(found.unused.ranges[0].count, 2);
	find_close(&found);
}

/* The map of the first section lies above that of the second. */
static void test_order(void **state)
{
	struct found found;
	struct kept rest;
	uint64_t rank;

	(void)state;
	find_open(&found);
	memory_put64(&found.kernel, MAP_TABLE_LOW, (STRUCT_PAGES + 2 * MIB) | 0x1e3);
	memory_put64(&found.kernel, MAP_TABLE_LOW + 8, STRUCT_PAGES | 0x1e3);
	find_without(&found, SECTION_PFN - 2 * WORD, HOLE_END + 2 * WORD);
	assert_int_equal(found.unused.count, 2);
	assert_int_equal(found.unused.ranges[0].start, MAP_PFN + 4);
	assert_int_equal(found.unused.ranges[0].count, 2);
	assert_int_equal(found.unused.ranges[1].start, MAP_PFN + 1022);

	kept_init(&rest);
	succeed(unused_map_take_out(&found.unused, &found.kept, &rest));
	assert_int_equal(kept_total(&rest), kept_total(&found.kept) - 4);
	succeed(kept_rank(&rest, MAP_PFN + 6, &rank));
	assert_int_equal(rank, MAP_PFN + 4);
	succeed(kept_rank(&rest, MAP_PFN + 1024, &rank));
	assert_int_equal(rank, MAP_PFN + 1020);
	kept_deinit(&rest);
	find_close(&found);
}

/* Ranges reach over the ends of extents, and over several. */
static void test_take_out(void **state)
{
	struct extent ranges[] = {{5, 10}, {18, 1}, {19, 1}, {30, 30}};
	struct unused_map unused = {.ranges = ranges, .count = 4};
	static const struct extent in[] = {{0, 10}, {12, 10}, {40, 2}, {44, 2}, {58, 10}};
	static const struct extent expected[] = {{0, 5}, {15, 3}, {20, 2}, {60, 8}};
	struct kept kept, rest;
	struct kept_iter iter;
	struct extent extent;
	bool more;

	(void)state;
	kept_init(&kept);
	kept_init(&rest);
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++)
		succeed(kept_append(&kept, in[i].start, in[i].count));
	succeed(unused_map_take_out(&unused, &kept, &rest));
	kept_iter_init(&iter, &rest, 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		succeed(kept_iter_next(&iter, &extent, &more));
		assert_true(more);
		assert_int_equal(extent.start, expected[i].start);
		assert_int_equal(extent.count, expected[i].count);
	}
	succeed(kept_iter_next(&iter, &extent, &more));
	assert_false(more);
	kept_iter_deinit(&iter);
	kept_deinit(&rest);
	kept_deinit(&kept);
}

static void build_offline(struct built_kernel *kernel, uint64_t step)
{
	built_kernel_create(kernel, OFFLINE_KEYS);
	for (vmc_pfn pfn = 0x2000; pfn < 0x2000 + 16 * WORD; pfn += step)
		page_put_type(kernel, pfn, OFFLINE_TYPE);
	built_kernel_open(kernel);
}

static void test_plan(void **state)
{
	const struct vmc_filter_policy policy = {0};
	struct built_kernel kernel;
	struct vmc_plan *plan;
	uint64_t count, all;
	vmc_pfn start;
	bool more;

	(void)state;
	build_offline(&kernel, 1);
	succeed(vmc_plan_create(kernel.target, &policy, NULL, &plan));
	all = kept_total(&plan->kept);
	succeed(vmc_plan_next_kept(plan, MAP_OF(0x2000), &start, &count, &more));
	assert_int_equal(start, MAP_OF(0x2000));
	succeed(vmc_plan_exclude_unused_map(plan));
	assert_int_equal(vmc_plan_counts(plan)->unused_map, 16);
	assert_int_equal(kept_total(&plan->kept), all - 16);
	succeed(vmc_plan_next_kept(plan, MAP_OF(0x2000), &start, &count, &more));
	assert_int_equal(start, MAP_OF(0x2000) + 16);
	/* Once more: of the map of the map nothing is unused. */
	succeed(vmc_plan_exclude_unused_map(plan));
	assert_int_equal(vmc_plan_counts(plan)->unused_map, 16);
	vmc_plan_destroy(plan);

	succeed(vmc_plan_create_all(kernel.dump, &plan));
	plan->target = NULL;
	fail_with(vmc_plan_exclude_unused_map(plan), VMC_ERR_MISSING, "kernel is not known");
	vmc_plan_destroy(plan);
	built_kernel_destroy(&kernel);
}

/* A plan that is made again by who comes to it, which would know nothing of this. */
static void test_not_remembered(void **state)
{
	const struct vmc_filter_policy policy = {.memory = 1};
	struct built_kernel kernel;
	struct vmc_plan *plan;
	uint64_t all;

	(void)state;
	build_offline(&kernel, 2);
	succeed(vmc_plan_create(kernel.target, &policy, NULL, &plan));
	all = kept_total(&plan->kept);
	fail_with(vmc_plan_exclude_unused_map(plan), VMC_ERR_LIMIT, "fragmented");
	assert_int_equal(kept_total(&plan->kept), all);
	vmc_plan_destroy(plan);
	built_kernel_destroy(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),          cmocka_unit_test(test_hole),
		cmocka_unit_test(test_aliases),        cmocka_unit_test(test_order),
		cmocka_unit_test(test_take_out),       cmocka_unit_test(test_plan),
		cmocka_unit_test(test_not_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
