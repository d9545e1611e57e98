/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbol table in the dumped kernel's memory (CONFIG_KALLSYMS).  VMCOREINFO tells where it is
 * since 6.0.  Variables are in it with CONFIG_KALLSYMS_ALL only, which distributions set.
 */
#ifndef VMCULL_KERNEL_KALLSYMS_H
#define VMCULL_KERNEL_KALLSYMS_H

#include "kernel/facts.h"
#include "kernel/memory.h"

struct kallsyms_query {
	const char *name;     /* looked for */
	unsigned int matches; /* symbols of that name; 0: there is none */
	char type;            /* of the first, as nm(1) has it: 'T', 'd', … */
	vmc_vaddr address;    /* of the first */
};

/* Looks for all of @queries in one pass over the table, which is not kept.  A name that is not
 * there is no error.  VMC_ERR_MISSING when VMCOREINFO does not tell where the table is,
 * VMC_ERR_CORRUPT when it contradicts itself or has SYMBOL(_stext) elsewhere. */
struct vmc_error *kallsyms_find(const struct facts *facts, const struct kernel_memory *memory,
				struct kallsyms_query *queries, size_t count) VMC_MUST_CHECK;

#endif
