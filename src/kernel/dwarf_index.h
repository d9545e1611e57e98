/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What debug information defines, by name.  Each of thousands of compilation units has most types
 * over again: of each name the first definition counts.
 */
#ifndef VMCULL_KERNEL_DWARF_INDEX_H
#define VMCULL_KERNEL_DWARF_INDEX_H

#include "base/error.h"

struct dwarf_entry {
	const char *name; /* not owned; NULL: the slot is free */
	uint64_t offset;  /* of its entry in .debug_info */
	uint32_t hash;
	uint16_t tag;  /* DW_TAG_… */
	bool declared; /* only, and not defined */
};

struct dwarf_index {
	struct dwarf_entry *slots;
	size_t count, capacity; /* a power of two, or 0 */
};

void dwarf_index_deinit(struct dwarf_index *index);

/* A definition takes the place of a declaration.  VMC_ERR_LIMIT for more names than any kernel has.
 */
struct vmc_error *dwarf_index_add(struct dwarf_index *index, uint16_t tag, const char *name,
				  uint64_t offset, bool declared) VMC_MUST_CHECK;

/* NULL when there is none. */
const struct dwarf_entry *dwarf_index_find(const struct dwarf_index *index, uint16_t tag,
					   const char *name);

#endif
