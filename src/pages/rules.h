/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that tell the state of a page from its struct page: a table, the first that matches
 * decides.  How to add one: a row in rules.c, at its place in the order, with the kernel release or
 * commit it comes from; a page of it in a lab dump or a unit test.
 */
#ifndef VMCULL_PAGES_RULES_H
#define VMCULL_PAGES_RULES_H

#include <vmcull/pages.h>

#include "pages/classifier.h"

/* Rules that the walk applies itself, because they need more than one struct page. */
enum walk_rule {
	RULE_NO_MEMMAP,
	RULE_SECTION_OFFLINE,
	RULE_MAP_UNREADABLE,
	RULE_HWPOISON,
	RULE_UNACCEPTED_LIST,
	RULE_PCP_LIST,
	RULE_BAD_COMPOUND,
	RULE_BAD_FREE_BLOCK,
	RULE_BAD_UNACCEPTED_BLOCK,
	RULE_BAD_DOUBLE_TYPED,
	RULE_FIRST_OF_TABLE,
};

/* What a struct page says: the state, and the order of the block that it speaks for. */
struct verdict {
	enum vmc_page_state state;
	unsigned int order;
	unsigned int rule;
};

/* The rules of the table that this kernel can have, in order. */
struct rule_set {
	uint8_t active[32];
	size_t count;
};

void rule_set_init(struct rule_set *set, const struct classifier *classifier);

/* Judges @page, a head (page->next set, of order @compound_order) or a single page (order 0).  In a
 * block of several pages the hwpoison flag of each has to be looked at besides: it speaks for one
 * page, except on a hugetlb head, which keeps a list of the bad ones elsewhere. */
struct verdict rule_set_judge(const struct rule_set *set, const struct page_view *page,
			      unsigned int compound_order);

/* rule_set_judge() in two steps: which row of the table matches @page first, and what it says.
 * *ret_has_order: it asks the page for an order, which nothing else depends on. */
unsigned int rule_set_find(const struct rule_set *set, const struct page_view *page,
			   bool *ret_has_order);
struct verdict rule_apply(unsigned int row, const struct page_view *page,
			  unsigned int compound_order);

/* Is it anonymous memory? */
static inline bool mapping_is_anon(uint64_t mapping)
{
	/* Bit 0, the same in every kernel; KSM pages have it too.  Exactly 1 marks a shared extent
	 * of a DAX file (6.1 … 6.14): device memory, no user's. */
	return (mapping & 1) && mapping != 1;
}

/* The next rule behind @rule that matches @page as well; false when only the last one does, which
 * matches anything. */
bool rule_set_also(const struct rule_set *set, const struct page_view *page, unsigned int rule,
		   unsigned int *ret_rule);

#endif
