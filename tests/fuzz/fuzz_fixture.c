/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter and audit of real kernels of each architecture of which anything may be wrong.  The input:
 * which dump, what to do (struct use_audit and a 0, or struct use_filter and a 1), then edits.
 */
#include "fixtures.h"

#define HEAD 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct edit_base *base = size < HEAD ? NULL : fixture_base(data[0]);

	if (!base)
		return 0;
	edits_apply(base, data + HEAD, size - HEAD);
	if (data[1] % 2) {
		/* All of them would be compressed, and twice. */
		struct use_filter how = {data[2] | 30, data[3], data[4] & ~USE_THREADS,
					 data[5] & ~USE_ALL};

		use_filter(base->path, &how);
	} else {
		struct use_audit how = {.flags = data[2], .level = data[3], .page = data[4]};

		use_audit(base->path, &how, NULL);
	}
	edits_undo(base);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static const struct edit_base none;
	struct edit_base *base = fixture_base(size ? data[0] : 0);

	if (base)
		use_learn(base, AUDIT_TYPES);
	return edits_mutate(base ? base : &none, data, size, max, HEAD, seed);
}
