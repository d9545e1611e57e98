/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull convert" says at its end. */
#ifndef VMCULL_CLI_CONVERT_REPORT_H
#define VMCULL_CLI_CONVERT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include <vmcull/write.h>

#include "opened.h"

struct convert_result {
	const struct vmc_dump *dump;
	struct inputs inputs;
	enum vmc_output_format format;
	bool flattened;
	size_t parts; /* 0: it was not split */
	const char *output;
	struct vmc_codec_spec codec;
	enum vmc_write_stored stored;
	const struct vmc_plan_counts *counts;
	const struct vmc_write_summary *written;
	double seconds;
	bool verbose;     /* tell the threads too */
	json_t *warnings; /* an array, or NULL */
};

/* To stdout.  Return false when memory was short. */
bool convert_report_text(const struct convert_result *result);
bool convert_report_json(const struct convert_result *result);

#endif
