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

/* Closes what was opened; nothing where that is nothing. */
void opened_close(struct opened *opened);

#endif
