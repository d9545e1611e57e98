/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makedumpfile says, and where.  The message level is a sum of kinds.  Progress and errors go
 * to stderr, all other to stdout, which -F makes stderr: there stdout is the dump.
 */
#ifndef VMCULL_CLI_COMPAT_SAY_H
#define VMCULL_CLI_COMPAT_SAY_H

#include <stdbool.h>
#include <stdio.h>

#include <vmcull/log.h>

#include "message.h"

enum compat_kind {
	COMPAT_PROGRESS = 1,
	COMPAT_COMMON = 2,
	COMPAT_ERROR = 4,
	COMPAT_DEBUG = 8,
	COMPAT_REPORT = 16,
};

#define COMPAT_KINDS_DEFAULT (COMPAT_PROGRESS | COMPAT_COMMON | COMPAT_ERROR)
#define COMPAT_KINDS_ALL     31

/* @kinds: the message level.  Errors are those of message.h. */
void say_init(unsigned int kinds, bool to_stderr);

bool say_wanted(enum compat_kind kind);

/* The stream for a kind that is wanted. */
FILE *say_stream(void);

/* Text as it is: with its newlines, and nothing before it. */
void say(enum compat_kind kind, const char *format, ...) MESSAGE_PRINTF(2, 3);

/* The log callback of the library. */
struct vmc_log say_log(void);

#endif
