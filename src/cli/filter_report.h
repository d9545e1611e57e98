/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull filter" says at its end. */
#ifndef VMCULL_CLI_FILTER_REPORT_H
#define VMCULL_CLI_FILTER_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include <vmcull/erase.h>
#include <vmcull/strip.h>
#include <vmcull/write.h>

struct filter_result {
	FILE *stream; /* where it goes */
	const char *input;
	enum vmc_output_format format;
	bool flattened, dry_run;
	size_t parts; /* files that the output was split into; 0: it was not */
	struct vmc_codec_spec codec;
	struct vmc_filter_policy policy;
	const struct vmc_plan_counts *counts;
	const struct vmc_strip_summary *stripped; /* of --map-only, else NULL */
	const struct vmc_erase *erase;            /* of --config, else NULL */
	const struct vmc_write_summary *written;
	uint32_t page_size;
	double seconds;
	double seconds_planning; /* of them, before the first page was saved */
	bool verbose;            /* tell the rules and the threads too */
	const char *error;       /* why it is incomplete, or NULL */
	json_t *warnings;        /* an array, or NULL */
};

/* Return false when memory was short. */
bool filter_report_text(const struct filter_result *result);
bool filter_report_json(const struct filter_result *result);

#endif
