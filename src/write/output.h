/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that a dump is written to: PATH.incomplete until everything is on the disk, then PATH.
 */
#ifndef VMCULL_WRITE_OUTPUT_H
#define VMCULL_WRITE_OUTPUT_H

#include "base/io.h"

struct output {
	struct io_file *file;
	char *path;       /* the final name */
	char *unfinished; /* the name while it is written */
};

/* VMC_ERR_REFUSED when either name exists and @replace is not set: an incomplete dump of an earlier
 * run may be the only one there is. */
struct vmc_error *output_create(const char *path, bool replace,
				struct output **ret_output) VMC_MUST_CHECK;

/* Removes the file. */
void output_discard(struct output *output);

/* Flushes and closes the file under the name it has: it is an incomplete dump. */
struct vmc_error *output_leave(struct output *output) VMC_MUST_CHECK;

/* Flushes, closes and renames. */
struct vmc_error *output_commit(struct output *output) VMC_MUST_CHECK;

/* Frees, after one of the three above or before. */
void output_destroy(struct output *output);
DEFINE_CLEANUP(struct output *, output_destroy);

#endif
