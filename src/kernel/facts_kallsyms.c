/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from the symbol table of the dumped kernel: addresses of variables. */
#include "kernel/facts.h"
#include "kernel/kallsyms.h"

/* SYMBOL(mem_section) and SYMBOL(vmemmap) are values in VMCOREINFO, not addresses of symbols: they
 * are none of these. */
static const struct {
	enum fact_id id;
	const char *name;
} symbols[] = {
	{FACT_SYMBOL_start_BTF, "__start_BTF"},
	{FACT_SYMBOL_stop_BTF, "__stop_BTF"},
	{FACT_SYMBOL_per_cpu_offset, "__per_cpu_offset"},
	{FACT_SYMBOL_nr_cpu_ids, "nr_cpu_ids"},
	{FACT_SYMBOL_efi, "efi"},
	{FACT_SYMBOL_saved_command_line, "saved_command_line"},
	{FACT_SYMBOL_node_data, "node_data"}, /* exported by few architectures */
};

#define SYMBOL_COUNT (sizeof(symbols) / sizeof(symbols[0]))

struct vmc_error *facts_from_kallsyms(struct facts *facts, const struct kernel_memory *memory)
{
	struct kallsyms_query queries[SYMBOL_COUNT] = {0};

	for (size_t i = 0; i < SYMBOL_COUNT; i++)
		queries[i].name = symbols[i].name;
	TRY(kallsyms_find(facts, memory, queries, SYMBOL_COUNT));
	for (size_t i = 0; i < SYMBOL_COUNT; i++) {
		if (queries[i].matches == 1) /* of two nobody tells which is meant */
			fact_set(facts, symbols[i].id, queries[i].address, VMC_FACT_KALLSYMS, NULL);
	}
	return NULL;
}
