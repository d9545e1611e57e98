/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull explain" says of one page. */
#ifndef VMCULL_CLI_EXPLAIN_REPORT_H
#define VMCULL_CLI_EXPLAIN_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include <vmcull/explain.h>

struct explained {
	const char *argument; /* as typed */
	const struct vmc_location *location;
	const struct vmc_explanation *page;
	const char *problem; /* vmc_explainer_problem() */
	bool map_only;       /* the dump has pages in part */
};

/* To stdout.  Returns false when memory was short. */
bool explain_report_text(const struct explained *explained);

/* NULL when memory was short.  With @error, which says why there is no page, the rest is NULL. */
json_t *explain_report_json(const struct explained *explained, const char *error);

/* "0-7, 16-23" for the bits set; "none". */
#define EXPLAIN_LEVELS_SIZE 128
const char *explain_levels_text(char text[static EXPLAIN_LEVELS_SIZE], uint32_t levels);

#endif
