/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments of an ELF core as the kernel described its memory: in their order, overlaps and all,
 * in pages; for who writes another. */
#ifndef VMCULL_DUMP_ELF_MAPPINGS_H
#define VMCULL_DUMP_ELF_MAPPINGS_H

#include "dump/dump.h"

struct elf_mapping {
	vmc_pfn start;
	uint64_t count;  /* pages */
	vmc_vaddr vaddr; /* of start, when known: QEMU does not say without paging */
	bool has_vaddr;
};

struct elf_mappings {
	unsigned int page_shift;
	struct elf_mapping *list;
	size_t count, capacity;
	uint32_t flags; /* of the ELF header */
};

void elf_mappings_deinit(struct elf_mappings *mappings);

/* Adds one, or makes the last one longer when it goes on there. */
struct vmc_error *elf_mappings_add(struct elf_mappings *mappings,
				   const struct elf_mapping *mapping) VMC_MUST_CHECK;

/* Adds those of @dump, whose page size is known; none when it is no ELF file.  Segments that
 * makedumpfile -E split at what it left out come together again. */
struct vmc_error *elf_mappings_read(struct elf_mappings *mappings,
				    const struct vmc_dump *dump) VMC_MUST_CHECK;

/* How many of them hold the same page at most. */
struct vmc_error *elf_mappings_depth(const struct elf_mappings *mappings,
				     size_t *ret_depth) VMC_MUST_CHECK;

/* Takes from each what is in one before it.  For lists that are not long. */
struct vmc_error *elf_mappings_separate(struct elf_mappings *mappings) VMC_MUST_CHECK;

#endif
