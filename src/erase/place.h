/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions of rules: a place in the kernel's memory and what lies there. */
#ifndef VMCULL_ERASE_PLACE_H
#define VMCULL_ERASE_PLACE_H

#include "erase/symbols.h"

struct place {
	vmc_vaddr address;
	struct type type; /* TYPE_OTHER where it is not known */
	bool typed;
	const char *untyped; /* why not */
	vmc_vaddr inside; /* the address of the structure that this is a member of, or 0 */
};

/* What expressions are looked up in. */
struct places {
	struct target_reader *reader;
	const struct types *types; /* or NULL */
	const char *no_types;      /* why there are none, or none of variables */
	struct erase_symbols symbols;
	bool met_null; /* a pointer was NULL: nothing to be erased, and no mistake */
};

/* @id: the variable of a loop, which stands for @element; or NULL. */
struct vmc_error *place_find(struct places *places, const char *module, const char *expression,
			     const char *id, const struct place *element,
			     struct place *ret_place) VMC_MUST_CHECK;

/* The members of @expression, "a.b.c", from a place on.  Pointers are followed on the way. */
struct vmc_error *place_members(struct places *places, const char *expression,
				struct place *place) VMC_MUST_CHECK;

/* From a pointer to what it points to. */
struct vmc_error *place_follow(struct places *places, struct place *place) VMC_MUST_CHECK;

/* The value of an integer. */
struct vmc_error *place_number(struct places *places, const struct place *place,
			       uint64_t *ret_value) VMC_MUST_CHECK;

#endif
