/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unaccepted memory of kernels that do not mark it in struct page (6.5 to 6.11): blocks of the
 * largest order on zone->unaccepted_pages.
 */
#ifndef VMCULL_PAGES_UNACCEPTED_H
#define VMCULL_PAGES_UNACCEPTED_H

#include "base/extents.h"
#include "pages/memmap.h"

/* Walks the lists of all zones and adds the pfns of the blocks on them.  A kernel without such
 * lists gives none; a list that is damaged gives what it holds up to there and a warning through
 * the log: the rest is kept. */
struct vmc_error *unaccepted_collect(struct memmap *memmap, unsigned int max_order,
				     struct extents *extents) VMC_MUST_CHECK;

#endif
