/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two dumps: states of pages, which content is there, and what it says.
 */
#ifndef VMCULL_DIFF_H
#define VMCULL_DIFF_H

#include <vmcull/audit.h>

/* What became of the content of pages that both dumps hold. */
enum vmc_diff_content {
	VMC_DIFF_NOT_COMPARED, /* not asked for, not in both dumps, or never to be read */
	VMC_DIFF_SAME,
	VMC_DIFF_DIFFERENT,
	VMC_DIFF_UNREADABLE, /* in one of them, though it should be there */
};

/* A run of pages of which all of this is equally true. */
struct vmc_diff_range {
	vmc_pfn start;
	uint64_t count;
	unsigned int from, to;         /* states as in an audit: VMC_PAGE_… or VMC_AUDIT_ABSENT */
	bool from_content, to_content; /* is the content in the dump? */
	enum vmc_diff_content content;
};

/* Pages.  Those that both dumps lack are counted nowhere but in pages[ABSENT][ABSENT]. */
struct vmc_diff_counts {
	uint64_t pages[VMC_AUDIT_STATE_COUNT][VMC_AUDIT_STATE_COUNT]; /* [from][to] */
	uint64_t gone[VMC_AUDIT_STATE_COUNT];     /* content in the first only, by state there */
	uint64_t appeared[VMC_AUDIT_STATE_COUNT]; /* content in the second only, by state there */

	/* Content compared, by the state in the first. */
	uint64_t compared[VMC_AUDIT_STATE_COUNT];
	uint64_t different[VMC_AUDIT_STATE_COUNT];  /* of them */
	uint64_t unreadable[VMC_AUDIT_STATE_COUNT]; /* not among them */

	uint64_t equal;   /* in state, in whether there is content, and as far as compared in it */
	uint64_t differs; /* all other */

	/* A part of the memory map of the first, or the second, could not be read, so that states
	 * of pages are not known; or the file has become shorter.  Its log is told. */
	bool partial[2];
};

struct vmc_diff_options {
	/* Compare the content of pages that both dumps hold; of none that must not be read in one
	 * of them. */
	bool content;

	/* Told of every page up to the end of memory exactly once, equal or not, in order of pfns;
	 * adjoining equal ranges are merged.  NULL: nobody is.  Returns false to stop
	 * (VMC_ERR_INTERRUPTED). */
	bool (*range)(void *arg, const struct vmc_diff_range *range);
	void *range_arg;

	const struct vmc_progress *progress; /* or NULL */
};

/* Do the pages of this range differ? */
VMC_API bool vmc_diff_range_differs(const struct vmc_diff_range *range);

/* Compares two dumps, page by page, both best opened with type_information.  The log of the second
 * is told when they are of different kernels; different sizes of pages are VMC_ERR_INVALID.
 *
 * In memory: 8 bytes for each run of pages of one state in the first dump, 700
 * to 3,400 (27 KiB) on machines of 1 GiB.  At the worst, when no two neighbours are alike, 2 MiB
 * for each GiB. */
VMC_API struct vmc_error *vmc_diff_run(struct vmc_target *from, struct vmc_target *to,
				       const struct vmc_diff_options *options,
				       struct vmc_diff_counts *ret_counts) VMC_MUST_CHECK;

#endif
