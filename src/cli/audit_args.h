/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull audit". */
#ifndef VMCULL_CLI_AUDIT_ARGS_H
#define VMCULL_CLI_AUDIT_ARGS_H

#include <stdbool.h>

#include "opened.h"
#include "pictures.h"

enum audit_format {
	AUDIT_TEXT,
	AUDIT_JSON,
	AUDIT_RANGES, /* a JSON object a line */
	AUDIT_CSV,    /* counts, or ranges */
};

struct audit_args {
	enum audit_format format;
	bool ranges; /* asked for, also as CSV */
	bool fast, zero, attributes, no_btf, no_mmap, no_sandbox;
	bool check; /* the exit status tells of findings of at least this severity */
	enum vmc_severity severity;
	const char *vmcoreinfo, *vmlinux, *trace; /* or NULL */
	struct pictures pictures;
	bool map_on_stdout;
	unsigned int verbose;
	struct inputs inputs;
	const char *input; /* the first of them */
	bool help;         /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int audit_args_parse(int argc, char **argv, struct audit_args *ret_args);

#endif
