/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump that a command works on, with its kernel. */
#ifndef VMCULL_CLI_OPENED_H
#define VMCULL_CLI_OPENED_H

#include <vmcull/target.h>

struct opened {
	struct vmc_dump *dump;
	struct vmc_target *target;
};

/* Opens both, or says what is wrong.  Returns an enum status.  To be closed in any case. */
int opened_open(struct opened *opened, const char *path,
		const struct vmc_dump_options *dump_options,
		const struct vmc_target_options *target_options);

/* The files of one dump. */
struct inputs {
	const char *const *paths;
	size_t count;
};

/* Those of argv[@start] to argv[@end - 1]. */
static inline struct inputs inputs_take(char **argv, int start, int end)
{
	return (struct inputs){.paths = (const char *const *)argv + start,
			       .count = (size_t)(end - start)};
}

/* The same of several files that are one dump. */
int opened_open_set(struct opened *opened, const struct inputs *inputs,
		    const struct vmc_dump_options *dump_options,
		    const struct vmc_target_options *target_options);

/* Says @err and frees it, as message_failure(); it is about one of the inputs, or about @other. */
int inputs_failure(const struct inputs *inputs, struct vmc_error *err, const char *other);

/* Closes what was opened; nothing where that is nothing. */
void opened_close(struct opened *opened);

#endif
