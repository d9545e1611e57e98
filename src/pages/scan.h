/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many struct pages at once: verdicts on single pages out of a memory of earlier ones, and runs of
 * struct pages that are alike.
 */
#ifndef VMCULL_PAGES_SCAN_H
#define VMCULL_PAGES_SCAN_H

#include "pages/rules.h"

/* All that a verdict on a single page depends on, but for the order of a free or unaccepted block:
 * no rule looks at more of it (see struct rule). */
struct scan_key {
	uint64_t flags; /* those that rules ask for */
	uint32_t type;  /* what rules ask for of the word; all ones for every word of no type */
	bool is_anon;
};

#define SCAN_SLOTS 64

struct scan {
	const struct rule_set *rules;
	uint64_t flags_mask;
	uint32_t type_mask;   /* of a word with a type */
	bool plain_mapcounts; /* no type looks like a mapcount */
	struct scan_slot {
		bool used, has_order;
		struct scan_key key;
		unsigned int row;       /* of the rules */
		struct verdict verdict; /* unless it has_order, which the page itself tells */
	} slots[SCAN_SLOTS];
};

void scan_init(struct scan *scan, const struct classifier *classifier,
	       const struct rule_set *rules);

/* The same as rule_set_judge() of a page that is neither head nor tail. */
struct verdict scan_judge(struct scan *scan, const struct page_view *page);

/* How many of @count pages, whose struct pages begin at @bytes, are single pages on which the
 * verdict is that on @page, which was judged last; more may be. */
uint64_t scan_alike(const struct scan *scan, const struct page_view *page, const uint8_t *bytes,
		    uint64_t count);

/* How many of @count struct pages from the first on have a flag of @mask, or none, as the first. */
uint64_t scan_flag(const struct classifier *classifier, uint64_t mask, const uint8_t *bytes,
		   uint64_t count);

#endif
