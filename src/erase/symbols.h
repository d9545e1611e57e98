/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of the symbols that rules name. */
#ifndef VMCULL_ERASE_SYMBOLS_H
#define VMCULL_ERASE_SYMBOLS_H

#include "erase/rules.h"
#include "kernel/types.h"
#include "target/target.h"

struct erase_symbol {
	const char *module; /* not owned */
	char *name;
	unsigned int matches;
	vmc_vaddr address;
};

struct erase_symbols {
	struct erase_symbol *items;
	size_t count, capacity;
	char *problem; /* why the kernel's own table was not read, or NULL */
};

void erase_symbols_deinit(struct erase_symbols *symbols);

/* Looks for all that rules name, at once.  @types may be NULL: then modules are not looked into.
 * Also after an error @symbols has to be deinitialised. */
struct vmc_error *erase_symbols_find(struct erase_symbols *symbols,
				     const struct vmc_erase_rules *rules,
				     struct target_reader *reader,
				     const struct types *types) VMC_MUST_CHECK;

/* VMC_ERR_MISSING says what is wrong with it. */
struct vmc_error *erase_symbol_address(const struct erase_symbols *symbols, const char *module,
				       const char *name, vmc_vaddr *ret_address) VMC_MUST_CHECK;

/* Symbols of a module of the kernel that is loaded (modules.c).  VMC_ERR_MISSING when it is not. */
struct vmc_error *erase_module_find(struct target_reader *reader, const struct types *types,
				    vmc_vaddr modules, const char *module,
				    struct erase_symbols *symbols) VMC_MUST_CHECK;

#endif
