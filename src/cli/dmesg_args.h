/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull dmesg". */
#ifndef VMCULL_CLI_DMESG_ARGS_H
#define VMCULL_CLI_DMESG_ARGS_H

#include "dmesg_text.h"

enum dmesg_color { DMESG_COLOR_AUTO, DMESG_COLOR_ALWAYS, DMESG_COLOR_NEVER };

struct dmesg_args {
	uint32_t levels, facilities; /* a bit each; 0: all */
	struct dmesg_style style;
	enum dmesg_color color;
	bool since_clear, json, force;
	unsigned int verbose;
	const char *vmcoreinfo;     /* or NULL */
	const char *input, *output; /* output: NULL for stdout */
	bool help;                  /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int dmesg_args_parse(int argc, char **argv, struct dmesg_args *ret_args);

#endif
