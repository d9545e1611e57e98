/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/percpu.h"

#include <string.h>

struct vmc_error *percpu_init(struct percpu *percpu, struct target_reader *reader)
{
	const struct vmc_target *target = target_reader_target(reader);
	const struct facts *facts = &target->facts;
	vmc_vaddr array = fact_or(facts, FACT_SYMBOL_per_cpu_offset, 0);
	_cleanup_free_ uint64_t *offsets = NULL;
	uint32_t count = 0;

	memset(percpu, 0, sizeof(*percpu));
	if (!array || !fact_known(facts, FACT_SYMBOL_nr_cpu_ids))
		return NULL;
	TRY(error_context(target_read_u32(reader, fact_or(facts, FACT_SYMBOL_nr_cpu_ids, 0),
					  &count),
			  "nr_cpu_ids"));
	if (!count || count > PERCPU_CPUS_MAX)
		return error_create(VMC_ERR_CORRUPT, "nr_cpu_ids of %u", count);
	offsets = calloc(count, sizeof(*offsets));
	if (!offsets)
		return error_nomem();
	for (uint32_t i = 0; i < count; i++)
		TRY(error_context(target_read_word(reader, array + i * target->layout.word_size,
						   &offsets[i]),
				  "__per_cpu_offset"));
	percpu->offsets = take_ptr(offsets);
	percpu->mask = layout_word_max(target->layout);
	percpu->count = count;
	return NULL;
}

void percpu_deinit(struct percpu *percpu)
{
	free(percpu->offsets);
	percpu->offsets = NULL;
	percpu->count = 0;
}
