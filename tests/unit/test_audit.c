/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit as a whole: every page once, counts that add up, memory and compound pages that are
 * damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audited_kernel.h"

#define HEAD_FLAG   (1u << 6)
#define LRU_FLAG    (1u << 5)
#define SLAB_FLAG   (1u << 11)
#define DIRTY_FLAG  (1u << 4)
#define POISON_FLAG (1u << 22)

static void create(struct built_kernel *kernel)
{
	audited_kernel_create(kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	put_free_block(kernel, 0x2000, 10, 1);
	put_free_block(kernel, 0x3000, 3, 0);
	put_free_block(kernel, 0x11000, 10, 1);
	put_free_block(kernel, 0x12004, 2, 0);
}

static void add_flags(struct built_kernel *kernel, vmc_pfn pfn, uint64_t flags)
{
	memory_put64(kernel, STRUCT_PAGES + pfn * STRUCT_SIZE, zone_flag(pfn) | flags);
}

/* A compound page whose tails point to the head. */
static void put_compound(struct built_kernel *kernel, vmc_pfn head, unsigned int order,
			 uint64_t flags)
{
	add_flags(kernel, head, HEAD_FLAG | flags);
	add_flags(kernel, head + 1, order);
	for (vmc_pfn i = 1; i < (vmc_pfn)1 << order; i++)
		page_put(kernel, head + i, PAGE_COMPOUND, struct_address(head) | 1);
}

struct cover {
	vmc_pfn end;
	uint64_t ranges, stop_after;
	struct vmc_audit_range last;
	uint64_t pages[VMC_AUDIT_STATE_COUNT];
};

static bool is_same(const struct vmc_audit_range *a, const struct vmc_audit_range *b)
{
	return a->state == b->state && a->order == b->order && a->zone == b->zone &&
	       a->attributes == b->attributes && a->content == b->content;
}

static bool cover_range(void *arg, const struct vmc_audit *audit,
			const struct vmc_audit_range *range)
{
	struct cover *cover = arg;

	assert_true(range->count > 0);
	assert_int_equal(range->start, cover->end);
	assert_false(cover->ranges && is_same(range, &cover->last));
	assert_true(range->zone < 0 || vmc_audit_zone(audit, (size_t)range->zone));
	cover->end += range->count;
	cover->last = *range;
	cover->pages[range->state] += range->count;
	return ++cover->ranges != cover->stop_after;
}

/* Something of everything. */
static void fill(struct built_kernel *kernel)
{
	create(kernel);
	put_compound(kernel, 0x4000, 9, SLAB_FLAG);
	put_compound(kernel, 0x13000, 2, LRU_FLAG);
	add_flags(kernel, 0x4203, LRU_FLAG | DIRTY_FLAG);
	add_flags(kernel, 0x4204, LRU_FLAG);
	add_flags(kernel, 0x2005, POISON_FLAG);
	put_cpu_block(kernel, 0x5000, 0, 1, 0);
	page_put_type(kernel, 0x5010, TYPE_OFFLINE_6_8);
	page_put(kernel, 0x5020, PAGE_MAPPING, 0xffff888000001001);
}

static void test_every_page_once(void **state)
{
	struct built_kernel kernel;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct cover cover = {0};
		struct vmc_audit_options options = {
			.fast = i & 1,
			.split = i & 2 ? UINT32_MAX : 0,
			.split_content = i & 2,
			.range = cover_range,
			.range_arg = &cover,
		};

		fill(&kernel);

		struct vmc_audit *audit = run_audit(&kernel, &options);
		const struct vmc_audit_counts *counts = vmc_audit_counts(audit);

		assert_int_equal(cover.end, END_PFN);
		for (unsigned int s = 0; s < VMC_AUDIT_STATE_COUNT; s++) {
			uint64_t zones = 0, orders = 0;
			const struct vmc_audit_zone *zone;

			assert_int_equal(cover.pages[s], counts->pages[s]);
			for (size_t z = 0; (zone = vmc_audit_zone(audit, z)); z++)
				zones += zone->counts.pages[s];
			for (unsigned int order = 0; order < VMC_ORDERS; order++)
				orders += counts->orders[s][order];
			assert_int_equal(orders, counts->pages[s]);
			assert_int_equal(zones, s == VMC_AUDIT_ABSENT ? 0 : counts->pages[s]);
		}
		assert_int_equal(counts->pages[VMC_AUDIT_ABSENT], HOLE_END - HOLE_START);
		assert_int_equal(counts->pages[VMC_PAGE_SLAB], 512);
		assert_int_equal(counts->pages[VMC_PAGE_CACHE], 4 + 2);
		assert_int_equal(counts->pages[VMC_PAGE_ANON], 1);
		assert_int_equal(counts->pages[VMC_PAGE_OFFLINE], 1);
		assert_int_equal(counts->pages[VMC_PAGE_FREE_PCP], 1);
		/* By block a page inside of one is not seen. */
		assert_int_equal(counts->pages[VMC_PAGE_HWPOISON], options.fast ? 0 : 1);
		assert_int_equal(counts->attributes[VMC_ATTRIBUTE_DIRTY], 1);
		assert_true(!options.fast || vmc_audit_left_out(audit, 1));
		vmc_audit_destroy(audit);
		built_kernel_destroy(&kernel);
	}
}

static void test_stopped_by_the_caller(void **state)
{
	struct cover cover = {.stop_after = 2};
	struct vmc_audit_options options = {.range = cover_range, .range_arg = &cover};
	struct built_kernel kernel;
	struct vmc_audit *audit;

	(void)state;
	fill(&kernel);
	built_kernel_open(&kernel);

	struct vmc_error *err = vmc_audit_run(kernel.target, &options, &audit);

	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_INTERRUPTED);
	assert_int_equal(cover.ranges, 2);
	vmc_error_free(err);
	built_kernel_destroy(&kernel);
}

/* Zeros are looked for in pages that may be read, and in no other. */
static void test_zeros(void **state)
{
	struct vmc_audit_options options = {.zero = true};
	struct built_kernel kernel;

	(void)state;
	fill(&kernel);
	memory_write(&kernel, 0x4204000, "x", 1);

	struct vmc_audit *audit = run_audit(&kernel, &options);
	const struct vmc_audit_counts *counts = vmc_audit_counts(audit);

	/* All of memory is zeros but for the kernel's tables, its memory map, and one page. */
	assert_true(counts->attributes[VMC_ATTRIBUTE_ZERO] > END_PFN - 0x100 - 0x700);
	assert_int_equal(vmc_audit_level_zero_pages(audit, 30),
			 vmc_audit_level_pages(audit, 30) -
				 (vmc_audit_level_pages(audit, 0) -
				  vmc_audit_level_zero_pages(audit, 0) - 1));
	vmc_audit_destroy(audit);

	succeed(vmc_audit_run(kernel.target, &(struct vmc_audit_options){0}, &audit));
	assert_false(vmc_audit_attribute_known(audit, VMC_ATTRIBUTE_ZERO));
	assert_int_equal(vmc_audit_counts(audit)->attributes[VMC_ATTRIBUTE_ZERO], 0);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

static void test_compound_pages(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	put_compound(&kernel, 0x4000, 3, SLAB_FLAG);
	put_compound(&kernel, 0x4200, 9, LRU_FLAG);
	EXPECT_FINDINGS(&kernel);

	/* Tails that lead elsewhere, or nowhere. */
	create(&kernel);
	put_compound(&kernel, 0x4000, 3, SLAB_FLAG);
	put_compound(&kernel, 0x4200, 9, LRU_FLAG);
	page_put(&kernel, 0x4003, PAGE_COMPOUND, struct_address(0x4200) | 1);
	page_put(&kernel, 0x4208, PAGE_COMPOUND, 0);
	page_put(&kernel, 0x4209, PAGE_COMPOUND, struct_address(0x4200));
	page_put(&kernel, 0x420a, PAGE_COMPOUND, 1);
	EXPECT_FINDINGS(&kernel, {"tail-astray", 4});

	/* Head and first tail that contradict each other. */
	create(&kernel);
	put_compound(&kernel, 0x4000, 3, SLAB_FLAG);
	page_put(&kernel, 0x4001, PAGE_COMPOUND, struct_address(0x4200) | 1);
	put_compound(&kernel, 0x4401, 1, SLAB_FLAG);
	EXPECT_FINDINGS(&kernel, {"bad-compound", 8 + 2});
}

static void test_struct_pages_that_tell_nothing(void **state)
{
	static const uint8_t ones[STRUCT_SIZE * 3] = {[0 ... STRUCT_SIZE * 3 - 1] = 0xff};
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	memory_write(&kernel, STRUCT_PAGES + 0x700 * STRUCT_SIZE, ones, sizeof(ones));
	EXPECT_FINDINGS(&kernel, {"uninitialised", 3});

	create(&kernel);
	memory_put64(&kernel, MAP_TABLE_LOW + 8, 0);
	EXPECT_FINDINGS(&kernel, {"map-unreadable", 0x10000 - HOLE_END});

	/* An offline section: its struct pages are not looked at. */
	create(&kernel);
	put_compound(&kernel, 0x9000, 3, SLAB_FLAG);
	page_put(&kernel, 0x9001, PAGE_COMPOUND, 1);
	memory_put64(&kernel, SECTION_ROOT + 16, VMEMMAP | 0x3);

	struct vmc_audit *audit = run_audit(&kernel, NULL);

	expect_findings(audit, (struct told[]){{"offline-section", 0x10000 - HOLE_END}}, 1);
	assert_int_equal(vmc_audit_counts(audit)->pages[VMC_PAGE_OFFLINE], 0x10000 - HOLE_END);
	assert_int_equal(vmc_audit_counts(audit)->attributes[VMC_ATTRIBUTE_SECTION],
			 0x10000 - HOLE_END);
	/* Unlike other offline pages they stay. */
	assert_int_equal(vmc_audit_level_pages(audit, 0), END_PFN - (HOLE_END - HOLE_START));
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

/* More pages than a finding has room for. */
static void test_many_ranges(void **state)
{
	struct built_kernel kernel;

	(void)state;
	create(&kernel);
	for (vmc_pfn pfn = 0x4000; pfn < 0x4000 + 2 * 100; pfn += 2)
		add_flags(&kernel, pfn, POISON_FLAG);
	page_put_type(&kernel, 0x5001, TYPE_OFFLINE_6_8);

	struct vmc_audit *audit = run_audit(&kernel, NULL);
	const struct vmc_finding *finding = vmc_audit_finding(audit, 0);

	expect_findings(audit, (struct told[]){{"hwpoison", 100}, {"offline-in-online-section", 1}},
			2);
	if (strcmp(finding->name, "hwpoison") != 0)
		finding = vmc_audit_finding(audit, 1);
	assert_int_equal(finding->range_count, VMC_FINDING_RANGES);
	assert_true(finding->more_ranges);
	assert_int_equal(finding->ranges[63].start, 0x4000 + 2 * 63);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

/* No page on any free list proves which bits are the zone's. */
static void test_zone_is_not_known(void **state)
{
	struct built_kernel kernel;

	(void)state;
	audited_kernel_create(&kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	EXPECT_FINDINGS(&kernel, {"zone-unknown", END_PFN - (HOLE_END - HOLE_START)});
}

/* Pages of zone 0 alone, which has zeros there, do not say where the zone is, either. */
static void test_zone_is_not_proven(void **state)
{
	struct built_kernel kernel;

	(void)state;
	audited_kernel_create_of(&kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	put_free_block(&kernel, 0x2000, 10, 1);
	EXPECT_FINDINGS(&kernel, {"zone-unknown", END_PFN - (HOLE_END - HOLE_START)});

	audited_kernel_create_of(&kernel, AUDIT_KEYS_6_8, CPU_KEYS);
	put_free_block(&kernel, 0x2000, 10, 1);
	put_free_block(&kernel, 0x11000, 10, 1);

	struct vmc_audit *audit = run_audit(&kernel, NULL);

	expect_findings(audit, NULL, 0);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

/* What a kernel without names and counters leaves: less, and no finding. */
static void test_zones_that_tell_little(void **state)
{
	struct built_kernel kernel;

	(void)state;
	audited_kernel_create(&kernel, AUDIT_KEYS_6_8, "");
	put_free_block(&kernel, 0x2000, 10, 1);
	put_free_block(&kernel, 0x11000, 10, 1);
	for (unsigned int zone = 0; zone < ZONES; zone++) {
		memory_put64(&kernel, ZONE_AT(zone) + ZONE_NAME, zone ? 0x1234 : 0);
		memory_put64(&kernel, ZONE_AT(zone) + ZONE_PRESENT, UINT64_MAX);
	}

	struct vmc_audit *audit = run_audit(&kernel, NULL);

	expect_findings(audit, NULL, 0);
	assert_string_equal(vmc_audit_zone(audit, 0)->name, "zone0");
	assert_string_equal(vmc_audit_zone(audit, 1)->name, "zone1");
	assert_true(vmc_audit_zone(audit, 1)->present == UINT64_MAX);
	vmc_audit_destroy(audit);
	built_kernel_destroy(&kernel);
}

static void test_no_memory_map(void **state)
{
	struct vmc_audit_options options = {0};
	struct built_kernel kernel;
	struct vmc_audit *audit;

	(void)state;
	create(&kernel);
	for (uint64_t i = 0; i < 3; i++)
		memory_put64(&kernel, MAP_TABLE_LOW + i * 8, 0);
	built_kernel_open(&kernel);

	struct vmc_error *err = vmc_audit_run(kernel.target, &options, &audit);

	assert_non_null(err);
	assert_non_null(strstr(vmc_error_message(err), "the memory map is not in the dump"));
	vmc_error_free(err);
	built_kernel_destroy(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_page_once),
		cmocka_unit_test(test_stopped_by_the_caller),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_compound_pages),
		cmocka_unit_test(test_struct_pages_that_tell_nothing),
		cmocka_unit_test(test_many_ranges),
		cmocka_unit_test(test_zone_is_not_known),
		cmocka_unit_test(test_zone_is_not_proven),
		cmocka_unit_test(test_zones_that_tell_little),
		cmocka_unit_test(test_no_memory_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
