/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PT_LOADs of an ELF output: the memory of the input, cut wherever pages begin or end that are
 * stored or left out. */
#ifndef VMCULL_WRITE_ELF_LOADS_H
#define VMCULL_WRITE_ELF_LOADS_H

#include "base/extents.h"
#include "dump/elf_mappings.h"
#include "filter/plan.h"

/* A run of pages of one kind, and behind it those that were left out. */
struct elf_load {
	vmc_pfn start;
	uint64_t count; /* pages with content; 0 where what was left out comes first */
	uint64_t rank;  /* of the first among all stored pages */
	uint64_t gap;   /* pages left out */
	vmc_vaddr vaddr;
};

struct elf_loads {
	const struct elf_mappings *mappings;
	const struct extents *stored;

	/* Where the walk is. */
	size_t index; /* of the mapping */
	vmc_pfn next; /* in it; the same as its start at first */
	bool begun;
};

/* Gives the next load; false at the end. */
bool elf_loads_next(struct elf_loads *loads, struct elf_load *ret_load);

/* What memory the output describes: as the input does when that is ELF, else its runs of memory;
 * each page once.  @max is how many loads there may be; *ret_count is how many a file of all
 * planned pages needs.  VMC_ERR_LIMIT when they are too many. */
struct vmc_error *elf_loads_plan(const struct vmc_plan *plan, uint64_t max,
				 struct elf_mappings *ret_mappings,
				 uint64_t *ret_count) VMC_MUST_CHECK;

#endif
