/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from a vmlinux: addresses from its symbols, the rest from its debug information. */
#include <string.h>

#include "base/checked.h"
#include "kernel/facts.h"
#include "kernel/vmlinux.h"

/* Values in VMCOREINFO, not addresses of symbols. */
static bool symbol_is_value(enum fact_id id)
{
	return id == FACT_SYMBOL_vmemmap;
}

/* Only names that the table of facts spells SYMBOL(name) are asked for. */
struct wanted {
	struct kallsyms_query queries[FACT_COUNT];
	enum fact_id ids[FACT_COUNT];
	char names[FACT_COUNT][FACT_INSIDE_MAX];
	size_t count;
};

static void wanted_collect(const struct facts *facts, struct wanted *wanted)
{
	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		char *name = wanted->names[wanted->count];

		if (symbol_is_value(id) || !fact_name_inside(fact_name(id), "SYMBOL", name) ||
		    (fact_known(facts, id) && facts->table[id].source < VMC_FACT_DWARF))
			continue;
		wanted->queries[wanted->count].name = name;
		wanted->ids[wanted->count++] = id;
	}
}

/* In kernels with several nodes node_online_map is a macro for one of several maps. */
static struct vmc_error *set_node_online_map(struct facts *facts, struct vmlinux *vmlinux,
					     const struct types *types)
{
	struct kallsyms_query states = {.name = "node_states"};
	uint64_t size, offset;
	int64_t online;

	if (fact_known(facts, FACT_SYMBOL_node_online_map) ||
	    !types_enumerator(types, "node_states", "N_ONLINE", &online) || online < 0 ||
	    !types_size(types, "nodemask_t", &size) ||
	    !checked_mul((uint64_t)online, size, &offset))
		return NULL;
	TRY(vmlinux_find(vmlinux, &states, 1));
	if (states.matches == 1)
		fact_set(facts, FACT_SYMBOL_node_online_map, states.address + offset,
			 VMC_FACT_DWARF, NULL);
	return NULL;
}

struct vmc_error *facts_from_vmlinux(struct facts *facts, struct vmlinux *vmlinux,
				     const struct types *types)
{
	_cleanup_free_ struct wanted *wanted = calloc(1, sizeof(*wanted));

	if (!wanted)
		return error_nomem();
	wanted_collect(facts, wanted);
	TRY(vmlinux_find(vmlinux, wanted->queries, wanted->count));
	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->queries[i].matches == 1)
			fact_set(facts, wanted->ids[i], wanted->queries[i].address, VMC_FACT_DWARF,
				 NULL);
	}
	TRY(set_node_online_map(facts, vmlinux, types));
	facts_from_types(facts, types, VMC_FACT_DWARF);
	return vmlinux_check(vmlinux);
}
