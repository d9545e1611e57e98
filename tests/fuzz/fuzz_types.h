/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of types, wherever they come from. */
#ifndef VMCULL_TESTS_FUZZ_TYPES_H
#define VMCULL_TESTS_FUZZ_TYPES_H

#include "fuzz_input.h"
#include "kernel/facts.h"
#include "kernel/types.h"

struct fuzz_walk {
	const struct types *types;
	unsigned int left; /* so many more members are looked at */
};

static inline bool fuzz_member(void *arg, const struct type_member *member)
{
	struct fuzz_walk *walk = arg;
	struct type type;

	fuzz_require(member->name);
	(void)strlen(member->name);
	if (types_describe(walk->types, member->type, &type) && type.kind == TYPE_ARRAY)
		types_describe(walk->types, type.inner, &type);
	return --walk->left == 0;
}

static inline void fuzz_types(const struct types *types)
{
	static const char *const names[] = {"page", "list_head", "zone", "module", "a", ""};
	struct fuzz_walk walk = {types, 1000};
	struct type_field field;
	struct facts facts;
	struct type type;
	int64_t value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (types_find(types, names[i], &type) && type.kind == TYPE_COMPOSITE)
			types->ops->members(types, type.id, fuzz_member, &walk);
		if (types_variable(types, names[i], &type))
			types_describe(types, type.inner, &type);
	}
	for (type_id id = 0; id < 64; id++) {
		if (types_describe(types, id, &type) && type.kind == TYPE_COMPOSITE)
			types_member(types, id, "next", &field);
	}
	types_has_enum(types, "pageflags");
	types_enumerator(types, "pageflags", "PG_lru", &value);
	types_field(types, "page.lru.next", &field);
	facts_init(&facts);
	facts_from_types(&facts, types, VMC_FACT_BTF);
	fuzz_failed(facts_check(&facts));
}

#endif
