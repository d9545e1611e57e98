/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free blocks by page type, held against those on the free lists, both in order of pfns. */
#ifndef VMCULL_AUDIT_FREE_BLOCKS_H
#define VMCULL_AUDIT_FREE_BLOCKS_H

#include "audit/state.h"
#include "pages/structs.h"

struct free_blocks {
	struct vmc_audit *audit;
	struct structs *structs; /* for struct pages of memory that is not in the dump */
	size_t cursor;           /* in audit->free_listed */
};

/* The memory map has a free block.  *ret_migrate_type is that of its list, or -1. */
struct vmc_error *free_blocks_typed(struct free_blocks *blocks, vmc_pfn pfn, unsigned int order,
				    int zone, int *ret_migrate_type) VMC_MUST_CHECK;

/* No further free block is in the map. */
struct vmc_error *free_blocks_finish(struct free_blocks *blocks) VMC_MUST_CHECK;

#endif
