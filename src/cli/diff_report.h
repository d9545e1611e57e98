/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull diff" says, to stdout.  Reports return false when memory was short. */
#ifndef VMCULL_CLI_DIFF_REPORT_H
#define VMCULL_CLI_DIFF_REPORT_H

#include <stdbool.h>

#include <vmcull/diff.h>

#include "opened.h"

struct diff_result {
	const char *const *inputs;
	const struct opened *opened; /* both */
	const struct vmc_diff_counts *counts;
	bool content; /* was compared */
	bool verbose;
	double seconds;
	struct json_t *warnings; /* an array, for JSON */
};

bool diff_report_text(const struct diff_result *result);
bool diff_report_json(const struct diff_result *result);

/* A range as a JSON object; @content: whether content was compared. */
void diff_range_json(const struct vmc_diff_range *range, bool content);

#endif
