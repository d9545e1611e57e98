/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --dump-dmesg: the log of the kernel as a file. */
#ifndef VMCULL_CLI_COMPAT_KERNEL_LOG_H
#define VMCULL_CLI_COMPAT_KERNEL_LOG_H

#include "compat/arguments.h"

/* Returns the exit status. */
int kernel_log_run(const struct compat_args *args);

#endif
