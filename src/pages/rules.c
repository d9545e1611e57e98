/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order matters.  Pages that must never be read come first.  Types come before everything that uses
 * mapping, lru or private, because slab, page tables, zsmalloc and network buffers reuse those
 * words.
 */
#include "pages/rules.h"

#include "base/checked.h"
#include "pages/compound.h"

struct rule {
	struct vmc_page_rule info;
	enum vmc_page_state state;
	bool (*applies)(const struct classifier *c);

	/* Of a page without a next one it looks at flags, the type and whether mapping_is_anon(),
	 * and at nothing else: scan.c relies on that, and has to know the flags. */
	bool (*matches)(const struct page_view *page);

	/* The order of the block, where it is not that of the compound page.  False when it cannot
	 * be right: then the page alone is judged, by these. */
	bool (*find_order)(const struct page_view *page, unsigned int *ret_order);
	enum walk_rule bad_order;
	enum vmc_page_state bad_state; /* unknown, which is kept, but where that could do harm */
};

static bool always(const struct classifier *c)
{
	(void)c;
	return true;
}

static bool has_offline(const struct classifier *c)
{
	return c->offline.known;
}

/* Slab pages used the type word for counters of their own while slab was a flag. */
static bool is_slab_by_flag(const struct page_view *page)
{
	return page_has_flag(page, page->c->slab_mask);
}

static bool is_offline(const struct page_view *page)
{
	return page_has_type(page, page->c->offline) && !is_slab_by_flag(page);
}

static bool has_unaccepted(const struct classifier *c)
{
	return c->unaccepted.known;
}

static bool is_unaccepted(const struct page_view *page)
{
	return page_has_type(page, page->c->unaccepted) && !is_slab_by_flag(page);
}

/* Only whole blocks of the largest order are left unaccepted; page.private does not hold it. */
static bool unaccepted_order(const struct page_view *page, unsigned int *ret_order)
{
	*ret_order = page->c->max_order;
	return !(page->pfn & (((uint64_t)1 << page->c->max_order) - 1));
}

static bool free_order(const struct page_view *page, unsigned int *ret_order)
{
	uint64_t order = load_word(page->c->layout, page->bytes + page->c->private);

	/* A CPU stopped in the middle of a merge may leave half a change behind. */
	if (order > page->c->max_order || page->pfn & (((uint64_t)1 << order) - 1))
		return false;
	*ret_order = (unsigned int)order;
	return true;
}

static bool has_double_types(const struct classifier *c)
{
	return c->free_offline.known || c->free_unaccepted.known;
}

static bool is_double_typed(const struct page_view *page)
{
	return (page_has_type(page, page->c->free_offline) ||
		page_has_type(page, page->c->free_unaccepted)) &&
	       !is_slab_by_flag(page);
}

static bool has_slab_flag(const struct classifier *c)
{
	return c->slab_mask;
}

static bool has_buddy_flag(const struct classifier *c)
{
	return c->buddy_mask;
}

static bool is_buddy_by_flag(const struct page_view *page)
{
	return page_has_flag(page, page->c->buddy_mask);
}

static bool has_buddy_type(const struct classifier *c)
{
	return c->buddy.known;
}

static bool is_buddy_by_type(const struct page_view *page)
{
	return page_has_type(page, page->c->buddy);
}

static bool has_slab_type(const struct classifier *c)
{
	return c->slab.known;
}

static bool is_slab_by_type(const struct page_view *page)
{
	return page_has_type(page, page->c->slab);
}

static bool has_hugetlb_type(const struct classifier *c)
{
	return c->hugetlb.known;
}

static bool is_hugetlb_by_type(const struct page_view *page)
{
	return page_has_type(page, page->c->hugetlb);
}

static bool has_hugetlb_flag(const struct classifier *c)
{
	return c->hugetlb_mask && !c->hugetlb.known;
}

static bool is_hugetlb_by_flag(const struct page_view *page)
{
	return page->next &&
	       (load_word(page->c->layout, page->next + page->c->flags) & page->c->hugetlb_mask);
}

static bool has_hugetlb_folio_dtor(const struct classifier *c)
{
	return c->hugetlb_by_dtor && c->order_scheme == ORDER_FOLIO_FIELD;
}

static bool has_hugetlb_page_dtor(const struct classifier *c)
{
	return c->hugetlb_by_dtor && c->order_scheme == ORDER_PAGE_FIELD;
}

static bool has_hugetlb_destructor(const struct classifier *c)
{
	return c->hugetlb_destructor;
}

static bool has_table_type(const struct classifier *c)
{
	return c->table.known;
}

static bool is_table(const struct page_view *page)
{
	return page_has_type(page, page->c->table);
}

static bool is_anon(const struct page_view *page)
{
	return mapping_is_anon(load_word(page->c->layout, page->bytes + page->c->mapping));
}

/* PG_swapcache is PG_owner_priv_1, which filesystems use too, unless PG_swapbacked is set (4.10);
 * before, it was a flag of its own. */
static bool is_cache(const struct page_view *page)
{
	const struct classifier *c = page->c;

	return page_has_flag(page, c->lru_mask) ||
	       (page_has_flag(page, c->swapcache_mask) &&
		(!c->swapbacked_mask || page_has_flag(page, c->swapbacked_mask)));
}

static bool is_cache_private(const struct page_view *page)
{
	return page_has_flag(page, page->c->private_mask) && is_cache(page);
}

static bool is_anything(const struct page_view *page)
{
	(void)page;
	return true;
}

static const struct vmc_page_rule walk_rules[RULE_FIRST_OF_TABLE] = {
	[RULE_NO_MEMMAP] = {"no-memmap", "the kernel has no struct page for it: firmware or a hole",
			    "2.6"},
	[RULE_SECTION_OFFLINE] = {"section-offline",
				  "its memory section is offline: its struct page is not trusted",
				  "4.13"},
	[RULE_PCP_LIST] = {"pcp-list", "free, on a list of one CPU (zone->per_cpu_pageset)", "2.5"},
	[RULE_MAP_UNREADABLE] = {"map-unreadable", "its struct page cannot be read", "any"},
	[RULE_HWPOISON] = {"hwpoison-flag", "PG_hwpoison is set", "2.6.32"},
	[RULE_UNACCEPTED_LIST] = {"unaccepted-list", "in a block on zone->unaccepted_pages", "6.5"},
	[RULE_BAD_COMPOUND] = {"bad-compound",
			       "head and tails of a compound page contradict each other", "any"},
	[RULE_BAD_FREE_BLOCK] = {"bad-free-block", "marked free, with an order that cannot be",
				 "any"},
	[RULE_BAD_UNACCEPTED_BLOCK] = {"bad-unaccepted-block",
				       "marked unaccepted, but not aligned as such blocks are: "
				       "this page alone is not read",
				       "any"},
	[RULE_BAD_DOUBLE_TYPED] = {"bad-double-typed",
				   "free and also offline or unaccepted, with an order that "
				   "cannot be: this page alone is not read",
				   "drafts of 2021 and 2022"},
};

static const struct rule rules[] = {
	{
		.info = {"uninitialised", "its struct page is filled with ones", "4.18"},
		.state = VMC_PAGE_UNKNOWN,
		.applies = always,
		.matches = page_is_uninitialised,
	},
	{
		.info = {"offline-type", "page type offline: ballooned or unplugged", "5.1"},
		.state = VMC_PAGE_OFFLINE,
		.applies = has_offline,
		.matches = is_offline,
	},
	{
		.info = {"unaccepted-type",
			 "page type unaccepted, for a block of the largest order", "6.12"},
		.state = VMC_PAGE_UNACCEPTED,
		.applies = has_unaccepted,
		.matches = is_unaccepted,
		.find_order = unaccepted_order,
		.bad_order = RULE_BAD_UNACCEPTED_BLOCK,
		.bad_state = VMC_PAGE_UNACCEPTED,
	},
	{
		.info = {"double-typed",
			 "free and also offline or unaccepted: a free block not to be read",
			 "drafts of 2021 and 2022"},
		.state = VMC_PAGE_UNACCEPTED,
		.applies = has_double_types,
		.matches = is_double_typed,
		.find_order = free_order,
		.bad_order = RULE_BAD_DOUBLE_TYPED,
		.bad_state = VMC_PAGE_UNACCEPTED,
	},
	{
		.info = {"slab-flag", "PG_slab is set", "2.6 to 6.9"},
		.state = VMC_PAGE_SLAB,
		.applies = has_slab_flag,
		.matches = is_slab_by_flag,
	},
	{
		.info = {"buddy-flag", "PG_buddy is set; page.private is the order",
			 "2.6.17 to 2.6.37"},
		.state = VMC_PAGE_FREE,
		.applies = has_buddy_flag,
		.matches = is_buddy_by_flag,
		.find_order = free_order,
		.bad_order = RULE_BAD_FREE_BLOCK,
	},
	{
		.info = {"buddy-type", "page type buddy; page.private is the order", "2.6.38"},
		.state = VMC_PAGE_FREE,
		.applies = has_buddy_type,
		.matches = is_buddy_by_type,
		.find_order = free_order,
		.bad_order = RULE_BAD_FREE_BLOCK,
	},
	{
		.info = {"slab-type", "page type slab", "46df8e73a4a3, 6.10"},
		.state = VMC_PAGE_SLAB,
		.applies = has_slab_type,
		.matches = is_slab_by_type,
	},
	{
		.info = {"hugetlb-type", "page type hugetlb", "d99e3140a4d3, 6.9"},
		.state = VMC_PAGE_HUGETLB,
		.applies = has_hugetlb_type,
		.matches = is_hugetlb_by_type,
	},
	{
		.info = {"hugetlb-flag", "PG_hugetlb is set on the second page", "6.6 to 6.8"},
		.state = VMC_PAGE_HUGETLB,
		.applies = has_hugetlb_flag,
		.matches = is_hugetlb_by_flag,
	},
	{
		.info = {"hugetlb-folio-dtor", "folio destructor HUGETLB_PAGE_DTOR", "6.3 to 6.5"},
		.state = VMC_PAGE_HUGETLB,
		.applies = has_hugetlb_folio_dtor,
		.matches = head_has_hugetlb_dtor,
	},
	{
		.info = {"hugetlb-page-dtor", "compound destructor HUGETLB_PAGE_DTOR",
			 "4.4 to 6.2"},
		.state = VMC_PAGE_HUGETLB,
		.applies = has_hugetlb_page_dtor,
		.matches = head_has_hugetlb_dtor,
	},
	{
		.info = {"hugetlb-destructor", "compound destructor free_huge_page()",
			 "before 4.4"},
		.state = VMC_PAGE_HUGETLB,
		.applies = has_hugetlb_destructor,
		.matches = head_has_hugetlb_destructor,
	},
	{
		.info = {"table-type", "page type table", "4.18"},
		.state = VMC_PAGE_TABLE,
		.applies = has_table_type,
		.matches = is_table,
	},
	{
		.info = {"other-type", "of a page type that is none of user memory's", "4.18"},
		.state = VMC_PAGE_KERNEL,
		.applies = always,
		.matches = page_has_any_type,
	},
	{
		.info = {"anon", "page.mapping marks anonymous memory", "2.6"},
		.state = VMC_PAGE_ANON,
		.applies = always,
		.matches = is_anon,
	},
	{
		.info = {"cache-private", "on an LRU list or in the swap cache, PG_private set",
			 "2.6"},
		.state = VMC_PAGE_CACHE_PRIVATE,
		.applies = always,
		.matches = is_cache_private,
	},
	{
		.info = {"cache", "on an LRU list or in the swap cache", "2.6"},
		.state = VMC_PAGE_CACHE,
		.applies = always,
		.matches = is_cache,
	},
	{
		.info = {"kernel", "allocated, and none of the above", "any"},
		.state = VMC_PAGE_KERNEL,
		.applies = always,
		.matches = is_anything,
	},
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))
_Static_assert(RULE_FIRST_OF_TABLE + RULE_COUNT <= VMC_PAGE_RULES_MAX,
	       "too many for the public table");
_Static_assert(RULE_COUNT <= sizeof(((struct rule_set *)0)->active), "rule_set is too small");

const struct vmc_page_rule *vmc_page_rule(unsigned int rule)
{
	if (rule < RULE_FIRST_OF_TABLE)
		return &walk_rules[rule];
	rule -= RULE_FIRST_OF_TABLE;
	return rule < RULE_COUNT ? &rules[rule].info : NULL;
}

void rule_set_init(struct rule_set *set, const struct classifier *classifier)
{
	set->count = 0;
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (rules[i].applies(classifier))
			set->active[set->count++] = (uint8_t)i;
	}
}

static bool is_forbidden(enum vmc_page_state state)
{
	return VMC_STATES_FORBIDDEN & VMC_STATE_BIT(state);
}

unsigned int rule_set_find(const struct rule_set *set, const struct page_view *page,
			   bool *ret_has_order)
{
	const struct rule *rule;
	size_t i = 0;

	do
		rule = &rules[set->active[i++]];
	while (!rule->matches(page)); /* the last row matches anything */
	*ret_has_order = rule->find_order;
	return (unsigned int)(rule - rules);
}

struct verdict rule_apply(unsigned int row, const struct page_view *page,
			  unsigned int compound_order)
{
	const struct rule *rule = &rules[row];
	struct verdict verdict = {
		.state = rule->state,
		.order = compound_order,
		.rule = RULE_FIRST_OF_TABLE + row,
	};

	if (rule->find_order && !rule->find_order(page, &verdict.order))
		verdict = (struct verdict){.state = rule->bad_state, .rule = rule->bad_order};
	if (page_has_flag(page, page->c->hwpoison_mask) && !page_is_uninitialised(page) &&
	    !is_forbidden(verdict.state) && (!verdict.order || verdict.state == VMC_PAGE_HUGETLB))
		verdict = (struct verdict){
			.state = VMC_PAGE_HWPOISON, .rule = RULE_HWPOISON, .order = verdict.order};
	return verdict;
}

struct verdict rule_set_judge(const struct rule_set *set, const struct page_view *page,
			      unsigned int compound_order)
{
	bool has_order;

	return rule_apply(rule_set_find(set, page, &has_order), page, compound_order);
}

bool rule_set_also(const struct rule_set *set, const struct page_view *page, unsigned int rule,
		   unsigned int *ret_rule)
{
	for (size_t i = 0; i + 1 < set->count; i++) {
		unsigned int other = RULE_FIRST_OF_TABLE + set->active[i];

		if (other > rule && rules[set->active[i]].matches(page)) {
			*ret_rule = other;
			return true;
		}
	}
	return false;
}
