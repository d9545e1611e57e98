/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files beside a dump: logs, pictures, reports, traces.  (The library creates dumps.) */
#ifndef VMCULL_CLI_NEW_FILE_H
#define VMCULL_CLI_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* Creates a file for its owner alone, with what umask takes off that.  With @replace one that is
 * there goes first, with its mode and whoever has it open; a device or a pipe is written to.  A
 * link to a file is not followed: it may be somebody else's idea.  NULL with errno set. */
FILE *new_file_open(const char *path, bool replace);

#endif
