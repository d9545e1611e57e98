/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --config: what is erased from a dump. */
#ifndef VMCULL_CLI_COMPAT_ERASURE_H
#define VMCULL_CLI_COMPAT_ERASURE_H

#include <vmcull/erase.h>

#include "compat/arguments.h"

/* NULL where there is no --config. */
struct erasure {
	struct vmc_erase_rules *rules;
	struct vmc_erase *erase;
};

/* Reads the rules, before the dump is looked at.  Says what is wrong; returns an enum status. */
int erasure_read(struct erasure *erasure, const struct compat_args *args);

/* Finds what they name in the dump. */
int erasure_resolve(struct erasure *erasure, const struct compat_args *args,
		    struct vmc_target *target);

/* What was erased, for the report. */
void erasure_tell(const struct erasure *erasure);

void erasure_deinit(struct erasure *erasure);

#endif
