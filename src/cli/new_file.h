/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files beside a dump: logs, pictures, reports, traces.  (The library creates dumps.) */
#ifndef VMCULL_CLI_NEW_FILE_H
#define VMCULL_CLI_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* A file that has its name when it is whole, and no sooner. */
struct new_file {
	FILE *stream;
	const char *path;
	char *part; /* its name until then, PATH.incomplete; NULL: it is a device or a pipe */
};

/* As new_file_open(); @path is to stay.  false with errno set: nothing is open. */
bool new_file_begin(struct new_file *file, const char *path, bool replace);

/* Closes it and, where all was written and @whole, gives it its name.  Else what there is of it
 * keeps the other name, unless it is empty or @keep is false: then it goes.  False with errno set,
 * or 0, when something could not be written. */
bool new_file_end(struct new_file *file, bool whole, bool keep);

/* Creates a file for its owner alone, with what umask takes off that.  With @replace one that is
 * there goes first, with its mode and whoever has it open; a device or a pipe is written to.  A
 * link to a file is not followed: it may be somebody else's idea.  NULL with errno set. */
FILE *new_file_open(const char *path, bool replace);

#endif
