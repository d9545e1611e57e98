/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States of all pages, kept in 8 bytes a run. */
#ifndef VMCULL_AUDIT_PAGE_MAP_H
#define VMCULL_AUDIT_PAGE_MAP_H

#include <vmcull/audit.h>

#include "base/error.h"

struct page_kind {
	unsigned int state; /* VMC_PAGE_… or VMC_AUDIT_ABSENT */
	bool content;
	bool readable; /* it has content, and no state that forbids a look at it */
};

struct page_kind page_kind_of(const struct vmc_audit_range *range);

struct page_map {
	uint64_t *runs; /* pfn above the run, and its kind in the low byte */
	size_t count, capacity;
};

void page_map_deinit(struct page_map *map);

/* Adds the pages from the end of the map up to @end; runs of one kind are merged. */
struct vmc_error *page_map_append(struct page_map *map, vmc_pfn end,
				  struct page_kind kind) VMC_MUST_CHECK;

/* The first pfn above all runs. */
vmc_pfn page_map_end(const struct page_map *map);

/* A place in a map, that only moves up. */
struct page_map_iter {
	const struct page_map *map;
	size_t index;
};

/* The kind of @pfn and the pfn from which on it may be another; above the end all is absent. */
struct page_kind page_map_at(struct page_map_iter *iter, vmc_pfn pfn, vmc_pfn *ret_end);

#endif
