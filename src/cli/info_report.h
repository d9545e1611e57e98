/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull info" says. */
#ifndef VMCULL_CLI_INFO_REPORT_H
#define VMCULL_CLI_INFO_REPORT_H

#include <stdbool.h>

#include <vmcull/target.h>

struct info {
	const struct vmc_dump *dump;
	const struct vmc_target *target; /* NULL when the kernel is not understood: */
	const char *error;               /* why */
	bool facts, runs;                /* list them */
	bool vmcoreinfo;                 /* its text, too (JSON) */
};

/* To stdout.  Return false when memory was short. */
bool info_report_text(const struct info *info);
bool info_report_json(const struct info *info);

#endif
