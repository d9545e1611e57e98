/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free memory that contradicts itself: in the map, on lists, in counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audited_kernel.h"

#define FLAG_LRU (1u << 5)

/* Free blocks of several orders and types in both zones, three of them on one list. */
static void create(struct built_kernel *kernel)
{
	audited_kernel_create(kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	put_free_block(kernel, 0x2000, 10, 1);
	put_free_block(kernel, 0x2800, 10, 1);
	put_free_block(kernel, 0x2c00, 10, 1);
	put_free_block(kernel, 0x3000, 3, 0);
	put_free_block(kernel, 0x3011, 0, 2);
	put_free_block(kernel, 0x11000, 10, 1);
	put_free_block(kernel, 0x12004, 2, 0);
}

static uint64_t free_counter(unsigned int zone)
{
	return ZONE_AT(zone) + STAT_FREE;
}

static void test_all_is_well(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);

	struct vmc_audit *audit = run_audit(&kernel, NULL);
	const struct vmc_audit_zone *low = vmc_audit_zone(audit, 0);
	const struct vmc_audit_zone *high = vmc_audit_zone(audit, 1);

	expect_findings(audit, NULL, 0);
	assert_int_equal(vmc_audit_counts(audit)->pages[VMC_PAGE_FREE], 4 * 1024 + 8 + 1 + 4);
	assert_string_equal(low->name, "DMA32");
	assert_string_equal(high->name, "Normal");
	assert_int_equal(high->start_pfn, ZONE_BORDER);
	assert_int_equal(low->counts.pages[VMC_PAGE_FREE], 3 * 1024 + 8 + 1);
	assert_int_equal(low->free_counted, 3 * 1024 + 8 + 1);
	assert_int_equal(low->blocks_found[10], 3);
	assert_int_equal(low->blocks_counted[10], 3);
	assert_int_equal(low->migrate_types[1][10], 3);
	assert_int_equal(low->migrate_types[2][0], 1);
	assert_int_equal(high->blocks_listed[2], 1);
	assert_string_equal(vmc_audit_migrate_type_name(audit, 2), "Reclaimable");
	assert_null(vmc_audit_zone(audit, 2));
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

/* What is behind the cut is not told of page by page: the lists prove nothing any more. */
static void test_lists_cut(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	page_put(&kernel, 0x2800, 8, 0x1234);
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	create(&kernel);
	page_put(&kernel, 0x2800, 8, 0);
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	/* The head itself, and an end that does not come back to it. */
	create(&kernel);
	memory_put64(&kernel, place_of(free_list_at(0, 10, 1)), 0xffff888000000000);
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	create(&kernel);
	page_put(&kernel, 0x2c00, 8, free_list_at(0, 10, 0));
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});
}

static void test_lists_with_cycles(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	page_put(&kernel, 0x2c00, 8, lru_of(0x2000));
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	create(&kernel);
	page_put(&kernel, 0x2c00, 8, lru_of(0x2c00));
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	/* Backward links that fit, too. */
	create(&kernel);
	page_put(&kernel, 0x2c00, 8, lru_of(0x2800));
	page_put(&kernel, 0x2800, 16, lru_of(0x2c00));
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});
}

/* A list that leads, in both directions, through memory that is no struct page. */
static void test_list_through_no_struct_page(void **state)
{
	const uint64_t elsewhere = IMAGE(0x118000);
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	list_append(&kernel, free_list_at(1, 5, 1), elsewhere);
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});

	/* And through the middle of one. */
	create(&kernel);
	list_append(&kernel, free_list_at(1, 5, 1), lru_of(0x13000) + 8);
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0});
}

static void test_blocks_that_overlap(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_free_block(&kernel, 0x2010, 3, 1);
	EXPECT_FINDINGS(&kernel, {"free-list-overlap", 0}, {"free-nested", 1},
			{"free-area-count", 0}, {"free-count", 0});
}

/* On the list of another one, too: the links of the first no longer fit. */
static void test_block_on_two_lists(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	list_append(&kernel, free_list_at(0, 3, 1), lru_of(0x2800));
	EXPECT_FINDINGS(&kernel, {"free-list-damaged", 0}, {"free-listed-only", 8});
}

static void test_misaligned_block(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_free_block(&kernel, 0x4004, 3, 1);
	EXPECT_FINDINGS(&kernel, {"bad-free-block", 1}, {"free-listed-only", 8},
			{"free-area-count", 0}, {"free-count", 0});

	/* On no list: the map alone. */
	create(&kernel);
	page_put_type(&kernel, 0x4000, TYPE_BUDDY_6_8);
	page_put(&kernel, 0x4000, PAGE_PRIVATE, 11);
	page_put_type(&kernel, 0x4010, TYPE_BUDDY_6_8);
	page_put(&kernel, 0x4010, PAGE_PRIVATE, UINT64_MAX);
	EXPECT_FINDINGS(&kernel, {"bad-free-block", 2});
}

static void test_block_in_the_wrong_zone(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_free_in(&kernel, 1, 0x4008, 3, 1, TYPE_BUDDY_6_8);
	EXPECT_FINDINGS(&kernel, {"free-wrong-zone", 8}, {"free-area-count", 0}, {"free-count", 0});
}

static void test_block_of_another_order(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_free_block(&kernel, 0x4010, 3, 1);
	page_put(&kernel, 0x4010, PAGE_PRIVATE, 4);
	EXPECT_FINDINGS(&kernel, {"free-listed-only", 8}, {"free-unlisted", 16},
			{"free-area-count", 0}, {"free-count", 0});
}

static void test_only_one_of_list_and_type(void **state)
{
	struct built_kernel kernel;

	(void)state;
	/* Counted and typed, but on no list. */
	create(&kernel);
	page_put_type(&kernel, 0x4018, TYPE_BUDDY_6_8);
	page_put(&kernel, 0x4018, PAGE_PRIVATE, 3);
	memory_add64(&kernel, free_area_at(0, 3) + NR_FREE, 1);
	memory_add64(&kernel, free_counter(0), 8);
	EXPECT_FINDINGS(&kernel, {"free-unlisted", 8});

	/* Counted and listed, but allocated by its type. */
	create(&kernel);
	page_put_type(&kernel, 0x3000, TYPE_NONE);
	EXPECT_FINDINGS(&kernel, {"free-listed-only", 8}, {"free-area-count", 0},
			{"free-count", 0});
}

static void test_counters(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	memory_add64(&kernel, free_area_at(1, 10) + NR_FREE, -1);
	EXPECT_FINDINGS(&kernel, {"free-area-count", 0});

	create(&kernel);
	memory_add64(&kernel, free_counter(0), 1);
	EXPECT_FINDINGS(&kernel, {"free-count", 0});

	/* As much again: nothing can be believed. */
	create(&kernel);
	memory_add64(&kernel, free_counter(0), 6000);
	EXPECT_FINDINGS(&kernel, {"free-count", 0}, {"free-total", 0});

	create(&kernel);
	memory_put64(&kernel, free_counter(0), 0);
	memory_put64(&kernel, free_counter(1), 0);
	EXPECT_FINDINGS(&kernel, {"free-count", 0}, {"free-total", 0});
}

/* What the CPUs have not yet added to the counters is added here, where it is known. */
static void test_changes_that_cpus_keep(void **state)
{
	struct built_kernel kernel;
	const int8_t more = 3, less = -5;

	(void)state;
	audited_kernel_create(&kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	memory_put64(&kernel, ZONE_AT(1) + ZONE_STATS, IMAGE(STATS_AT + 16));
	put_free_block(&kernel, 0x2000, 10, 1);
	put_free_block(&kernel, 0x11000, 10, 1);
	memory_write(&kernel, STATS_AT, &more, 1);
	memory_write(&kernel, STATS_AT + PERCPU_SIZE, &less, 1);
	memory_add64(&kernel, free_counter(0), 2);
	EXPECT_FINDINGS(&kernel);

	/* Where it is not, counters may be off by that much. */
	for (int off = 125; off <= 126; off++) {
		audited_kernel_create(&kernel, AUDIT_KEYS_6_8, "");
		put_free_block(&kernel, 0x2000, 10, 1);
		put_free_block(&kernel, 0x11000, 10, 1);
		memory_add64(&kernel, free_counter(0), off);
		if (off == 125)
			EXPECT_FINDINGS(&kernel);
		else
			EXPECT_FINDINGS(&kernel, {"free-count", 0});
	}
}

static void test_free_block_in_use(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	memory_put32(&kernel, STRUCT_PAGES + 0x2000 * STRUCT_SIZE + 52, 1);
	page_put_flags(&kernel, 0x2800, FLAG_LRU);
	page_put(&kernel, 0x2c00, PAGE_MAPPING, 0xffff888000001001);
	page_put(&kernel, 0x3011, PAGE_MAPPING, 0xffff888000001000);
	EXPECT_FINDINGS(&kernel, {"free-in-use", 4});
}

static void test_inside_of_a_free_block(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	page_put_type(&kernel, 0x2003, TYPE_BUDDY_6_8);
	EXPECT_FINDINGS(&kernel, {"free-nested", 1});

	create(&kernel);
	memory_put32(&kernel, STRUCT_PAGES + 0x2009 * STRUCT_SIZE + 52, 2);
	page_put_flags(&kernel, 0x200b, FLAG_LRU);
	page_put_type(&kernel, 0x200d, TYPE_OFFLINE_6_8);
	page_put(&kernel, 0x200f, PAGE_MAPPING, 0xffff888000001001); /* stale, as it may be */
	EXPECT_FINDINGS(&kernel, {"free-inside-in-use", 3});
}

/* Struct pages of a hole have free blocks: the kernel counts memory that the dump does not have. */
static void test_free_memory_that_is_absent(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_free_block(&kernel, HOLE_START, 8, 1);
	EXPECT_FINDINGS(&kernel, {"free-absent", 0x100});

	/* Of a block without its first page nothing is seen: the rest is kept. */
	create(&kernel);
	put_free_block(&kernel, HOLE_START, 10, 1);
	EXPECT_FINDINGS(&kernel, {"free-absent", 1024});
}

static void test_cpu_lists(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_cpu_block(&kernel, 0x4000, 0, 1, 0);
	put_cpu_block(&kernel, 0x4002, 1, 3, 1);
	put_cpu_block(&kernel, 0x4200, 1, 12, 9);
	put_cpu_block(&kernel, 0x13001, 0, 2, 0);

	struct vmc_audit *audit = run_audit(&kernel, NULL);
	const uint64_t *orders = vmc_audit_counts(audit)->orders[VMC_PAGE_FREE_PCP];

	expect_findings(audit, NULL, 0);
	assert_int_equal(vmc_audit_counts(audit)->pages[VMC_PAGE_FREE_PCP], 1 + 2 + 512 + 1);
	assert_int_equal(orders[0], 2);
	assert_int_equal(orders[1], 2);
	assert_int_equal(orders[9], 512);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

static void test_damaged_cpu_lists(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_cpu_block(&kernel, 0x4000, 0, 1, 0);
	put_cpu_block(&kernel, 0x4001, 0, 1, 0);
	page_put(&kernel, 0x4000, 8, 0x1234);
	EXPECT_FINDINGS(&kernel, {"pcp-list-damaged", 0}, {"pcp-count", 0});

	create(&kernel);
	put_cpu_block(&kernel, 0x4000, 0, 1, 0);
	memory_add64(&kernel, PCP_AT(0), 7);
	EXPECT_FINDINGS(&kernel, {"pcp-count", 0});

	/* Somebody has it. */
	create(&kernel);
	put_cpu_block(&kernel, 0x4000, 0, 1, 0);
	put_cpu_block(&kernel, 0x4001, 0, 1, 0);
	page_put_flags(&kernel, 0x4000, FLAG_LRU);
	EXPECT_FINDINGS(&kernel, {"pcp-in-use", 0});

	/* In memory that the dump does not have. */
	create(&kernel);
	put_cpu_block(&kernel, HOLE_START, 0, 1, 0);
	EXPECT_FINDINGS(&kernel, {"pcp-in-use", 0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_well),
		cmocka_unit_test(test_lists_cut),
		cmocka_unit_test(test_lists_with_cycles),
		cmocka_unit_test(test_list_through_no_struct_page),
		cmocka_unit_test(test_blocks_that_overlap),
		cmocka_unit_test(test_block_on_two_lists),
		cmocka_unit_test(test_misaligned_block),
		cmocka_unit_test(test_block_in_the_wrong_zone),
		cmocka_unit_test(test_block_of_another_order),
		cmocka_unit_test(test_only_one_of_list_and_type),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_changes_that_cpus_keep),
		cmocka_unit_test(test_free_block_in_use),
		cmocka_unit_test(test_inside_of_a_free_block),
		cmocka_unit_test(test_free_memory_that_is_absent),
		cmocka_unit_test(test_cpu_lists),
		cmocka_unit_test(test_damaged_cpu_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
