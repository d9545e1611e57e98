/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said on stderr: one line each, "vmcull: …". */
#ifndef VMCULL_CLI_MESSAGE_H
#define VMCULL_CLI_MESSAGE_H

#include <stdbool.h>

#include <vmcull/error.h>
#include <vmcull/log.h>

#define MESSAGE_PRINTF(at, first) __attribute__((format(printf, at, first)))

/* The name under which the program speaks from now on, instead of "vmcull". */
void message_speak_as(const char *name);

/* Whether errors and warnings are kept quiet. */
void message_mute(bool mute);

void message_error(const char *format, ...) MESSAGE_PRINTF(1, 2);

/* Says what is wrong with the command line of @command (NULL: before any command), and where the
 * help is.  Returns STATUS_USAGE. */
int message_usage(const char *command, const char *format, ...) MESSAGE_PRINTF(2, 3);

/* Says @err and frees it.  @file is put before it unless the message begins with it already, or
 * with @other (NULL allowed), the second file that the call had to do with.  Returns
 * STATUS_FAILED. */
int message_failure(struct vmc_error *err, const char *file, const char *other);

/* The log callback of the library: warnings are shown always, the rest as told. */
#define MESSAGE_WARNINGS_MAX 100 /* remembered for a report in JSON */

struct message_log {
	enum vmc_log_level level; /* the least to be shown */
	struct json_t *warnings;  /* an array to which warnings are added, or NULL */
};

struct vmc_log message_log(struct message_log *log);

/* Shows what is logged from -v, -vv on. */
enum vmc_log_level message_level(unsigned int verbose);

#endif
