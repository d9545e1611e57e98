/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of BTF by name.  libbpf looks through all of them, 100,000 in a kernel, for each name that
 * it is asked for; this looks through them once.
 */
#ifndef VMCULL_KERNEL_BTF_INDEX_H
#define VMCULL_KERNEL_BTF_INDEX_H

#include "base/error.h"

struct btf;

struct btf_index {
	uint32_t *slots; /* ids of types by the hash of their name; 0: empty */
	uint32_t mask;   /* of a hash: one less than the number of slots */
};

/* Of structures, unions, typedefs and enums. */
struct vmc_error *btf_index_init(struct btf_index *index, const struct btf *btf) VMC_MUST_CHECK;
void btf_index_deinit(struct btf_index *index);

/* The first type of that name and BTF_KIND_…, or 0. */
uint32_t btf_index_find(const struct btf_index *index, const struct btf *btf, const char *name,
			unsigned int kind);

#endif
