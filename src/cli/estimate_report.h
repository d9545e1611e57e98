/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull estimate" says, to stdout.  Reports return false when memory was short. */
#ifndef VMCULL_CLI_ESTIMATE_REPORT_H
#define VMCULL_CLI_ESTIMATE_REPORT_H

#include "estimate_args.h"

struct estimate_result {
	const struct estimate_args *args;
	const struct vmc_dump *dump;
	const struct vmc_target *target;
	const struct vmc_estimate *estimate;
	uint64_t available; /* bytes, in the folder where the dump shall go */
	double seconds;
	struct json_t *warnings; /* an array, for JSON */
};

bool estimate_report_text(const struct estimate_result *result);
bool estimate_report_json(const struct estimate_result *result);

/* Does it fit into what is available? */
enum estimate_fit {
	ESTIMATE_FITS,
	ESTIMATE_MAY_FIT, /* within the error */
	ESTIMATE_DOES_NOT_FIT,
};

enum estimate_fit estimate_fit(const struct vmc_estimate_figure *figure, uint64_t available);

#endif
