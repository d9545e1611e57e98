/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A collection of byte ranges that come in any order, over and over: what is read of a dump.
 * Sorted and merged whenever it would grow, so that its memory is bound by what it holds, not by
 * how often that is added.
 */
#ifndef VMCULL_BASE_BYTE_RANGES_H
#define VMCULL_BASE_BYTE_RANGES_H

#include "base/error.h"

/* 64 MiB of ranges that do not touch; real dumps of a TiB have some thousands. */
#define BYTE_RANGES_MAX ((size_t)1 << 22)

struct byte_range {
	uint64_t start, end; /* [start, end) */
};

struct byte_ranges {
	struct byte_range *items;
	size_t count, capacity;
	bool sorted; /* and merged: no two touch */
};

void byte_ranges_init(struct byte_ranges *ranges);
void byte_ranges_deinit(struct byte_ranges *ranges);
static inline void byte_ranges_deinit_cleanup(struct byte_ranges *ranges)
{
	byte_ranges_deinit(ranges);
}

/* Adds [start, start + size), cut at the end of all numbers.  VMC_ERR_LIMIT when there are more
 * than BYTE_RANGES_MAX that do not touch. */
struct vmc_error *byte_ranges_add(struct byte_ranges *ranges, uint64_t start,
				  uint64_t size) VMC_MUST_CHECK;

struct vmc_error *byte_ranges_add_all(struct byte_ranges *ranges,
				      const struct byte_ranges *others) VMC_MUST_CHECK;

/* Takes out of @ranges what @others have.  Sorts both. */
struct vmc_error *byte_ranges_subtract(struct byte_ranges *ranges,
				       struct byte_ranges *others) VMC_MUST_CHECK;

/* Sorts and merges: afterwards items are in order and none touches the next. */
void byte_ranges_sort(struct byte_ranges *ranges);

/* How many bytes there are, and how many blocks of @block bytes (a power of two) they touch.  For
 * sorted ranges. */
uint64_t byte_ranges_total(const struct byte_ranges *ranges);
uint64_t byte_ranges_blocks(const struct byte_ranges *ranges, uint64_t block);

/* The index of the first range that ends above @number; ranges->count when there is none.  For
 * sorted ranges. */
size_t byte_ranges_find(const struct byte_ranges *ranges, uint64_t number);

#endif
