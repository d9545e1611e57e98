/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of kallsyms.  They are stored one after the other, compressed: a length, then so many
 * bytes, each of which stands for a token.  The first character of the result is the symbol's type.
 * Only a pass from the start finds a name.
 */
#ifndef VMCULL_KERNEL_KALLSYMS_NAMES_H
#define VMCULL_KERNEL_KALLSYMS_NAMES_H

#include "kernel/facts.h"
#include "kernel/memory.h"

#define KALLSYMS_LENGTH_MAX 512 /* KSYM_NAME_LEN since 6.1: type and name */
#define KALLSYMS_TOKENS     256

struct kallsyms_names {
	const struct kernel_memory *memory;
	uint32_t total, given; /* symbols in all, and so far */

	char *tokens;
	const char *token[KALLSYMS_TOKENS]; /* ends with a NUL inside tokens */
	uint16_t token_length[KALLSYMS_TOKENS];

	uint8_t *chunk; /* of the names */
	size_t used, filled;
	vmc_vaddr next, end; /* of what was not yet read */
};

/* As it is stored: few of the names are ones that somebody looks for, and their lengths tell most
 * of the others already. */
struct kallsyms_symbol {
	const uint8_t *bytes; /* valid until the next symbol */
	size_t size;
	size_t length; /* of type and name once expanded; 2 at least */
};

/* To be closed also after an error. */
struct vmc_error *kallsyms_names_open(struct kallsyms_names *names, const struct facts *facts,
				      const struct kernel_memory *memory) VMC_MUST_CHECK;
void kallsyms_names_close(struct kallsyms_names *names);

/* The next symbol; there are names->total of them, numbered from 0. */
struct vmc_error *kallsyms_names_next(struct kallsyms_names *names,
				      struct kallsyms_symbol *ret_symbol) VMC_MUST_CHECK;

/* Is this its name?  @name has to be one shorter than symbol->length. */
bool kallsyms_symbol_is(const struct kallsyms_names *names, const struct kallsyms_symbol *symbol,
			const char *name);

/* As nm(1) has it: 'T', 'd', … */
char kallsyms_symbol_type(const struct kallsyms_names *names, const struct kallsyms_symbol *symbol);

#endif
