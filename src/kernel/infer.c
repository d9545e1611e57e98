/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts that kernels of some releases do not export but that follow from what they do export.
 * Every rule asks for keys and their values, never for OSRELEASE: distributions carry keys and code
 * back.  What does not follow for certain stays unknown, and pages are kept.
 */
#include "kernel/infer.h"

#include "base/checked.h"

/* The eras of the word that page types share with _mapcount, told apart by the value of "free". */
enum type_era {
	TYPE_ERA_OTHER,   /* before 4.18, or a scheme younger than this program */
	TYPE_ERA_BITS,    /* 4.18 to 6.10: a bit cleared in a word of ones */
	TYPE_ERA_6_11,    /* 6.11 only: likewise, but the upper 16 bits alone are types */
	TYPE_ERA_NUMBERS, /* since 6.12: a number in the top byte */
};

bool fact_is(const struct facts *facts, enum fact_id id, uint64_t value)
{
	return fact_known(facts, id) && facts->table[id].value == value;
}

static bool fact_is_or_unknown(const struct facts *facts, enum fact_id id, int64_t value)
{
	return (int64_t)fact_or(facts, id, (uint64_t)value) == value;
}

/* The numbers of 6.12 to 7.3.  A later kernel that gives them out anew is not one of these. */
static bool type_numbers_as_known(const struct facts *facts)
{
	return fact_is_or_unknown(facts, FACT_NUMBER_PAGE_OFFLINE, -251658240) &&
	       fact_is_or_unknown(facts, FACT_NUMBER_PAGE_HUGETLB, -201326592) &&
	       fact_is_or_unknown(facts, FACT_NUMBER_PAGE_SLAB, -184549376) &&
	       fact_is_or_unknown(facts, FACT_NUMBER_PAGE_UNACCEPTED, -150994944);
}

static enum type_era type_era(const struct facts *facts)
{
	switch ((int32_t)fact_or(facts, FACT_NUMBER_PAGE_BUDDY, 0)) {
	case -129:
		return TYPE_ERA_BITS;
	case -1073741825: /* ~0x40000000 */
		return TYPE_ERA_6_11;
	case -268435456: /* 0xf0 << 24 */
		return type_numbers_as_known(facts) ? TYPE_ERA_NUMBERS : TYPE_ERA_OTHER;
	default:
		return TYPE_ERA_OTHER;
	}
}

void fact_infer(struct facts *facts, enum fact_id id, int64_t value, const char *reason)
{
	if (!fact_known(facts, id))
		fact_set(facts, id, (uint64_t)value, VMC_FACT_INFERRED, reason);
}

static void infer_offline(struct facts *facts)
{
	/* Exported since 5.1, but up to 6.8 only by kernels with hugetlb pages. */
	switch (type_era(facts)) {
	case TYPE_ERA_BITS:
		fact_infer(facts, FACT_NUMBER_PAGE_OFFLINE, -257,
			   "type bit 0x100 where free pages have 0x80: balloon in 4.18 to 5.0, "
			   "offline in 5.1 to 6.10");
		break;
	case TYPE_ERA_6_11:
		fact_infer(facts, FACT_NUMBER_PAGE_OFFLINE, -536870913,
			   "type bit 0x20000000 where free pages have 0x40000000, as in 6.11");
		break;
	case TYPE_ERA_NUMBERS:
		fact_infer(facts, FACT_NUMBER_PAGE_OFFLINE, -251658240,
			   "type 0xf1 where free pages have 0xf0, since 6.12");
		break;
	case TYPE_ERA_OTHER:
		break;
	}
}

/* The bit moved from 0x400 to 0x200 in 5.11, where another type had been, and no key tells the two
 * apart.  Keys that came in 6.3 and later and hang on code of those releases prove the younger. */
static bool table_bit_certain(const struct facts *facts)
{
	return fact_known(facts, FACT_OFFSET_folio_order) ||
	       fact_known(facts, FACT_NUMBER_PG_hugetlb) ||
	       fact_is(facts, FACT_NUMBER_PAGE_HUGETLB, (uint64_t)-2049) ||
	       fact_is(facts, FACT_NUMBER_PAGE_SLAB, (uint64_t)-4097);
}

static void infer_table(struct facts *facts)
{
	switch (type_era(facts)) {
	case TYPE_ERA_BITS:
		if (table_bit_certain(facts))
			fact_infer(facts, FACT_NUMBER_PAGE_TABLE, -513,
				   "type bit 0x200 in kernels that export folio._folio_order, "
				   "PG_hugetlb, or hugetlb or slab as a page type: 6.3 to 6.10");
		break;
	case TYPE_ERA_6_11:
		fact_infer(facts, FACT_NUMBER_PAGE_TABLE, -268435457,
			   "type bit 0x10000000 where free pages have 0x40000000, as in 6.11");
		break;
	case TYPE_ERA_NUMBERS:
		fact_infer(facts, FACT_NUMBER_PAGE_TABLE, -234881024,
			   "type 0xf2 where free pages have 0xf0, since 6.12");
		break;
	case TYPE_ERA_OTHER:
		break;
	}
}

static void infer_page_types(struct facts *facts)
{
	infer_offline(facts);
	infer_table(facts);
	if (type_era(facts) == TYPE_ERA_NUMBERS)
		fact_infer(facts, FACT_NUMBER_PAGE_UNACCEPTED, -150994944,
			   "type 0xf7 where free pages have 0xf0, since 6.12; exported since 6.16");
}

/* Flag numbers moved as a block, so a few of them tell which order all of them are in. */
static bool flags_before_4_10(const struct facts *facts)
{
	return fact_is(facts, FACT_NUMBER_PG_lru, 5) && fact_is(facts, FACT_NUMBER_PG_slab, 7) &&
	       fact_is(facts, FACT_NUMBER_PG_private, 11);
}

static bool flags_4_10_to_4_20(const struct facts *facts)
{
	return fact_is(facts, FACT_NUMBER_PG_lru, 5) &&
	       fact_is(facts, FACT_NUMBER_PG_private, 12) &&
	       fact_is(facts, FACT_NUMBER_PG_swapcache, 9) &&
	       fact_is(facts, FACT_NUMBER_PG_head_mask, 1 << 15);
}

static void infer_flags(struct facts *facts)
{
	if (flags_before_4_10(facts))
		fact_infer(
			facts, FACT_NUMBER_PG_head_mask, 1 << 14,
			"PG_head is bit 14 where PG_lru, PG_slab, PG_private are 5, 7, 11: before "
			"4.10; exported since about 3.17");
	/* PG_swapcache shares its bit since 4.10 and means something with PG_swapbacked only. */
	if (flags_4_10_to_4_20(facts))
		fact_infer(
			facts, FACT_NUMBER_PG_swapbacked, 18,
			"bit 18 where PG_lru, PG_private, PG_swapcache, PG_head are 5, 12, 9, 15: "
			"4.10 to 4.20; exported since 4.18");
}

/* 4.4 took away PG_tail and linked tails to their head through compound_head, which lies over
 * lru.next; from then until the fields were exported (4.9 or 4.10) PG_swapcache, the bit after
 * PG_head, is 15.  Kernels of 32 bits had that number before as well: nothing is said of them. */
static bool compound_as_in_4_4(const struct facts *facts)
{
	return facts_word_size(facts) == 8 && flags_before_4_10(facts) &&
	       fact_is(facts, FACT_NUMBER_PG_head_mask, 1 << 14) &&
	       fact_is(facts, FACT_NUMBER_PG_swapcache, 15);
}

static void infer_compound(struct facts *facts)
{
	static const char reason[] = "over page.lru where PG_head is bit 14 and PG_swapcache 15, "
				     "without a PG_tail between them: 4.4 to 4.9";

	uint64_t offset = fact_or(facts, FACT_OFFSET_page_lru, UINT64_MAX);

	if (!compound_as_in_4_4(facts) || offset > INT32_MAX ||
	    fact_known(facts, FACT_OFFSET_page_compound_head))
		return;

	int64_t lru = (int64_t)offset;

	fact_infer(facts, FACT_OFFSET_page_compound_head, lru, reason);
	fact_infer(facts, FACT_OFFSET_page_compound_dtor, lru + 8, reason);
	fact_infer(facts, FACT_OFFSET_page_compound_order, lru + 12, reason);
	if (fact_known(facts, FACT_SYMBOL_free_huge_page))
		fact_infer(facts, FACT_NUMBER_HUGETLB_PAGE_DTOR, 2,
			   "the third destructor in kernels with hugetlb pages, 4.4 to 6.5");
}

static void infer_list_head(struct facts *facts)
{
	unsigned int word_size = facts_word_size(facts);

	if (!word_size)
		return;
	fact_infer(facts, FACT_OFFSET_list_head_next, 0,
		   "the first of two pointers, in all releases");
	fact_infer(facts, FACT_OFFSET_list_head_prev, word_size,
		   "the second of two pointers, in all releases");
}

/* The key is there where PAE is; without it i386 has what its arch_ops say. */
static void infer_pae(struct facts *facts)
{
	static const char reason[] = "usual for i386 with PAE, since 2.6.26";

	if (!fact_is(facts, FACT_CONFIG_X86_PAE, 1))
		return;
	fact_infer(facts, FACT_NUMBER_SECTION_SIZE_BITS, 29, reason);
	fact_infer(facts, FACT_NUMBER_MAX_PHYSMEM_BITS, 36, reason);
}

static unsigned int log2_of(uint64_t power_of_two)
{
	return 63u - (unsigned int)__builtin_clzll(power_of_two);
}

/* Memory of MAX_PHYSMEM_BITS is in as many sections as fit into the pages of mem_section.  Those of
 * arm64 became smaller in 5.12, and their size was exported in 5.14 only. */
static void infer_section_size(struct facts *facts)
{
	uint64_t roots = fact_or(facts, FACT_LENGTH_mem_section, 0);
	uint64_t entry = fact_or(facts, FACT_SIZE_mem_section, 0);
	uint64_t page = fact_or(facts, FACT_PAGESIZE, 0);
	uint64_t bits = fact_or(facts, FACT_NUMBER_MAX_PHYSMEM_BITS, 0);

	if (facts_word_size(facts) != 8 || bits > 64 || !is_power_of_two(roots) ||
	    !is_power_of_two(entry) || !is_power_of_two(page) || entry > page)
		return;

	uint64_t sections = log2_of(roots) + log2_of(page / entry);

	if (bits > sections + log2_of(page))
		fact_infer(facts, FACT_NUMBER_SECTION_SIZE_BITS, (int64_t)(bits - sections),
			   "MAX_PHYSMEM_BITS less the number of sections that LENGTH(mem_section) "
			   "tells");
}

void facts_infer(struct facts *facts)
{
	infer_pae(facts);
	infer_section_size(facts);
	infer_list_head(facts);
	infer_page_types(facts);
	infer_flags(facts);
	infer_flag_order(facts);
	infer_compound(facts);
	infer_zone(facts, type_era(facts) != TYPE_ERA_OTHER);
	fact_infer(
		facts, FACT_OFFSET_uts_namespace_name, 4,
		"after a reference count of 4 bytes before 5.11, which did not export it; the text "
		"there must prove it");
}
