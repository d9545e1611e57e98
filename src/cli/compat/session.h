/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump that a command line names, opened. */
#ifndef VMCULL_CLI_COMPAT_SESSION_H
#define VMCULL_CLI_COMPAT_SESSION_H

#include "compat/arguments.h"
#include "opened.h"
#include "resources.h"

/* What makedumpfile ends with, besides 0 and 1: the kernel of -i or -x is another one. */
#define COMPAT_WRONG_RELEASE 2

/* Opens the dump alone. */
int session_open_dump(struct opened *opened, const struct compat_args *args,
		      const struct inputs *inputs);

/* Opens dump and kernel, or says what is wrong; tells of the kernel in messages for debugging.
 * Returns the exit status, 0 when all went well.  There is no target when the kernel is not known
 * and dump levels do without.  To be closed in any case. */
int session_open(struct opened *opened, const struct compat_args *args);

/* The files of the dump: the first operand, or the members of a set. */
struct inputs session_inputs(const struct compat_args *args);

/* Threads as --num-threads asks for them, of which 0 is the main one alone; without it as many as
 * there are CPUs and memory for: the bytes are the same. */
struct resources session_resources(const struct compat_args *args);

/* The first of them, for messages. */
const char *session_name(const struct compat_args *args);

#endif
