/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a walk share; for all others there is walk.h. */
#ifndef VMCULL_PAGES_WALK_INSIDE_H
#define VMCULL_PAGES_WALK_INSIDE_H

#include "pages/blocks.h"
#include "pages/classifier.h"
#include "pages/pcp.h"
#include "pages/rules.h"
#include "pages/scan.h"
#include "pages/structs.h"
#include "pages/walk.h"

struct vmc_page_walk {
	struct vmc_target *target;
	bool is_fork; /* what the lists gave is another's */
	uint32_t whole_blocks;
	struct memmap *memmap;
	struct structs structs; /* in order of the walk */
	struct structs aside;   /* single struct pages elsewhere: first tails, heads behind us */
	struct classifier classifier;
	struct rule_set rules;
	struct scan scan;
	struct blocks unaccepted; /* on lists; some kernels mark it nowhere else */
	size_t unaccepted_cursor;
	struct pcp pcp; /* when asked for */
	size_t pcp_cursor;

	vmc_pfn pfn;                  /* the next page to tell of */
	struct vmc_memory_run memory; /* the run of memory it is in, once started */
	vmc_pfn limit;                /* no page from there on is told of */

	/* The block that we are in: pfn is below its end. */
	struct verdict verdict;
	vmc_pfn block_end;
	vmc_pfn judged_pfn; /* a single page whose verdict is known already */
	struct verdict judged;
	bool seeking; /* single pages are not joined */
	uint64_t unreadable;
};

/* Finds out about the block that begins at the current page, walk->pfn: its verdict, and where it
 * ends. */
struct vmc_error *walk_begin_block(struct vmc_page_walk *walk) VMC_MUST_CHECK;

#endif
