/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page flags.  There are more meanings than bits: what a bit says hangs on what the page is.
 * Follows include/linux/page-flags.h of 4.4 to 7.3.
 */
#include "audit/explain/explain.h"

#include <string.h>

struct flag {
	enum fact_id fact;
	const char *name;
};

/* Where two share a bit, the one that names it comes first. */
static const struct flag flags[] = {
	{FACT_NUMBER_PG_locked, "PG_locked"},
	{FACT_NUMBER_PG_writeback, "PG_writeback"},
	{FACT_NUMBER_PG_referenced, "PG_referenced"},
	{FACT_NUMBER_PG_uptodate, "PG_uptodate"},
	{FACT_NUMBER_PG_dirty, "PG_dirty"},
	{FACT_NUMBER_PG_lru, "PG_lru"},
	{FACT_NUMBER_PG_waiters, "PG_waiters"},
	{FACT_NUMBER_PG_active, "PG_active"},
	{FACT_NUMBER_PG_workingset, "PG_workingset"},
	{FACT_NUMBER_PG_error, "PG_error"},
	{FACT_NUMBER_PG_slab, "PG_slab"},
	{FACT_NUMBER_PG_owner_priv_1, "PG_owner_priv_1"},
	{FACT_NUMBER_PG_swapcache, "PG_swapcache"},
	{FACT_NUMBER_PG_owner_2, "PG_owner_2"},
	{FACT_NUMBER_PG_mappedtodisk, "PG_mappedtodisk"},
	{FACT_NUMBER_PG_anon_exclusive, "PG_anon_exclusive"},
	{FACT_NUMBER_PG_arch_1, "PG_arch_1"},
	{FACT_NUMBER_PG_reserved, "PG_reserved"},
	{FACT_NUMBER_PG_private, "PG_private"},
	{FACT_NUMBER_PG_private_2, "PG_private_2"},
	{FACT_NUMBER_PG_reclaim, "PG_reclaim"},
	{FACT_NUMBER_PG_swapbacked, "PG_swapbacked"},
	{FACT_NUMBER_PG_unevictable, "PG_unevictable"},
	{FACT_NUMBER_PG_dropbehind, "PG_dropbehind"},
	{FACT_NUMBER_PG_mlocked, "PG_mlocked"},
	{FACT_NUMBER_PG_uncached, "PG_uncached"},
	{FACT_NUMBER_PG_hwpoison, "PG_hwpoison"},
	{FACT_NUMBER_PG_young, "PG_young"},
	{FACT_NUMBER_PG_idle, "PG_idle"},
	{FACT_NUMBER_PG_arch_2, "PG_arch_2"},
	{FACT_NUMBER_PG_arch_3, "PG_arch_3"},
	{FACT_NUMBER_PG_buddy, "PG_buddy"},
};

struct meaning {
	const char *name; /* of the flag, as above */
	unsigned int traits;
	const char *alias;
	const char *meaning;
};

#define SECOND_OF_6_12 (TRAIT_SECOND | TRAIT_TYPE_NUMBERS)

/* For each flag, the first row whose traits the page has. */
static const struct meaning meanings[] = {
	/* Pages of any kind, tails too */
	{"PG_hwpoison", 0, NULL, "a memory error: must never be read"},
	{"PG_reserved", 0, NULL, "not managed by the page allocator: firmware, image, memory map"},
	{"PG_head", 0, NULL, "the first page of a compound page"},

	/* The first tail has flags of the folio (5.16) */
	{"PG_active", SECOND_OF_6_12, "PG_has_hwpoisoned",
	 "a page of the folio has a memory error"},
	{"PG_error", TRAIT_SECOND | TRAIT_ANON_EXCLUSIVE, "PG_has_hwpoisoned",
	 "a page of the folio has a memory error (5.19 to 6.11)"},
	{"PG_workingset", TRAIT_SECOND | TRAIT_ORDER_BYTE, "PG_large_rmappable",
	 "the folio can be mapped page by page (6.6)"},
	{"PG_workingset", TRAIT_SECOND, "PG_double_map",
	 "mapped as a whole and page by page (4.5 to 6.1)"},
	{"PG_reclaim", SECOND_OF_6_12, "PG_partially_mapped",
	 "not all pages of the folio are mapped any more (6.12)"},

	/* Anonymous memory: each page has its own flag, but of hugetlb, where the head speaks */
	{"PG_owner_2", TRAIT_HUGETLB | TRAIT_TAIL, NULL, "says nothing: the head's counts"},
	{"PG_mappedtodisk", TRAIT_HUGETLB | TRAIT_TAIL, NULL, "says nothing: the head's counts"},
	{"PG_owner_2", TRAIT_ANON, "PG_anon_exclusive", "one process alone has it"},
	{"PG_mappedtodisk", TRAIT_ANON | TRAIT_ANON_EXCLUSIVE, "PG_anon_exclusive",
	 "one process alone has it"},
	{"PG_mappedtodisk", TRAIT_SECOND, "PG_has_hwpoisoned",
	 "a page of the folio has a memory error (5.16 to 5.18)"},

	/* Other tails */
	{NULL, TRAIT_TAIL, NULL, "says nothing on a tail"},

	/* Free blocks */
	{"PG_uptodate", TRAIT_FREE_HEAD, "PG_reported",
	 "the hypervisor knows that it is free (5.7)"},
	{NULL, TRAIT_FREE_HEAD, NULL, "left over from before it was freed"},
	{NULL, TRAIT_FREE, NULL, "left over from before it was freed"},

	/* Slab */
	{"PG_locked", TRAIT_SLAB, "SL_locked", "its free list is being changed"},
	{"PG_active", TRAIT_SLAB, "SL_pfmemalloc", "taken from emergency reserves"},
	{"PG_workingset", TRAIT_SLAB, "SL_partial", "on its node's list of partial slabs (6.8)"},

	/* Page tables (names of 6.18) */
	{"PG_referenced", TRAIT_TABLE, "PT_kernel", "of the kernel's own address space"},

	/* Of drivers */
	{"PG_uptodate", TRAIT_OFFLINE | TRAIT_TYPE_NUMBERS, "PG_movable_ops",
	 "its driver can move it (6.17)"},
	{"PG_dirty", TRAIT_OFFLINE, NULL, "never was online (virtio-mem)"},
	{"PG_reclaim", TRAIT_OFFLINE, "PG_movable_ops_isolated", "taken off, to be moved"},
	{"PG_reclaim", TRAIT_MOVABLE, "PG_isolated", "taken off, to be moved (4.8 to 6.16)"},

	/* User memory */
	{"PG_owner_priv_1", TRAIT_SWAPBACKED, "PG_swapcache", "in the swap cache"},
	{"PG_owner_priv_1", TRAIT_FILE, "PG_checked", "the filesystem's own"},
	{"PG_owner_priv_1", 0, NULL, "its owner's: in guests of Xen PG_pinned or PG_foreign"},
	{"PG_swapcache", 0, NULL, "in the swap cache"},
	{"PG_owner_2", TRAIT_FILE, "PG_mappedtodisk", "all its blocks have a place on the disk"},
	{"PG_owner_2", 0, NULL, "its owner's"},
	{"PG_mappedtodisk", 0, NULL, "all its blocks have a place on the disk"},
	{"PG_anon_exclusive", TRAIT_ANON, NULL, "one process alone has it"},
	{"PG_reclaim", TRAIT_WRITEBACK, NULL, "to be reclaimed as soon as it is written"},
	{"PG_reclaim", TRAIT_FILE, "PG_readahead",
	 "read ahead: reaching it makes the kernel read on"},
	{"PG_reclaim", 0, NULL, "to be reclaimed soon"},
	{"PG_dirty", TRAIT_ANON, NULL, "newer than what is in swap"},
	{"PG_dirty", TRAIT_FILE, NULL, "newer than what is on the disk"},
	{"PG_dirty", 0, NULL, "written to"},
	{"PG_private", TRAIT_FILE, NULL,
	 "page.private is the filesystem's: buffer heads or the like"},
	{"PG_private", 0, NULL, "page.private is in use"},
	{"PG_locked", 0, NULL, "I/O or a change is going on"},
	{"PG_writeback", 0, NULL, "being written"},
	{"PG_referenced", 0, NULL, "used since it was looked at last"},
	{"PG_uptodate", 0, NULL, "its content is valid"},
	{"PG_lru", 0, NULL, "on an LRU list"},
	{"PG_waiters", 0, NULL, "somebody waits for it to be unlocked or written"},
	{"PG_active", 0, NULL, "on an active LRU list, or was"},
	{"PG_workingset", 0, NULL, "reclaimed once, and soon needed again"},
	{"PG_error", 0, NULL, "an I/O error"},
	{"PG_slab", 0, NULL, "of the slab allocator"},
	{"PG_arch_1", 0, NULL, "the architecture's"},
	{"PG_private_2", 0, NULL, "the filesystem's second mark"},
	{"PG_swapbacked", 0, NULL, "goes to swap, not to a file"},
	{"PG_unevictable", 0, NULL, "cannot be reclaimed"},
	{"PG_dropbehind", 0, NULL, "to be dropped once it was used (6.14)"},
	{"PG_mlocked", 0, NULL, "locked in memory with mlock()"},
	{"PG_uncached", 0, NULL, "mapped uncached"},
	{"PG_young", 0, NULL, "used since idle pages were looked for"},
	{"PG_idle", 0, NULL, "not used since idle pages were looked for"},
	{"PG_arch_2", 0, NULL, "the architecture's"},
	{"PG_arch_3", 0, NULL, "the architecture's"},
	{"PG_buddy", 0, NULL, "the first page of a free block"},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

uint64_t explain_known_flags(const struct facts *facts, unsigned int *ret_end)
{
	uint64_t known = fact_or(facts, FACT_NUMBER_PG_head_mask, 0);

	for (size_t i = 0; i < COUNT_OF(flags); i++)
		known |= fact_flag_mask(facts, flags[i].fact);
	*ret_end = known ? 64 - (unsigned int)__builtin_clzll(known) : 64;
	return known;
}

/* PG_swapcache shares its bit since 4.10, which the key of PG_swapbacked comes with. */
static const char *shared_name(const struct facts *facts, enum fact_id fact, const char *name)
{
	if (fact == FACT_NUMBER_PG_swapcache && fact_known(facts, FACT_NUMBER_PG_swapbacked))
		return "PG_owner_priv_1";
	return name;
}

static const char *flag_name(const struct facts *facts, uint64_t mask)
{
	if (mask == fact_or(facts, FACT_NUMBER_PG_head_mask, 0))
		return "PG_head";
	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		if (fact_flag_mask(facts, flags[i].fact) == mask)
			return shared_name(facts, flags[i].fact, flags[i].name);
	}
	return NULL;
}

static void find_meaning(struct vmc_page_flag *flag, unsigned int traits)
{
	for (size_t i = 0; i < COUNT_OF(meanings); i++) {
		const struct meaning *row = &meanings[i];

		if ((row->name && strcmp(row->name, flag->name)) ||
		    (traits & row->traits) != row->traits)
			continue;
		flag->alias = row->alias;
		flag->meaning = row->meaning;
		return;
	}
}

void explain_flags(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	const struct facts *facts = &page->explainer->target->facts;
	/* A type of hugetlb in the first tail (6.6 to 6.8), over a flag that other pages have. */
	uint64_t hugetlb = page->traits & TRAIT_SECOND ? page->c->hugetlb_mask : 0;
	unsigned int first = 0;

	ret->flags_word = page->view.flags;
	ret->flags_end = page->explainer->flags_end;
	/* The low byte of the first tail is the order of the folio. */
	if ((page->traits & (TRAIT_SECOND | TRAIT_ORDER_BYTE)) == (TRAIT_SECOND | TRAIT_ORDER_BYTE))
		first = 8;
	for (unsigned int bit = first; bit < ret->flags_end; bit++) {
		uint64_t mask = (uint64_t)1 << bit;

		if (!(page->view.flags & mask))
			continue;

		struct vmc_page_flag *flag = &ret->flags[ret->flag_count++];

		*flag = (struct vmc_page_flag){
			.bit = bit, .name = flag_name(facts, mask), .meaning = ""};
		if (mask == hugetlb) {
			flag->alias = "PG_hugetlb";
			flag->meaning = "the folio is of the hugetlb pool (6.6 to 6.8)";
		} else if (flag->name) {
			find_meaning(flag, page->traits);
		}
	}
}
