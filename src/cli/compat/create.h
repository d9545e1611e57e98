/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a dump: what makedumpfile does when nothing else is asked of it. */
#ifndef VMCULL_CLI_COMPAT_CREATE_H
#define VMCULL_CLI_COMPAT_CREATE_H

#include "compat/arguments.h"

/* Returns the exit status. */
int create_run(const struct compat_args *args);

#endif
