/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two halves of the sandbox.  Each returns 0, or the number of the error. */
#ifndef VMCULL_CLI_SANDBOX_PARTS_H
#define VMCULL_CLI_SANDBOX_PARTS_H

#include "sandbox.h"

static inline bool sandbox_writes(const struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->output_count; i++)
		if (sandbox->outputs[i])
			return true;
	return false;
}

/* Files, and TCP where the kernel knows of that.  ENOSYS: not in this kernel, or switched off. */
int sandbox_landlock(const struct sandbox *sandbox, int *ret_abi);

/* System calls.  ENOSYS: not in this kernel, or not for this architecture. */
int sandbox_seccomp(const struct sandbox *sandbox);

#endif
