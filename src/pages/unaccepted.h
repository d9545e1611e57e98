/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unaccepted memory by list: blocks of the largest order on zone->unaccepted_pages.  Kernels of 6.5
 * to 6.11 mark it nowhere else.
 */
#ifndef VMCULL_PAGES_UNACCEPTED_H
#define VMCULL_PAGES_UNACCEPTED_H

#include "pages/blocks.h"
#include "pages/list_watch.h"
#include "pages/memmap.h"

/* Walks the lists of all zones and adds the blocks on them, sorted.  *ret_lists is how many zones
 * have such a list: none in a kernel without.  A list that is damaged gives what it holds up to
 * there. */
struct vmc_error *unaccepted_collect(struct memmap *memmap, unsigned int max_order,
				     const struct list_watch *watch, struct blocks *blocks,
				     size_t *ret_lists) VMC_MUST_CHECK;

#endif
