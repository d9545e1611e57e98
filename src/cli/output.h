/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the output one that can and may be written?  Asked before the work, not after it. */
#ifndef VMCULL_CLI_OUTPUT_H
#define VMCULL_CLI_OUTPUT_H

#include <stdbool.h>

#include <vmcull/error.h>

/* Says what is wrong with writing @output while @input is read.  Returns an enum status:
 * STATUS_DONE when nothing is. */
int output_check(const char *output, const char *input, bool replace);

/* The same for a stream to standard output: no terminal, and not the input itself. */
int output_check_stream(const char *input);

/* Would writing @output, first under its name until it is whole, overwrite @input? */
bool output_overwrites(const char *output, const char *input);

/* Says why the dump at @path is not whole.  It is left all the same: the input may be on a disk
 * that dies. */
void output_say_incomplete(const char *path, const struct vmc_error *err);

/* Are these names of one file that exists? */
bool same_file(const char *a, const char *b);

#endif
