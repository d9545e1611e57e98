/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump that a command line names, opened. */
#ifndef VMCULL_CLI_COMPAT_SESSION_H
#define VMCULL_CLI_COMPAT_SESSION_H

#include "compat/arguments.h"
#include "opened.h"

/* What makedumpfile ends with, besides 0 and 1: the kernel of -i or -x is another one. */
#define COMPAT_WRONG_RELEASE 2

/* Opens dump and kernel, or says what is wrong; tells of the kernel in messages for debugging.
 * Returns the exit status, 0 when all went well.  To be closed in any case. */
int session_open(struct opened *opened, const struct compat_args *args);

/* The dump, for messages. */
const char *session_name(const struct compat_args *args);

#endif
