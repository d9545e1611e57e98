/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages that a plan keeps, as extents in segments of pfns.
 *
 * Extents cost two to four bytes each, which is little until memory is kept and left out page by
 * page: a terabyte of that has 134 million of them.  So there is a budget: a segment that does not
 * fit into it is only counted, and its extents are found out again by whoever comes to them.
 */
#ifndef VMCULL_FILTER_KEPT_H
#define VMCULL_FILTER_KEPT_H

#include "base/extents.h"

/* Bytes of extents that are remembered, all segments together, unless the owner says otherwise. */
#define KEPT_BUDGET ((size_t)6 << 20)

struct kept_segment {
	struct extents extents; /* empty when counted */
	uint64_t total;         /* members */
	uint64_t rank;          /* members of the segments before; once sealed */
	bool counted;           /* the extents were too many to be remembered */
};

/* Finds out again what a segment keeps. */
struct kept_source {
	/* A walk of one reader. */
	struct vmc_error *(*open)(const void *arg, void **ret_walk);
	void (*close)(void *walk);

	/* Appends what is kept from *pfn on and below @end: all of it, or at least @wanted extents.
	 * Sets *pfn to where it goes on, to @end at the end. */
	struct vmc_error *(*more)(void *walk, vmc_pfn *pfn, vmc_pfn end, uint64_t wanted,
				  struct extents *extents);
};

struct kept {
	struct kept_segment *segments;
	size_t segment_count;
	unsigned int segment_shift; /* log2 of pages a segment */
	vmc_pfn end;                /* above all segments */
	const struct kept_source *source;
	const void *source_arg;
	size_t budget, memory; /* bytes: the most, and those in segments that are done */
	uint64_t total;        /* members; once sealed */
};

/* Of extents that are all remembered: in one segment, to be filled by kept_append(). */
void kept_init(struct kept *kept);
void kept_deinit(struct kept *kept);
static inline void kept_deinit_cleanup(struct kept *kept)
{
	kept_deinit(kept);
}

/* Adds to such a set; in order, as to extents. */
struct vmc_error *kept_append(struct kept *kept, uint64_t start, uint64_t count) VMC_MUST_CHECK;

/* Cuts [0, @end) into segments of 1 << @shift pages or more, none of them filled so far, of which
 * no more than @budget bytes are remembered; 0: none.  @arg must outlive the set. */
struct vmc_error *kept_divide(struct kept *kept, vmc_pfn end, unsigned int shift,
			      const struct kept_source *source, const void *arg,
			      size_t budget) VMC_MUST_CHECK;

void kept_segment_range(const struct kept *kept, size_t segment, vmc_pfn *ret_start,
			vmc_pfn *ret_end);

/* Adds to a segment.  Different ones may be filled by different threads. */
struct vmc_error *kept_segment_append(const struct kept *kept, struct kept_segment *segment,
				      uint64_t start, uint64_t count) VMC_MUST_CHECK;

/* Tells that a segment has all of its extents; from one thread at a time. */
void kept_segment_done(struct kept *kept, struct kept_segment *segment);

/* Tells that all segments are done.  All below is for sets that are sealed. */
void kept_seal(struct kept *kept);

uint64_t kept_total(const struct kept *kept);

/* How many members are below @pfn. */
struct vmc_error *kept_rank(const struct kept *kept, vmc_pfn pfn,
			    uint64_t *ret_rank) VMC_MUST_CHECK;

/* The member of @kept that has @rank members below it; the end of all for more than there are. */
struct vmc_error *kept_member(const struct kept *kept, uint64_t rank,
			      vmc_pfn *ret_pfn) VMC_MUST_CHECK;

/* What is kept from @from on, in order.  Any number of threads may have one each. */
struct kept_iter {
	const struct kept *kept;
	vmc_pfn from;
	size_t segment;      /* where we are */
	bool entered;        /* it */
	void *walk;          /* of a source, once one was needed */
	vmc_pfn next;        /* where the walk goes on in the segment */
	struct extents some; /* what the walk gave last */
	struct extents_iter extents;
	uint64_t members;    /* below what comes next */
	struct extent ahead; /* comes next, unless it is empty */
	uint64_t ahead_rank; /* of it */
	uint64_t rank;       /* of the extent that was given last: members below it */
};

void kept_iter_init(struct kept_iter *iter, const struct kept *kept, vmc_pfn from);
void kept_iter_deinit(struct kept_iter *iter);
static inline void kept_iter_deinit_cleanup(struct kept_iter *iter)
{
	kept_iter_deinit(iter);
}

/* Gives the next extent; *ret_more is false when there is none.  VMC_ERR_CORRUPT when a segment
 * that was only counted turns out to have changed since. */
struct vmc_error *kept_iter_next(struct kept_iter *iter, struct extent *ret,
				 bool *ret_more) VMC_MUST_CHECK;

#endif
