/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --reassemble: the files of --split become one. */
#ifndef VMCULL_CLI_COMPAT_REASSEMBLE_H
#define VMCULL_CLI_COMPAT_REASSEMBLE_H

#include "compat/arguments.h"

/* Returns the exit status. */
int reassemble_run(const struct compat_args *args);

#endif
