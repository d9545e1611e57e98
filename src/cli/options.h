/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of a command, as a table that both the parser and the help are made from.  The parser is
 * getopt_long(), the messages are ours: one line, and where to find the help.
 */
#ifndef VMCULL_CLI_OPTIONS_H
#define VMCULL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct option_spec {
	int id;            /* the letter, or a number from OPTION_LONG on where there is none */
	const char *name;  /* of the long form, or NULL */
	const char *value; /* what the help calls its value; in brackets when it may be left out
			      (long forms only); NULL when it takes none */
	const char *help;  /* NULL: on the line of the next option, whose text speaks for both */
};

#define OPTION_LONG 256
#define OPTION_END  (-1) /* no more options; the operands begin at argv[optind] */
#define OPTION_BAD  (-2) /* said what is wrong; return STATUS_USAGE */
#define OPTION_HELP 'h'  /* in every table */

#define OPTION_SPEC_HELP OPTION_HELP, "help", NULL, "show this help and exit"

/* The next option of the command that argv[0] names; @specs ends with an entry whose id is 0.
 * *ret_value is its value or NULL. */
int options_next(int argc, char **argv, const struct option_spec *specs, const char **ret_value);

/* Starts over, for a new command line. */
void options_reset(void);

/* Prints the lines of the options. */
void options_help(FILE *stream, const struct option_spec *specs);

/* Parses a whole number between @min and @max, decimal, with nothing around it. */
bool parse_number(const char *text, int min, int max, int *ret_number);

/* Parses a size in bytes of 1 and more: a number, which may be hexadecimal as in C, and one of the
 * letters KMGTPE, in units of 1024. */
bool parse_size(const char *text, uint64_t *ret_size);

/* Checks that as many operands are left as @names has; says so when not.  @names ends with NULL.
 * One of them may end with "...": there can be more of it. */
bool operands_check(int argc, char **argv, const char *const *names);

#endif
