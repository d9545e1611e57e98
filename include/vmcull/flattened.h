/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flattened form of a dump, which can be written to a pipe (makedumpfile -F, QEMU).  To read
 * such a file needs no more than vmc_dump_open().
 */
#ifndef VMCULL_FLATTENED_H
#define VMCULL_FLATTENED_H

#include <vmcull/filter.h>

struct vmc_rearrange_options {
	bool replace;                        /* overwrite an existing output */
	const struct vmc_progress *progress; /* or NULL; the total is not known and 0 */
};

struct vmc_rearrange_summary {
	bool incomplete; /* it failed, and PATH.incomplete was left */
	uint64_t records;
	uint64_t bytes_in;  /* of the stream */
	uint64_t bytes_out; /* size of the output file */
};

/* Puts the stream that comes out of @fd, of which errors speak as @name, in order: into the file
 * @path, of mode 0600.  Where records overlap, the later one counts.  Nothing behind the end record
 * is read.  The file is PATH.incomplete until it is whole and on the disk.  After a failure it
 * keeps that name, marked as incomplete, if what was put together opens as a dump; else nothing is
 * left.  The summary is filled in after a failure, too.
 *
 * A stream that ends early is VMC_ERR_TRUNCATED, with the offset in the stream; what is no such
 * stream is VMC_ERR_FORMAT. */
VMC_API struct vmc_error *vmc_rearrange(int fd, const char *name, const char *path,
					const struct vmc_rearrange_options *options,
					struct vmc_rearrange_summary *ret_summary) VMC_MUST_CHECK;

#endif
