/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from BTF, the type information in the dumped kernel's memory. */
#include <inttypes.h>

#include "kernel/btf.h"
#include "kernel/facts.h"
#include "kernel/memory.h"

static struct vmc_error *btf_locate(const struct facts *facts, vmc_vaddr *ret_start,
				    size_t *ret_size)
{
	uint64_t start = fact_or(facts, FACT_SYMBOL_start_BTF, 0);
	uint64_t stop = fact_or(facts, FACT_SYMBOL_stop_BTF, 0);

	if (!fact_known(facts, FACT_SYMBOL_start_BTF) || !fact_known(facts, FACT_SYMBOL_stop_BTF))
		return error_create(
			VMC_ERR_MISSING,
			"the kernel has no type information: no __start_BTF among its symbols");
	if (stop <= start || stop - start > BTF_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "__start_BTF 0x%" PRIx64 " and __stop_BTF 0x%" PRIx64
				    " contradict each other",
				    start, stop);
	*ret_start = start;
	*ret_size = (size_t)(stop - start);
	return NULL;
}

struct vmc_error *btf_read(const struct facts *facts, const struct kernel_memory *memory,
			   struct types **ret_types)
{
	vmc_vaddr start = 0;
	size_t size = 0;

	TRY(btf_locate(facts, &start, &size));
	TRY(btf_check_supported());

	_cleanup_free_ uint8_t *data = malloc(size);

	if (!data)
		return error_nomem();
	TRY(kernel_read(memory, start, data, size));
	return btf_types_create(data, size, ret_types);
}

struct vmc_error *facts_from_kernel_btf(struct facts *facts, const struct kernel_memory *memory)
{
	_cleanup_(types_destroy) struct types *types = NULL;
	struct facts filled = *facts;

	TRY(btf_read(facts, memory, &types));
	facts_from_types(&filled, types, VMC_FACT_BTF);
	TRY(facts_check(&filled));
	*facts = filled;
	return NULL;
}
