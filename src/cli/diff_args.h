/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull diff". */
#ifndef VMCULL_CLI_DIFF_ARGS_H
#define VMCULL_CLI_DIFF_ARGS_H

#include <stdbool.h>

struct diff_args {
	bool json, ranges, all, content, check, no_btf, no_mmap;
	unsigned int verbose;
	const char *inputs[2];
	bool help; /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int diff_args_parse(int argc, char **argv, struct diff_args *ret_args);

#endif
