/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VMCOREINFO text becomes facts; what follows from them is found, and all is checked. */
#include "fuzz_input.h"
#include "kernel/facts.h"

/* Facts of a source as text give the same facts again. */
static void text_round(const struct facts *facts, enum vmc_fact_source source)
{
	struct facts again;
	char *text;

	if (facts_to_text(facts, source, &text) || !text)
		return;
	facts_init(&again);
	fuzz_require(!facts_from_text(&again, text, strlen(text), source));
	for (unsigned int id = 0; id < FACT_COUNT; id++) {
		if (facts->table[id].source == source)
			fuzz_require(again.table[id].value == facts->table[id].value);
	}
	free(text);
}

static void look_at(struct facts *facts)
{
	struct vmc_fact fact;
	bool sound;

	facts_infer(facts);
	sound = !fuzz_failed(facts_check(facts));
	facts_page_flag_bits(facts);
	facts_word_size(facts);
	for (unsigned int id = 0; id < FACT_COUNT; id++) {
		fact_describe(facts, (enum fact_id)id, &fact);
		fuzz_require(fact.name && vmc_fact_source_name(fact.source));
		fact_flag_mask(facts, (enum fact_id)id);
	}
	if (sound)
		text_round(facts, VMC_FACT_VMCOREINFO);
	facts_shift(facts, VMC_FACT_VMCOREINFO, 0x123456789abcdef0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmcoreinfo info;
	struct facts facts;

	facts_init(&facts);
	fuzz_failed(facts_from_text(&facts, (const char *)data, size, VMC_FACT_BTF));
	facts_init(&facts);
	if (fuzz_failed(vmcoreinfo_parse((const char *)data, size, &info)))
		return 0;
	if (!fuzz_failed(facts_from_vmcoreinfo(&facts, &info, VMC_FACT_VMCOREINFO)))
		look_at(&facts);
	vmcoreinfo_deinit(&info);
	return 0;
}
