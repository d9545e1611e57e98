/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter run as a whole, of a small kernel of which anything may be wrong, into every form of
 * output.  The input: which kernel, how to filter (struct use_filter), then edits.
 */
#include "small_kernel.h"
#include "use_dump.h"

#define HEAD 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD)
		return 0;

	struct edit_base *base = small_kernel_base(data[0] % SMALL_KERNELS);
	struct use_filter how = {data[1], data[2], data[3], data[4]};

	edits_apply(base, data + HEAD, size - HEAD);
	use_filter(base->path, &how);
	edits_undo(base);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct edit_base *base = small_kernel_base(size ? data[0] % SMALL_KERNELS : 0);

	use_learn(base, AUDIT_TYPES);
	return edits_mutate(base, data, size, max, HEAD, seed);
}
