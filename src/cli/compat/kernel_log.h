/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --dump-dmesg: the log of the kernel as a file. */
#ifndef VMCULL_CLI_COMPAT_KERNEL_LOG_H
#define VMCULL_CLI_COMPAT_KERNEL_LOG_H

#include <stdio.h>

#include <vmcull/target.h>

#include "compat/arguments.h"

/* Returns the exit status. */
int kernel_log_run(const struct compat_args *args);

/* Writes the log as text; says what is wrong with the dump of this name.  @partial: only what came
 * since the log was cleared.  Returns an enum status. */
int kernel_log_write(struct vmc_target *target, const char *name, bool partial, FILE *stream);

#endif
