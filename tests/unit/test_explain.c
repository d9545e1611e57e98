/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of single pages: flags, fields, compound pages, and which page is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explained_page.h"

/* The flag at @bit has @name, and on this page @alias. */
static void expect_flag(const struct vmc_explanation *page, unsigned int bit, const char *name,
			const char *alias)
{
	unsigned int i = 0;

	while (i < page->flag_count && page->flags[i].bit != bit)
		i++;
	assert_true(i < page->flag_count);
	assert_string_equal(page->flags[i].name, name);
	if (alias)
		assert_string_equal(page->flags[i].alias, alias);
	else
		assert_null(page->flags[i].alias);
	assert_true(strlen(page->flags[i].meaning) > 5);
}

static void test_one_bit_many_names(void **state)
{
	const uint64_t all = UPTODATE | OWNER_PRIV_1 | OWNER_2 | RECLAIM;
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	put_free(&f.kernel, 0x1000, 0, BUDDY_7_2);
	page_put_flags(&f.kernel, 0x1000, all);
	page_put_flags(&f.kernel, 0x1001, all | LRU | SWAPBACKED_7_2);
	page_put(&f.kernel, 0x1001, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x1002, all | LRU);
	page_put(&f.kernel, 0x1002, PAGE_MAPPING, ADDRESS_SPACE);
	page_put_flags(&f.kernel, 0x1003, all);
	page_put_type(&f.kernel, 0x1003, OFFLINE_7_2);
	page_put_flags(&f.kernel, 0x1004, all);

	explain(&f, 0x1000);
	expect_flag(&f.page, 3, "PG_uptodate", "PG_reported");
	assert_int_equal(f.page.attributes, VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_REPORTED));
	explain(&f, 0x1001);
	expect_flag(&f.page, 3, "PG_uptodate", NULL);
	expect_flag(&f.page, 10, "PG_owner_priv_1", "PG_swapcache");
	expect_flag(&f.page, 11, "PG_owner_2", "PG_anon_exclusive");
	explain(&f, 0x1002);
	expect_flag(&f.page, 10, "PG_owner_priv_1", "PG_checked");
	expect_flag(&f.page, 11, "PG_owner_2", "PG_mappedtodisk");
	expect_flag(&f.page, 16, "PG_reclaim", "PG_readahead");
	explain(&f, 0x1003);
	expect_flag(&f.page, 3, "PG_uptodate", "PG_movable_ops");
	explain(&f, 0x1004);
	expect_flag(&f.page, 10, "PG_owner_priv_1", NULL);
	end(&f);
}

/* The second page of a folio has the folio's flags, and its order instead of low flags. */
static void test_flags_of_tails(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	put_compound(&f.kernel, 0x200, 9, 0);
	page_put(&f.kernel, 0x200, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x201, 9 | 1u << 8 | 1u << 9 | RECLAIM);
	page_put_flags(&f.kernel, 0x205, OWNER_2 | LRU);
	put_compound(&f.kernel, 0x400, 9, OWNER_2);
	page_put_type(&f.kernel, 0x400, HUGETLB_7_2);
	page_put(&f.kernel, 0x400, PAGE_MAPPING, ANON_VMA);
	page_put_flags(&f.kernel, 0x405, OWNER_2);

	explain(&f, 0x201);
	assert_int_equal(f.page.flag_count, 3); /* the order byte is none of them */
	expect_flag(&f.page, 8, "PG_active", "PG_has_hwpoisoned");
	expect_flag(&f.page, 9, "PG_workingset", "PG_large_rmappable");
	expect_flag(&f.page, 16, "PG_reclaim", "PG_partially_mapped");
	assert_string_equal(f.page.fields[0].name, "flags");
	assert_non_null(strstr(f.page.fields[0].meaning, "order of the compound page, 9"));
	explain(&f, 0x205);
	expect_flag(&f.page, 11, "PG_owner_2", "PG_anon_exclusive");
	expect_flag(&f.page, 5, "PG_lru", NULL);
	assert_string_equal(f.page.flags[0].meaning, "says nothing on a tail");

	/* Of hugetlb the head's flag counts. */
	explain(&f, 0x400);
	expect_flag(&f.page, 11, "PG_owner_2", "PG_anon_exclusive");
	explain(&f, 0x405);
	expect_flag(&f.page, 11, "PG_owner_2", NULL);
	end(&f);
}

static void test_compounds(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	put_compound(&f.kernel, 0x200, 9, 0);
	for (vmc_pfn i = 1; i < 0x200; i++)
		page_put(&f.kernel, 0x200 + i, PAGE_COMPOUND, 0xffffffffffff8001);
	put_compound(&f.kernel, 0x1000, 2, 0);
	page_put(&f.kernel, 0x1001, PAGE_COMPOUND, struct_address(0xf00) | 1);
	page_put(&f.kernel, 0x2000, PAGE_COMPOUND, struct_address(0x1ff0) | 1);
	page_put(&f.kernel, 0x3000, PAGE_COMPOUND, 0x1235);
	put_compound(&f.kernel, 0x4000, 2, 0);

	explain(&f, 0x200);
	assert_int_equal(f.page.compound, VMC_COMPOUND_HEAD);
	assert_true(f.page.compound_sound);
	assert_int_equal(f.page.order, 9);
	explain(&f, 0x277);
	assert_int_equal(f.page.compound, VMC_COMPOUND_TAIL);
	assert_int_equal(f.page.head, 0x200);
	assert_true(f.page.compound_sound && f.page.head_by_mask);
	assert_string_equal(f.page.fields[1].name, "compound_info");
	explain(&f, 0x4003);
	assert_int_equal(f.page.head, 0x4000);
	assert_true(f.page.compound_sound && !f.page.head_by_mask);
	assert_string_equal(f.page.compound_problem, "");

	explain(&f, 0x1000);
	assert_false(f.page.compound_sound);
	assert_non_null(strstr(f.page.compound_problem, "0xf00"));
	assert_string_equal(f.page.rule->name, "bad-compound");
	explain(&f, 0x2000);
	assert_non_null(strstr(f.page.compound_problem, "no PG_head"));
	explain(&f, 0x3000);
	assert_non_null(strstr(f.page.compound_problem, "cannot be"));
	end(&f);
}

/* Every byte of a struct page is in one field. */
static void test_fields_cover_all(void **state)
{
	static const vmc_pfn pfns[] = {0x100, 0x200, 0x201, 0x202, 0x300};
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	put_compound(&f.kernel, 0x200, 2, 0);
	put_free(&f.kernel, 0x300, 5, BUDDY_7_2);
	for (size_t i = 0; i < sizeof(pfns) / sizeof(pfns[0]); i++) {
		unsigned int end_of_last = 0;

		explain(&f, pfns[i]);
		for (unsigned int j = 0; j < f.page.field_count; j++) {
			assert_int_equal(f.page.fields[j].offset, end_of_last);
			end_of_last += f.page.fields[j].width;
		}
		assert_int_equal(end_of_last, STRUCT_SIZE);
	}
	assert_string_equal(f.page.fields[5].name, "private");
	assert_int_equal(f.page.fields[5].value, 5);
	assert_string_equal(f.page.type, "buddy");
	assert_int_equal(f.page.refcount, 0);
	end(&f);
}

static void test_levels(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	page_put_flags(&f.kernel, 0x1000, LRU);
	page_put_flags(&f.kernel, 0x1001, LRU | PRIVATE_7_2);
	page_put(&f.kernel, 0x1002, PAGE_MAPPING, ANON_VMA);
	explain(&f, 0x1000);
	assert_int_equal(f.page.levels, 0x03030303);
	explain(&f, 0x1001);
	assert_int_equal(f.page.levels, 0x0f0f0f0f);
	explain(&f, 0x1002);
	assert_int_equal(f.page.levels, 0x00ff00ff);
	explain(&f, 0x6000);
	assert_int_equal(f.page.levels, UINT32_MAX);
	assert_int_equal(f.page.zero, 1);
	explain(&f, 0x110); /* where the kernel's version is, as a text */
	assert_int_equal(f.page.zero, 0);
	end(&f);
}

static void test_without_struct_page(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	memory_put64(&f.kernel, SECTION_ROOT + 16, VMEMMAP | 0x3);     /* present, offline */
	memory_put64(&f.kernel, SECTION_ROOT + 2 * 16, VMEMMAP | 0x1); /* without a memory map */
	explain(&f, 0x9000);
	assert_int_equal(f.page.state, VMC_PAGE_OFFLINE_SECTION);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_UNTRUSTED);
	assert_int_equal(f.page.block_start, 0x8000);
	assert_int_equal(f.page.block_count, 0x8000);
	assert_true(f.page.attributes & VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SECTION));
	assert_int_equal(f.page.near_count, 0);
	explain(&f, 0x10000);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_NONE);
	assert_string_equal(f.page.rule->name, "no-memmap");
	assert_int_equal(f.page.field_count, 0);

	/* A hole of the dump that has a struct page, and what is above all memory. */
	explain(&f, HOLE_START);
	assert_int_equal(f.page.state, VMC_AUDIT_ABSENT);
	assert_false(f.page.present);
	assert_null(f.page.rule);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_UNTRUSTED);
	explain(&f, 0x123456789);
	assert_int_equal(f.page.state, VMC_AUDIT_ABSENT);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_NONE);
	fail_with(vmc_explain_page(f.explainer, UINT64_MAX >> 3, &f.page), VMC_ERR_INVALID,
		  "as much memory");
	end(&f);

	begin(&f, KEYS_7_2);
	memory_put64(&f.kernel, MAP_TABLE_LOW + 8, 0);
	explain(&f, 0x9000);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_UNREADABLE);
	assert_int_equal(f.page.struct_address, struct_address(0x9000));
	assert_string_equal(f.page.rule->name, "map-unreadable");
	end(&f);
}

/* What the dump itself has of a page is told without a memory map, too. */
static void test_without_memory_map(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	memory_put64(&f.kernel, SECTION_ROOTS, 0);
	explain(&f, 0x1000);
	assert_non_null(strstr(vmc_explainer_problem(f.explainer), "mem_section"));
	assert_true(f.page.present);
	assert_int_equal(f.page.state, VMC_PAGE_UNKNOWN);
	assert_int_equal(f.page.struct_page, VMC_STRUCT_PAGE_NO_MAP);
	assert_null(f.page.rule);
	explain(&f, HOLE_START);
	assert_false(f.page.present);
	end(&f);
}

static void expect_location(struct fixture *fixture, const char *text, enum vmc_location_kind kind,
			    vmc_pfn pfn, uint64_t offset)
{
	struct vmc_location location;

	succeed(vmc_explain_locate(fixture->explainer, text, &location));
	assert_string_equal(vmc_location_kind_name(location.kind), vmc_location_kind_name(kind));
	assert_int_equal(location.pfn, pfn);
	assert_int_equal(location.offset, offset);
}

static void expect_refused(struct fixture *fixture, const char *text, enum vmc_error_code code,
			   const char *part)
{
	struct vmc_location location;

	fail_with(vmc_explain_locate(fixture->explainer, text, &location), code, part);
}

static void test_locations(void **state)
{
	struct vmc_location location;
	struct fixture f;

	(void)state;
	begin(&f, KEYS_7_2);
	open_fixture(&f);
	expect_location(&f, "4660", VMC_LOCATION_PFN, 4660, 0);
	expect_location(&f, "0", VMC_LOCATION_PFN, 0, 0);
	expect_location(&f, "pfn:0x1234", VMC_LOCATION_PFN, 0x1234, 0);
	expect_location(&f, "pfn:77", VMC_LOCATION_PFN, 77, 0);
	expect_location(&f, "0x1234567", VMC_LOCATION_PHYSICAL, 0x1234, 0x567);
	expect_location(&f, "phys:4096", VMC_LOCATION_PHYSICAL, 1, 0);
	expect_location(&f, "0x123456789000", VMC_LOCATION_PHYSICAL, 0x123456789, 0);
	expect_location(&f, "0xffffffff80110004", VMC_LOCATION_VIRTUAL, 0x110, 4);
	expect_location(&f, "0xffffea0000040018", VMC_LOCATION_STRUCT_PAGE, 0x1000, 24);
	expect_location(&f, "page:0xffffea0000040000", VMC_LOCATION_STRUCT_PAGE, 0x1000, 0);
	expect_location(&f, "page:0xffffea0000500000", VMC_LOCATION_STRUCT_PAGE, END_PFN, 0);
	expect_location(&f, "virt:0XFFFFEA0000040018", VMC_LOCATION_VIRTUAL,
			(STRUCT_PAGES + 0x40018) >> 12, 0x18);

	succeed(vmc_explain_locate(f.explainer, "virt:0xffffea0000040018", &location));
	assert_true(location.describes);
	assert_int_equal(location.described, 0x1000);
	assert_int_equal(location.first, VMEMMAP);
	assert_int_equal(location.last, VMEMMAP + 2 * MIB - 1);
	assert_int_equal(location.physical, STRUCT_PAGES);
	succeed(vmc_explain_locate(f.explainer, "0xffffffff80110004", &location));
	assert_false(location.describes || location.guessed);

	expect_refused(&f, "", VMC_ERR_INVALID, "a page is");
	expect_refused(&f, "page", VMC_ERR_INVALID, "a page is");
	expect_refused(&f, "pfn:", VMC_ERR_INVALID, "a page is");
	expect_refused(&f, "pfn:-1", VMC_ERR_INVALID, "no single page");
	expect_refused(&f, "frame:1", VMC_ERR_INVALID, "a page is");
	expect_refused(&f, "12ab", VMC_ERR_INVALID, "begin with 0x");
	expect_refused(&f, "0x", VMC_ERR_INVALID, "no number");
	expect_refused(&f, "0x10x1", VMC_ERR_INVALID, "no number");
	expect_refused(&f, "0x1ffffffffffffffff", VMC_ERR_INVALID, "too large");
	expect_refused(&f, "16-32", VMC_ERR_INVALID, "audit --ranges");
	expect_refused(&f, "0xffff888000000000", VMC_ERR_UNMAPPED, "not mapped");
	expect_refused(&f, "virt:0x1000", VMC_ERR_UNMAPPED, "not mapped");
	expect_refused(&f, "page:0xffffffff80110004", VMC_ERR_INVALID, "inside the memory map");
	expect_refused(&f, "page:0xffffea0000600000", VMC_ERR_INVALID, "inside the memory map");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_bit_many_names),
		cmocka_unit_test(test_flags_of_tails),
		cmocka_unit_test(test_compounds),
		cmocka_unit_test(test_fields_cover_all),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_without_struct_page),
		cmocka_unit_test(test_without_memory_map),
		cmocka_unit_test(test_locations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
