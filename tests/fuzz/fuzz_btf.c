/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF, as it lies in the memory of a kernel. */
#include "fuzz_types.h"
#include "kernel/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct types *types;

	if (fuzz_failed(btf_types_create(data, size, &types)))
		return 0;
	fuzz_types(types);
	types_destroy(types);
	return 0;
}
