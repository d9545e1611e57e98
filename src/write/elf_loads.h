/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PT_LOADs of an ELF output: the memory of the input, cut wherever pages begin or end that are
 * stored or left out. */
#ifndef VMCULL_WRITE_ELF_LOADS_H
#define VMCULL_WRITE_ELF_LOADS_H

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

/* Which pages are stored: the kept ones below @stop that are not lost. */
struct elf_stored {
	const struct kept *kept;
	const struct extents *lost;
	vmc_pfn stop;
};

struct elf_loads {
	const struct elf_mappings *mappings;
	struct elf_stored stored;

	/* Where the walk is. */
	size_t index; /* of the mapping */
	vmc_pfn next; /* in it; the same as its start at first */
	bool begun;
	struct kept_iter kept;
	vmc_pfn from;       /* what is below it was passed */
	struct extent left; /* of the kept pages that came last */
	uint64_t left_rank;
};

void elf_loads_init(struct elf_loads *loads, const struct elf_mappings *mappings,
		    const struct elf_stored *stored);
void elf_loads_deinit(struct elf_loads *loads);
static inline void elf_loads_deinit_cleanup(struct elf_loads *loads)
{
	elf_loads_deinit(loads);
}

/* Gives the next load; *ret_more is false at the end. */
struct vmc_error *elf_loads_next(struct elf_loads *loads, struct elf_load *ret_load,
				 bool *ret_more) VMC_MUST_CHECK;

/* What memory the output describes: as the input does when that is ELF, else its runs of memory;
 * each page once.  @max is how many loads there may be; *ret_count is how many a file of all
 * planned pages needs.  VMC_ERR_LIMIT when they are too many. */
struct vmc_error *elf_loads_plan(const struct vmc_plan *plan, uint64_t max,
				 struct elf_mappings *ret_mappings,
				 uint64_t *ret_count) VMC_MUST_CHECK;

#endif
