/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull audit" says, to stdout.  All return false when memory was short. */
#ifndef VMCULL_CLI_AUDIT_REPORT_H
#define VMCULL_CLI_AUDIT_REPORT_H

#include <stdbool.h>

#include <vmcull/audit.h>

struct audit_result {
	const char *input;
	const struct vmc_dump *dump;
	const struct vmc_target *target;
	const struct vmc_audit *audit;
	bool fast, zero, verbose;
	double seconds;
	struct json_t *warnings; /* an array, for JSON */
};

bool audit_report_text(const struct audit_result *result);
bool audit_report_json(const struct audit_result *result);

/* Counts by node, zone, state and order. */
bool audit_report_csv(const struct audit_result *result);

/* A range as a JSON object or a CSV row. */
void audit_range_json(const struct vmc_audit *audit, const struct vmc_audit_range *range,
		      bool attributes);
void audit_range_csv_head(void);
void audit_range_csv(const struct vmc_audit *audit, const struct vmc_audit_range *range);

#endif
