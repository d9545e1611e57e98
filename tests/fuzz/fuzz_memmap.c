/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit of a small kernel of which anything may be wrong: sections, struct pages, compound
 * pages, free lists, lists of CPUs, zones, unaccepted memory.  The input: which kernel, what to do
 * (struct use_audit), then edits.
 */
#include "small_kernel.h"
#include "use_dump.h"

#define HEAD 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD)
		return 0;

	struct edit_base *base = small_kernel_base(data[0] % SMALL_KERNELS);
	struct use_audit how = {.flags = data[1], .level = data[2], .page = data[3]};

	edits_apply(base, data + HEAD, size - HEAD);
	use_audit(base->path, &how, NULL);
	edits_undo(base);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct edit_base *base = small_kernel_base(size ? data[0] % SMALL_KERNELS : 0);

	use_learn(base, UINT8_MAX & ~AUDIT_FAST);
	return edits_mutate(base, data, size, max, HEAD, seed);
}
