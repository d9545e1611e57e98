/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of stripping: a reader whose reads are what is kept. */
#ifndef VMCULL_AUDIT_STRIP_H
#define VMCULL_AUDIT_STRIP_H

#include <vmcull/strip.h>

#include "base/byte_ranges.h"
#include "target/target.h"

struct strip {
	struct vmc_target *target;
	const struct vmc_strip_options *options;
	struct target_reader *reader; /* new: what it has in its caches was recorded too */
	struct byte_ranges bytes;     /* read so far, physical addresses */
	struct byte_ranges vital;     /* of them, without which there is nothing to audit */
	struct byte_ranges blank;  /* of them, to be zeros: their pages are there, they are not */
	struct vmc_error *failure; /* of bytes: out of memory */
	struct vmc_strip_summary summary;
};

/* Reads, and so keeps, [address, address + size).  What of it cannot be read is counted. */
struct vmc_error *strip_keep(struct strip *strip, vmc_vaddr address, uint64_t size) VMC_MUST_CHECK;

/* Adds to @ranges where [address, address + size) lies, without reading it. */
struct vmc_error *strip_place(struct strip *strip, struct byte_ranges *ranges, vmc_vaddr address,
			      uint64_t size) VMC_MUST_CHECK;

/* The kernel's log.  VMC_ERR_MISSING and _CORRUPT when it is not found. */
struct vmc_error *strip_log(struct strip *strip) VMC_MUST_CHECK;

#endif
