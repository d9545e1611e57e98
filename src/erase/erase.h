/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is erased of one dump, for who applies it. */
#ifndef VMCULL_ERASE_ERASE_H
#define VMCULL_ERASE_ERASE_H

#include <vmcull/erase.h>

#include "base/byte_ranges.h"

#define ERASE_FILL 'X' /* makedumpfile's */

struct erased {
	uint64_t objects, bytes;
	char *problem; /* or NULL */
	char *text;
};

struct vmc_erase {
	const struct vmc_erase_rules *rules;
	struct erased *erased;     /* one a rule */
	struct byte_ranges filled; /* physical, sorted: overwritten with ERASE_FILL */
	struct byte_ranges nulls;  /* likewise, with zeros: these win */
	char *info; /* "erase NAME size 16\n" …, as eraseinfo of a dump has it; or NULL */
	size_t info_size;
};

DEFINE_CLEANUP(struct vmc_erase *, vmc_erase_destroy);

/* Is there anything to be erased in [address, address + size) of physical memory? */
bool erase_touches(const struct vmc_erase *erase, vmc_paddr address, size_t size);

/* Overwrites in a copy of that memory what is to be erased. */
void erase_apply(const struct vmc_erase *erase, vmc_paddr address, uint8_t *bytes, size_t size);

#endif
