/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of the memory map that describe nothing that a plan keeps.
 *
 * The rule is makedumpfile's, of its option -e, so that who relied on that gets the same: a stretch
 * of memory counts when nothing is kept of two whole words of a bitmap or more, and of the pages of
 * the map those do that lie inside of what describes it.
 */
#ifndef VMCULL_FILTER_UNUSED_MAP_H
#define VMCULL_FILTER_UNUSED_MAP_H

#include "filter/kept.h"
#include "pages/free_map.h"

/* Ranges of pages of the map, by pfn when they are found. */
struct unused_map {
	struct extent *ranges;
	size_t count, capacity;
};

void unused_map_deinit(struct unused_map *unused);
static inline void unused_map_deinit_cleanup(struct unused_map *unused)
{
	unused_map_deinit(unused);
}

/* Finds them.  Pages that @map does not tell of are none: they hold it at several addresses. */
struct vmc_error *unused_map_find(struct vmc_target *target, const struct free_map *map,
				  const struct kept *kept,
				  struct unused_map *ret_unused) VMC_MUST_CHECK;

/* Makes @ret_kept, which is to be kept_init()ed, of what is left of @kept. */
struct vmc_error *unused_map_take_out(const struct unused_map *unused, const struct kept *kept,
				      struct kept *ret_kept) VMC_MUST_CHECK;

#endif
