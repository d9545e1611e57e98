/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules against struct pages as each era of kernels encodes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "era.h"
#include "pages/compound.h"

static const struct layout little64 = {.word_size = 8};

/* A free-standing page: no flags, not mapped, no type. */
static void blank(struct era *era)
{
	memset(era->pages, 0, sizeof(era->pages));
	for (int i = 0; i < 2; i++)
		store_u32(era->c.layout, era->pages[i] + era->c.mapcount, UINT32_MAX);
}

static void set_flags(struct era *era, int page, uint64_t flags)
{
	store_word(era->c.layout, era->pages[page] + era->c.flags, flags);
}

static void set_type(struct era *era, uint32_t type)
{
	store_u32(era->c.layout, era->pages[0] + era->c.mapcount, type);
}

static void set_word(struct era *era, int page, uint64_t offset, uint64_t value)
{
	store_word(era->c.layout, era->pages[page] + offset, value);
}

static struct verdict judge_single(struct era *era, vmc_pfn pfn)
{
	struct page_view page = page_view(&era->c, pfn, era->pages[0]);

	return rule_set_judge(&era->rules, &page, 0);
}

static struct verdict judge_head(struct era *era, vmc_pfn pfn, unsigned int order)
{
	struct page_view page = page_view(&era->c, pfn, era->pages[0]);

	page.next = era->pages[1];
	return rule_set_judge(&era->rules, &page, order);
}

static void expect(struct verdict verdict, enum vmc_page_state state, unsigned int order,
		   const char *rule)
{
	assert_string_equal(vmc_page_state_name(verdict.state), vmc_page_state_name(state));
	assert_int_equal(verdict.order, order);
	assert_string_equal(vmc_page_rule(verdict.rule)->name, rule);
}

/* What every era shares. */
static void check_common(struct era *era)
{
	blank(era);
	expect(judge_single(era, 5), VMC_PAGE_KERNEL, 0, "kernel");

	set_word(era, 0, era->c.mapping, 0xffff888000001001);
	expect(judge_single(era, 5), VMC_PAGE_ANON, 0, "anon");
	set_word(era, 0, era->c.mapping, 0xffff888000001003); /* KSM */
	expect(judge_single(era, 5), VMC_PAGE_ANON, 0, "anon");
	set_word(era, 0, era->c.mapping, 1); /* DAX */
	expect(judge_single(era, 5), VMC_PAGE_KERNEL, 0, "kernel");

	blank(era);
	set_flags(era, 0, era->c.lru_mask);
	expect(judge_single(era, 5), VMC_PAGE_CACHE, 0, "cache");
	set_flags(era, 0, era->c.lru_mask | era->c.private_mask);
	expect(judge_single(era, 5), VMC_PAGE_CACHE_PRIVATE, 0, "cache-private");
	set_flags(era, 0, era->c.private_mask);
	expect(judge_single(era, 5), VMC_PAGE_KERNEL, 0, "kernel");
	set_flags(era, 0, era->c.swapcache_mask);
	expect(judge_single(era, 5), VMC_PAGE_KERNEL, 0, "kernel");
	set_flags(era, 0, era->c.swapcache_mask | era->c.swapbacked_mask);
	expect(judge_single(era, 5), VMC_PAGE_CACHE, 0, "cache");

	set_flags(era, 0, UINT64_MAX);
	expect(judge_single(era, 5), VMC_PAGE_UNKNOWN, 0, "uninitialised");

	if (!era->c.hwpoison_mask)
		return;
	/* Whatever else the page is, it must not be read. */
	blank(era);
	set_flags(era, 0, era->c.hwpoison_mask | era->c.lru_mask);
	set_word(era, 0, era->c.mapping, 0xffff888000001001);
	expect(judge_single(era, 5), VMC_PAGE_HWPOISON, 0, "hwpoison-flag");
}

static void check_buddy(struct era *era, uint32_t type)
{
	blank(era);
	set_type(era, type);
	set_word(era, 0, era->c.private, 3);
	expect(judge_single(era, 0x1008), VMC_PAGE_FREE, 3, "buddy-type");
	set_word(era, 0, era->c.private, 0);
	expect(judge_single(era, 0x1009), VMC_PAGE_FREE, 0, "buddy-type");
	set_word(era, 0, era->c.private, 10);
	expect(judge_single(era, 0x1400), VMC_PAGE_FREE, 10, "buddy-type");

	/* On doubt, keep: misaligned, above the largest order, absurd. */
	expect(judge_single(era, 0x1401), VMC_PAGE_UNKNOWN, 0, "bad-free-block");
	set_word(era, 0, era->c.private, 11);
	expect(judge_single(era, 0x1800), VMC_PAGE_UNKNOWN, 0, "bad-free-block");
	set_word(era, 0, era->c.private, UINT64_MAX);
	expect(judge_single(era, 0x1800), VMC_PAGE_UNKNOWN, 0, "bad-free-block");
}

static void check_type(struct era *era, uint32_t type, enum vmc_page_state state, const char *rule)
{
	blank(era);
	set_type(era, type);
	/* The words of user pages mean something else on typed pages. */
	set_flags(era, 0, era->c.lru_mask);
	set_word(era, 0, era->c.mapping, 0xffff888000001001);
	expect(judge_single(era, 5), state, 0, rule);
}

static void test_6_1(void **state)
{
	struct era *era = *state;

	era_load(era, "x86_64-6.1.0-56-cloud-amd64", little64);
	assert_int_equal(era->c.type_scheme, TYPE_WORD);
	check_common(era);
	check_buddy(era, (uint32_t)-129);
	check_type(era, (uint32_t)-257, VMC_PAGE_OFFLINE, "offline-type");
	check_type(era, (uint32_t)-1025, VMC_PAGE_KERNEL, "other-type");

	/* Two types at once: a whole block that must not be read, or the page alone on doubt. */
	blank(era);
	set_type(era, (uint32_t)-385);
	set_word(era, 0, era->c.private, 9);
	expect(judge_single(era, 0x1200), VMC_PAGE_UNACCEPTED, 9, "double-typed");
	expect(judge_single(era, 0x1201), VMC_PAGE_UNACCEPTED, 0, "bad-double-typed");
	set_word(era, 0, era->c.private, 99);
	expect(judge_single(era, 0x1200), VMC_PAGE_UNACCEPTED, 0, "bad-double-typed");

	/* Slab reuses the type word and mapping: its flag goes first. */
	blank(era);
	set_flags(era, 0, era->c.slab_mask);
	set_type(era, (uint32_t)-129);
	expect(judge_single(era, 5), VMC_PAGE_SLAB, 0, "slab-flag");
	set_type(era, (uint32_t)-257);
	expect(judge_single(era, 5), VMC_PAGE_SLAB, 0, "slab-flag");
	set_type(era, (uint32_t)-385);
	expect(judge_single(era, 5), VMC_PAGE_SLAB, 0, "slab-flag");

	blank(era);
	era->pages[1][era->c.dtor_offset - era->c.struct_size] = 2;
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-page-dtor");
	era->pages[1][era->c.dtor_offset - era->c.struct_size] = 1;
	expect(judge_head(era, 0x200, 9), VMC_PAGE_KERNEL, 9, "kernel");
}

static void test_6_8(void **state)
{
	struct era *era = *state;

	era_load(era, "x86_64-6.8.0-1073-gcp", little64);
	assert_int_equal(era->c.type_scheme, TYPE_WORD);
	assert_false(era->c.unaccepted.known);
	check_common(era);
	check_buddy(era, (uint32_t)-129);
	check_type(era, (uint32_t)-257, VMC_PAGE_OFFLINE, "offline-type");
	blank(era);
	set_type(era, (uint32_t)-2049); /* backported from 6.9 */
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-type");
}

static void test_6_12(void **state)
{
	struct era *era = *state;

	era_load(era, "x86_64-6.12.107+deb13-cloud-amd64", little64);
	assert_int_equal(era->c.type_scheme, TYPE_TOP_BYTE);
	check_common(era);
	check_buddy(era, 0xf0000000);
	check_type(era, 0xf1000000, VMC_PAGE_OFFLINE, "offline-type");
	check_type(era, 0xf1000007, VMC_PAGE_OFFLINE, "offline-type");
	check_type(era, 0xf2000000, VMC_PAGE_TABLE, "table-type");
	check_type(era, 0xf3000000, VMC_PAGE_KERNEL, "other-type");
	check_type(era, 0xf5000000, VMC_PAGE_SLAB, "slab-type");
	check_type(era, 0xf6001234, VMC_PAGE_KERNEL, "other-type");
	check_type(era, 0xf8000000, VMC_PAGE_KERNEL, "other-type");

	/* The type is there, though not exported before 6.16. */
	blank(era);
	set_type(era, 0xf7000000);
	expect(judge_single(era, 0x1400), VMC_PAGE_UNACCEPTED, 10, "unaccepted-type");
	expect(judge_single(era, 0x1401), VMC_PAGE_UNACCEPTED, 0, "bad-unaccepted-block");

	/* Bit 7 is PG_waiters, not PG_slab as in 2.6. */
	blank(era);
	set_flags(era, 0, 1u << 7);
	set_word(era, 0, era->c.mapping, 0xffff888000001001);
	expect(judge_single(era, 5), VMC_PAGE_ANON, 0, "anon");

	blank(era);
	set_type(era, 0xf4000000);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-type");
	/* A bad page of hugetlb is on a list elsewhere: none of it is read. */
	set_flags(era, 0, era->c.hwpoison_mask);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HWPOISON, 9, "hwpoison-flag");
	/* On the head of another block the flag speaks for the head alone. */
	set_type(era, 0xf5000000);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_SLAB, 9, "slab-type");
}

static void test_7_2(void **state)
{
	struct era *era = *state;

	era_load(era, "x86_64-7.2.13+deb14-cloud-amd64", little64);
	assert_int_equal(era->c.type_scheme, TYPE_TOP_BYTE);
	assert_int_equal(era->c.order_scheme, ORDER_FLAGS_BYTE);
	check_common(era);
	check_buddy(era, 0xf0000000);
	check_type(era, 0xf1000000, VMC_PAGE_OFFLINE, "offline-type");
}

/* 6.11 and others that no fixture shows: facts by hand. */
static void era_by_hand(struct era *era, struct layout layout, uint64_t struct_size)
{
	struct facts *facts = &era->target.facts;
	unsigned int word = layout.word_size;

	memset(era, 0, sizeof(*era));
	era->target.layout = layout;
	facts_init(facts);

	const struct {
		enum fact_id id;
		uint64_t value;
	} values[] = {
		{FACT_PAGESIZE, 4096},
		{FACT_SIZE_page, struct_size},
		{FACT_OFFSET_page_flags, 0},
		{FACT_OFFSET_page_lru, word},
		{FACT_OFFSET_page_mapping, 3 * word},
		{FACT_OFFSET_page_private, 5 * word},
		{FACT_OFFSET_page_mapcount, 6 * word},
		{FACT_LENGTH_zone_free_area, 11},
		{FACT_NUMBER_PG_lru, 4},
		{FACT_NUMBER_PG_private, 13},
		{FACT_NUMBER_PG_swapcache, 10},
		{FACT_NUMBER_PG_swapbacked, 19},
		{FACT_NUMBER_PG_head_mask, 1 << 16},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		fact_set(facts, values[i].id, values[i].value, VMC_FACT_VMCOREINFO, NULL);
}

static void give(struct era *era, enum fact_id id, int64_t value)
{
	fact_set(&era->target.facts, id, (uint64_t)value, VMC_FACT_VMCOREINFO, NULL);
}

static void test_6_11(void **state)
{
	struct era *era = *state;

	era_by_hand(era, little64, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_NUMBER_PAGE_BUDDY, -1073741825);
	give(era, FACT_NUMBER_PAGE_OFFLINE, -536870913);
	give(era, FACT_NUMBER_PAGE_HUGETLB, -67108865);
	give(era, FACT_NUMBER_PAGE_SLAB, -33554433);
	era_ready(era);
	assert_int_equal(era->c.type_scheme, TYPE_HIGH_16);
	check_common(era);
	check_buddy(era, 0xbfffffff);
	check_type(era, 0xdfffffff, VMC_PAGE_OFFLINE, "offline-type");
	check_type(era, 0xdfff0003, VMC_PAGE_OFFLINE, "offline-type");
	check_type(era, 0xfdffffff, VMC_PAGE_SLAB, "slab-type");
	check_type(era, 0xfeff0003, VMC_PAGE_KERNEL, "other-type"); /* zsmalloc */
}

/* Exact values, before types were bits: 2.6.39 to 4.17, of a 32-bit big-endian machine. */
static void test_exact_values(void **state)
{
	struct era *era = *state;

	era_by_hand(era, (struct layout){.big_endian = true, .word_size = 4}, 36);
	give(era, FACT_OFFSET_page_compound_head, 4);
	give(era, FACT_NUMBER_PG_slab, 7);
	give(era, FACT_NUMBER_PAGE_BUDDY, -128);
	era_ready(era);
	assert_int_equal(era->c.type_scheme, TYPE_WORD);
	check_buddy(era, (uint32_t)-128);
	blank(era);
	set_type(era, (uint32_t)-2);
	expect(judge_single(era, 5), VMC_PAGE_KERNEL, 0, "other-type");
	set_type(era, 0);
	set_word(era, 0, era->c.mapping, 0xc1234561);
	expect(judge_single(era, 5), VMC_PAGE_ANON, 0, "anon");
	set_flags(era, 0, UINT32_MAX);
	expect(judge_single(era, 5), VMC_PAGE_UNKNOWN, 0, "uninitialised");
}

/* Types as bits, and an unaccepted value that a downstream kernel, or the user, gives: 0x800. */
static void test_double_types(void **state)
{
	struct era *era = *state;

	era_by_hand(era, little64, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_NUMBER_PAGE_BUDDY, -129);
	give(era, FACT_NUMBER_PAGE_OFFLINE, -257);
	give(era, FACT_NUMBER_PAGE_UNACCEPTED, -2049);
	era_ready(era);
	blank(era);
	set_word(era, 0, era->c.private, 10);
	set_type(era, (uint32_t)-2177);
	expect(judge_single(era, 0x1400), VMC_PAGE_UNACCEPTED, 10, "double-typed");
	set_type(era, (uint32_t)-385);
	expect(judge_single(era, 0x1400), VMC_PAGE_UNACCEPTED, 10, "double-typed");
	set_type(era, (uint32_t)-129);
	expect(judge_single(era, 0x1400), VMC_PAGE_FREE, 10, "buddy-type");
	set_type(era, (uint32_t)-2049);
	expect(judge_single(era, 0x1400), VMC_PAGE_UNACCEPTED, 10, "unaccepted-type");

	/* Exact values are no bits: 2.6.38 to 4.17. */
	era_by_hand(era, little64, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_NUMBER_PAGE_BUDDY, -128);
	give(era, FACT_NUMBER_PAGE_OFFLINE, -256);
	era_ready(era);
	assert_false(era->c.free_offline.known);
}

static void test_buddy_flag(void **state)
{
	struct era *era = *state;

	era_by_hand(era, little64, 56);
	give(era, FACT_NUMBER_PG_buddy, 18);
	era_ready(era);
	blank(era);
	set_flags(era, 0, 1u << 18);
	set_word(era, 0, era->c.private, 4);
	expect(judge_single(era, 0x100), VMC_PAGE_FREE, 4, "buddy-flag");
	expect(judge_single(era, 0x108), VMC_PAGE_UNKNOWN, 0, "bad-free-block");
}

static void test_hugetlb_schemes(void **state)
{
	struct era *era = *state;

	/* 6.6 to 6.8: a flag on the second page. */
	era_by_hand(era, little64, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_NUMBER_PG_hugetlb, 8);
	era_ready(era);
	blank(era);
	set_flags(era, 1, 0x109);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-flag");
	set_flags(era, 1, 0x009);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_KERNEL, 9, "kernel");

	/* 6.3 to 6.5: a byte of the folio. */
	era_by_hand(era, little64, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_OFFSET_folio_dtor, 64 + 16);
	give(era, FACT_OFFSET_folio_order, 64 + 17);
	give(era, FACT_NUMBER_HUGETLB_PAGE_DTOR, 2);
	era_ready(era);
	assert_int_equal(era->c.order_scheme, ORDER_FOLIO_FIELD);
	blank(era);
	era->pages[1][16] = 2;
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-folio-dtor");

	/* 4.9 to 4.15: ints, of which the low half is not the first on a big-endian machine. */
	era_by_hand(era, (struct layout){.big_endian = true, .word_size = 8}, 64);
	give(era, FACT_OFFSET_page_compound_head, 8);
	give(era, FACT_OFFSET_page_compound_dtor, 16);
	give(era, FACT_OFFSET_page_compound_order, 20);
	give(era, FACT_NUMBER_HUGETLB_PAGE_DTOR, 2);
	era_ready(era);
	assert_int_equal(era->c.order_width, 4);
	blank(era);
	store_u32(era->c.layout, era->pages[1] + 16, 2);
	expect(judge_head(era, 0x200, 9), VMC_PAGE_HUGETLB, 9, "hugetlb-page-dtor");
}

static int setup(void **state)
{
	static struct era era;

	*state = &era;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_6_1, setup),
		cmocka_unit_test_setup(test_6_8, setup),
		cmocka_unit_test_setup(test_6_11, setup),
		cmocka_unit_test_setup(test_6_12, setup),
		cmocka_unit_test_setup(test_7_2, setup),
		cmocka_unit_test_setup(test_exact_values, setup),
		cmocka_unit_test_setup(test_double_types, setup),
		cmocka_unit_test_setup(test_buddy_flag, setup),
		cmocka_unit_test_setup(test_hugetlb_schemes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
