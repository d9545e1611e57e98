/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -g: VMCOREINFO made from the debug information of a vmlinux. */
#ifndef VMCULL_CLI_COMPAT_GENERATE_H
#define VMCULL_CLI_COMPAT_GENERATE_H

#include "compat/arguments.h"

/* Returns the exit status. */
int generate_run(const struct compat_args *args);

#endif
