/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -R: a flattened stream on standard input, put in order. */
#ifndef VMCULL_CLI_COMPAT_REARRANGE_H
#define VMCULL_CLI_COMPAT_REARRANGE_H

#include "compat/arguments.h"

/* Returns the exit status. */
int rearrange_run(const struct compat_args *args);

#endif
