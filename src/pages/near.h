/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that nearly decided: those that a single condition kept from it, and those that an earlier
 * rule went before.  How to add one: a row in near.c, with a test in test_near.c.
 */
#ifndef VMCULL_PAGES_NEAR_H
#define VMCULL_PAGES_NEAR_H

#include "pages/rules.h"

#define NEAR_DETAIL 96

struct near_page {
	const struct page_view *page; /* page->next set for a sound compound head */
	const struct rule_set *rules;
	struct verdict verdict; /* of the page */
	struct verdict own;     /* what its own words say when it is taken for a single page */
	struct verdict block;   /* of the block that it is in */
	bool inside;            /* it is not the first of that block */
	bool has_refcount;
	uint32_t refcount;
	uint64_t known_flags; /* mask of all flags that have names */
	bool lists_known;     /* lists of unaccepted blocks were found, */
	bool listed;          /* and it is in one of those blocks */
	bool pcp_known;       /* per-CPU free lists were walked, */
	bool pcp_listed;      /* and it is in a block on one */
};

struct near_miss {
	const char *name;         /* short and stable */
	const char *rule;         /* of vmc_page_rule() */
	const char *sentence;     /* why it did not decide */
	char detail[NEAR_DETAIL]; /* with numbers, or "" */
};

/* Finds up to @max of them; returns how many. */
size_t near_misses_find(const struct near_page *near, struct near_miss *ret_misses, size_t max);

#endif
