/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --mem-usage: how many pages are of what kind. */
#ifndef VMCULL_CLI_COMPAT_MEM_USAGE_H
#define VMCULL_CLI_COMPAT_MEM_USAGE_H

#include "compat/arguments.h"

/* Returns the exit status. */
int mem_usage_run(const struct compat_args *args);

#endif
