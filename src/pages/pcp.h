/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Free pages on the lists of single CPUs (zone->per_cpu_pageset).  Nothing in their struct pages
 * tells them from pages that are just being allocated.
 */
#ifndef VMCULL_PAGES_PCP_H
#define VMCULL_PAGES_PCP_H

#include "pages/blocks.h"
#include "pages/list_watch.h"
#include "pages/memmap.h"

struct pcp {
	struct blocks blocks; /* sorted; of each the order and the migrate type of its list */
	uint64_t pages;       /* in them */
	uint64_t counted;     /* per_cpu_pages.count of all */
	uint64_t lists;       /* walked; 0: the kernel does not tell where they are */
};

/* Walks the lists of all zones and CPUs.  A damaged list gives what it holds up to there. */
struct vmc_error *pcp_collect(struct memmap *memmap, const struct list_watch *watch,
			      struct pcp *ret_pcp) VMC_MUST_CHECK;
void pcp_deinit(struct pcp *pcp);

#endif
