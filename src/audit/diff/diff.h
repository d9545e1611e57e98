/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a diff: the map of one dump, against which the runs of another are held. */
#ifndef VMCULL_AUDIT_DIFF_H
#define VMCULL_AUDIT_DIFF_H

#include <vmcull/diff.h>

#include "audit/diff/page_map.h"
#include "dump/dump.h"

/* Content of both, read page by page; cursors are NULL when it is not compared. */
struct diff_reader {
	struct vmc_dump_cursor *cursors[2];
	uint8_t *buffers[2];
	size_t page_size;
};

struct diff {
	const struct vmc_diff_options *options;
	struct page_map from;
	struct page_map_iter iter;
	vmc_pfn end; /* compared up to here */
	struct vmc_diff_range pending;
	struct diff_reader reader;
	struct vmc_diff_counts counts;
	struct vmc_error *err; /* that ended a callback */
};

void diff_init(struct diff *diff, const struct vmc_diff_options *options);
void diff_deinit(struct diff *diff);

/* Holds the pages from where the last call ended up to @end, all of one kind in the second dump,
 * against the first. */
struct vmc_error *diff_put(struct diff *diff, vmc_pfn end, struct page_kind to) VMC_MUST_CHECK;

/* The second dump is over: what is left of the first, and the last range. */
struct vmc_error *diff_finish(struct diff *diff) VMC_MUST_CHECK;

#endif
