/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of pages gathered from lists, in order of their pfns. */
#ifndef VMCULL_PAGES_BLOCKS_H
#define VMCULL_PAGES_BLOCKS_H

#include "base/error.h"

struct block {
	vmc_pfn pfn;
	uint8_t order;
	uint8_t type; /* what the gatherer wants to remember: a migrate type */
	int32_t zone; /* index in the list of zones */
};

struct blocks {
	struct block *list;
	size_t count, capacity;
};

void blocks_deinit(struct blocks *blocks);
struct vmc_error *blocks_add(struct blocks *blocks, struct block block) VMC_MUST_CHECK;

/* Sorts, and drops blocks that begin inside the one before; returns how many those were. */
size_t blocks_sort(struct blocks *blocks);

/* The first block that ends above @pfn, from index *cursor on, which only ever moves up; NULL when
 * there is none. */
const struct block *blocks_seek(const struct blocks *blocks, size_t *cursor, vmc_pfn pfn);

/* The index of the first block that ends above @pfn; their count when there is none. */
size_t blocks_index(const struct blocks *blocks, vmc_pfn pfn);

/* The block that holds @pfn, or NULL. */
const struct block *blocks_find(const struct blocks *blocks, vmc_pfn pfn);

#endif
