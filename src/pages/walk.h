/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a walk, for who tells more of a page than its state. */
#ifndef VMCULL_PAGES_WALK_H
#define VMCULL_PAGES_WALK_H

#include "pages/blocks.h"
#include "pages/memmap.h"
#include "pages/rules.h"

DEFINE_CLEANUP(struct vmc_page_walk *, vmc_page_walk_destroy);

const struct classifier *page_walk_classifier(const struct vmc_page_walk *walk);
const struct rule_set *page_walk_rules(const struct vmc_page_walk *walk);
struct memmap *page_walk_memmap(const struct vmc_page_walk *walk);

/* Blocks on lists: of unaccepted memory, and of free pages of single CPUs. */
const struct blocks *page_walk_unaccepted(const struct vmc_page_walk *walk);
const struct blocks *page_walk_pcp(const struct vmc_page_walk *walk);

/* A walk for another thread, at the start; goes before the one it is a fork of. */
struct vmc_error *page_walk_fork(const struct vmc_page_walk *walk,
				 struct vmc_page_walk **ret_fork) VMC_MUST_CHECK;

/* Seeks to @start, and ends the walk at @end. */
struct vmc_error *page_walk_between(struct vmc_page_walk *walk, vmc_pfn start,
				    vmc_pfn end) VMC_MUST_CHECK;

/* What the block that vmc_page_walk_seek() found says as a whole, whatever single pages in it say
 * of themselves.  Only right after a seek. */
struct verdict page_walk_block(const struct vmc_page_walk *walk);

/* How many struct pages read as zeros since their file shrank, or its disk failed, while a map of
 * it was used.  They pass for kernel pages; vmc_page_walk_unreadable() counts them. */
uint64_t page_walk_vanished(const struct vmc_page_walk *walk);

#endif
