/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subcommands.
 *
 * How to add one: a file cmd_NAME.c with "cmd_NAME()", and the table "NAME_options" of its options;
 * both are declared below; a line in the table of main.c, a page man/vmcull-NAME.8 and a script in
 * tests/cli/.  Help and completions of shells are made from the tables; where what the help calls a
 * value is no "FILE", a row in completion.c tells what can be one.
 */
#ifndef VMCULL_CLI_COMMAND_H
#define VMCULL_CLI_COMMAND_H

#include "options.h"

/* What the program ends with; vmcull(8) promises these numbers. */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,    /* the command line is wrong: nothing was done */
	STATUS_PARTIAL = 3,  /* done, but something was unreadable or the output is incomplete */
	STATUS_FINDINGS = 4, /* a check ran to its end and found something */
};

struct command {
	const char *name;
	const char *summary;               /* for the list of commands */
	int (*run)(int argc, char **argv); /* argv[0] is the name; returns an enum status; NULL
					      where the build is without the command */
	const struct option_spec *options; /* or NULL */
};

/* All, those that this build is without too; ends with an entry without a name. */
extern const struct command commands[];

int cmd_audit(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_dmesg(int argc, char **argv);
int cmd_estimate(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_filter(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_verify(int argc, char **argv);

extern const struct option_spec audit_options[];
extern const struct option_spec convert_options[];
extern const struct option_spec diff_options[];
extern const struct option_spec estimate_options[];
extern const struct option_spec explain_options[];
extern const struct option_spec dmesg_options[];
extern const struct option_spec filter_options[];
extern const struct option_spec info_options[];
extern const struct option_spec verify_options[];

#endif
