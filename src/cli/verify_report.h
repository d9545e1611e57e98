/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "vmcull verify" says of a dump. */
#ifndef VMCULL_CLI_VERIFY_REPORT_H
#define VMCULL_CLI_VERIFY_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include <vmcull/verify.h>

/* Findings as they come. */
struct verify_list {
	uint64_t limit; /* how many are told; 0: all */
	uint64_t told;
	json_t *json; /* an array that gets them; NULL: they are printed */
	bool failed;  /* out of memory */
};

/* For vmc_verify_options.found; @arg is a struct verify_list. */
void verify_list_add(void *arg, const struct vmc_verify_finding *finding);

struct verify_result {
	const char *path;
	const char *against;         /* or NULL */
	const struct vmc_dump *dump; /* NULL: it could not be opened */
	const char *error;           /* why, or why it was not checked to the end; or NULL */
	const struct vmc_verify_summary *summary;
	const struct verify_list *list;
};

/* To stdout, behind the findings. */
void verify_report_text(const struct verify_result *result);

/* An object, or NULL when memory is short.  Takes the array of the list. */
json_t *verify_report_json(const struct verify_result *result);

#endif
