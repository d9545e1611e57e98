/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of numbers (page frame numbers, mostly) as ordered extents, stored as variable-length gaps
 * and lengths: two to four bytes an extent on real dumps, so the kept pages of a terabyte need a
 * few MiB.  An index entry every EXTENTS_STRIDE extents makes look-ups by number logarithmic and
 * gives the rank of each member (how many members are below it).
 */
#ifndef VMCULL_BASE_EXTENTS_H
#define VMCULL_BASE_EXTENTS_H

#include "base/error.h"

struct extent {
	uint64_t start;
	uint64_t count;
};

struct extents_mark {
	uint64_t base; /* end of the extent before */
	uint64_t rank; /* members below */
	size_t offset; /* into bytes */
};

struct extents {
	uint8_t *bytes;
	size_t used, capacity;
	struct extents_mark *marks;
	size_t mark_count, mark_capacity;
	struct extent last;   /* not yet encoded: it may still grow */
	uint64_t encoded;     /* extents in bytes */
	uint64_t encoded_end; /* end of the last one of them */
	uint64_t total;       /* members, the last extent included */
};

void extents_init(struct extents *extents);
void extents_deinit(struct extents *extents);

/* Takes all members out, and keeps the memory for others. */
void extents_clear(struct extents *extents);

/* Gives memory back that nothing is in. */
void extents_trim(struct extents *extents);

static inline void extents_deinit_cleanup(struct extents *extents)
{
	extents_deinit(extents);
}

/* Adds [start, start + count).  Must lie at or above the end of what was added before; an extent
 * that adjoins the last one is merged with it. */
struct vmc_error *extents_append(struct extents *extents, uint64_t start,
				 uint64_t count) VMC_MUST_CHECK;

/* How many members, how many extents, and the first number above all members. */
uint64_t extents_total(const struct extents *extents);
uint64_t extents_count(const struct extents *extents);
uint64_t extents_end(const struct extents *extents);

/* Memory that it occupies, bytes. */
size_t extents_memory(const struct extents *extents);

/* Finds the extent that holds @number, or the next one above it.  *ret_rank (may be NULL) is the
 * number of members below ret->start.  Returns false when there is none. */
bool extents_find(const struct extents *extents, uint64_t number, struct extent *ret,
		  uint64_t *ret_rank);

/* How many members are below @number. */
uint64_t extents_rank(const struct extents *extents, uint64_t number);

bool extents_contain(const struct extents *extents, uint64_t number);

/* Walks the extents in order, from the one that holds @from or the next above it. */
struct extents_iter {
	const struct extents *extents;
	size_t offset;
	uint64_t base;
	uint64_t rank; /* members below the extent that comes next */
	bool last_seen;
};

void extents_iter_init(struct extents_iter *iter, const struct extents *extents, uint64_t from);
bool extents_iter_next(struct extents_iter *iter, struct extent *ret);

#endif
