/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter/kept.h"

#include <assert.h>
#include <string.h>

#include "base/checked.h"

/* However large memory is said to be. */
#define SEGMENTS_MAX 4096

/* A segment with more is only counted, so that many threads, each with one, stay in bounds. */
#define SEGMENT_MEMORY_MAX ((size_t)384 << 10)

/* Extents that are found out at a time. */
#define EXTENTS_WANTED 4096

void kept_init(struct kept *kept)
{
	*kept = (struct kept){.segment_shift = 63, .end = UINT64_MAX, .budget = SIZE_MAX};
}

void kept_deinit(struct kept *kept)
{
	for (size_t i = 0; i < kept->segment_count; i++)
		extents_deinit(&kept->segments[i].extents);
	free(kept->segments);
	kept_init(kept);
}

static struct vmc_error *make_segments(struct kept *kept, size_t count)
{
	kept->segments = calloc(count, sizeof(*kept->segments));
	if (!kept->segments)
		return error_nomem();
	kept->segment_count = count;
	for (size_t i = 0; i < count; i++)
		extents_init(&kept->segments[i].extents);
	return NULL;
}

struct vmc_error *kept_append(struct kept *kept, uint64_t start, uint64_t count)
{
	assert(!kept->source);
	if (!kept->segment_count)
		TRY(make_segments(kept, 1));
	TRY(kept_segment_append(kept, kept->segments, start, count));
	kept->total = kept->segments->total;
	return NULL;
}

struct vmc_error *kept_divide(struct kept *kept, vmc_pfn end, unsigned int shift,
			      const struct kept_source *source, const void *arg, size_t budget)
{
	assert(!kept->segment_count);
	while (end >> shift >= SEGMENTS_MAX)
		shift++;
	*kept = (struct kept){
		.segment_shift = shift,
		.end = end,
		.source = source,
		.source_arg = arg,
		.budget = budget,
	};
	return end ? make_segments(kept, (size_t)((end - 1) >> shift) + 1) : NULL;
}

void kept_segment_range(const struct kept *kept, size_t segment, vmc_pfn *ret_start,
			vmc_pfn *ret_end)
{
	vmc_pfn size = (vmc_pfn)1 << kept->segment_shift;

	*ret_start = segment * size;
	*ret_end = *ret_start + min_u64(kept->end - *ret_start, size);
}

/* Its members stay counted. */
static void forget(struct kept_segment *segment)
{
	extents_deinit(&segment->extents);
	segment->counted = true;
}

struct vmc_error *kept_segment_append(const struct kept *kept, struct kept_segment *segment,
				      uint64_t start, uint64_t count)
{
	segment->total += count;
	if (segment->counted)
		return NULL;
	TRY(extents_append(&segment->extents, start, count));
	if (kept->source &&
	    extents_memory(&segment->extents) > min_u64(kept->budget, SEGMENT_MEMORY_MAX))
		forget(segment);
	return NULL;
}

void kept_segment_done(struct kept *kept, struct kept_segment *segment)
{
	extents_trim(&segment->extents);

	size_t memory = extents_memory(&segment->extents);

	/* One extent takes no memory. */
	if (memory > kept->budget - kept->memory || (segment->total && !kept->budget))
		forget(segment);
	else
		kept->memory += memory;
}

void kept_seal(struct kept *kept)
{
	kept->total = 0;
	for (size_t i = 0; i < kept->segment_count; i++) {
		kept->segments[i].rank = kept->total;
		kept->total += kept->segments[i].total;
	}
}

uint64_t kept_total(const struct kept *kept)
{
	return kept->total;
}

void kept_iter_init(struct kept_iter *iter, const struct kept *kept, vmc_pfn from)
{
	*iter = (struct kept_iter){
		.kept = kept,
		.from = from,
		.segment = from < kept->end ? (size_t)(from >> kept->segment_shift)
					    : kept->segment_count,
	};
	extents_init(&iter->some);
}

void kept_iter_deinit(struct kept_iter *iter)
{
	if (iter->walk)
		iter->kept->source->close(iter->walk);
	extents_deinit(&iter->some);
	iter->walk = NULL;
}

/* Goes to the extents of a segment: those that are remembered from iter->from on, or the first that
 * are found out. */
static void enter(struct kept_iter *iter, const struct kept_segment *segment)
{
	vmc_pfn end;

	iter->entered = true;
	iter->members = segment->rank;
	kept_segment_range(iter->kept, iter->segment, &iter->next, &end);
	if (segment->counted) {
		extents_clear(&iter->some);
		extents_iter_init(&iter->extents, &iter->some, 0);
	} else {
		extents_iter_init(&iter->extents, &segment->extents, iter->from);
		iter->members += iter->extents.rank;
	}
}

/* The memory of a machine that runs does so, and then nothing that counts on it can go on. */
static struct vmc_error *has_changed(vmc_pfn pfn)
{
	return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_PFN, pfn,
			       "the memory map has changed since it was read first");
}

/* Finds out more of a segment that was counted; *ret_more is false when it has no more. */
static struct vmc_error *find_out(struct kept_iter *iter, const struct kept_segment *segment,
				  bool *ret_more)
{
	const struct kept_source *source = iter->kept->source;
	vmc_pfn start, end;

	kept_segment_range(iter->kept, iter->segment, &start, &end);
	*ret_more = segment->counted && iter->next < end;
	if (!*ret_more)
		return NULL;
	if (!iter->walk)
		TRY(source->open(iter->kept->source_arg, &iter->walk));
	extents_clear(&iter->some);
	start = iter->next;
	TRY(source->more(iter->walk, &iter->next, end, EXTENTS_WANTED, &iter->some));
	extents_iter_init(&iter->extents, &iter->some, 0);

	uint64_t members = iter->members - segment->rank + extents_total(&iter->some);

	if (members > segment->total || (iter->next >= end && members < segment->total))
		return has_changed(start);
	return NULL;
}

/* The next extent of a segment, which may go on in the next one, and its rank. */
static struct vmc_error *next_piece(struct kept_iter *iter, struct extent *ret, uint64_t *ret_rank,
				    bool *ret_more)
{
	for (; iter->segment < iter->kept->segment_count; iter->segment++, iter->entered = false) {
		const struct kept_segment *segment = &iter->kept->segments[iter->segment];

		if (!iter->entered)
			enter(iter, segment);
		do {
			if (extents_iter_next(&iter->extents, ret)) {
				*ret_rank = iter->members;
				iter->members += ret->count;
				*ret_more = true;
				return NULL;
			}
			TRY(find_out(iter, segment, ret_more));
		} while (*ret_more);
	}
	*ret_more = false;
	return NULL;
}

/* The part of it at or above iter->from; *ret_more is false when nothing comes any more. */
static struct vmc_error *next_part(struct kept_iter *iter, struct extent *ret, uint64_t *ret_rank,
				   bool *ret_more)
{
	do
		TRY(next_piece(iter, ret, ret_rank, ret_more));
	while (*ret_more && ret->start + ret->count <= iter->from);
	if (*ret_more && ret->start < iter->from) {
		uint64_t skip = iter->from - ret->start;

		ret->start += skip;
		ret->count -= skip;
		*ret_rank += skip;
	}
	return NULL;
}

struct vmc_error *kept_iter_next(struct kept_iter *iter, struct extent *ret, bool *ret_more)
{
	struct extent part = iter->ahead;
	uint64_t rank = iter->ahead_rank;
	bool more = part.count;

	if (!more)
		TRY(next_part(iter, &part, &rank, &more));
	*ret_more = more;
	if (!more)
		return NULL;
	*ret = part;
	iter->rank = rank;
	iter->ahead.count = 0;
	for (;;) {
		TRY(next_part(iter, &part, &rank, &more));
		if (!more)
			return NULL;
		if (part.start != ret->start + ret->count)
			break;
		ret->count += part.count;
	}
	iter->ahead = part;
	iter->ahead_rank = rank;
	return NULL;
}

struct vmc_error *kept_rank(const struct kept *kept, vmc_pfn pfn, uint64_t *ret_rank)
{
	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	struct extent part;
	uint64_t rank;
	bool more;

	kept_iter_init(&iter, kept, pfn);
	TRY(next_part(&iter, &part, &rank, &more));
	*ret_rank = more ? rank : kept->total;
	return NULL;
}

struct vmc_error *kept_member(const struct kept *kept, uint64_t rank, vmc_pfn *ret_pfn)
{
	_cleanup_(kept_iter_deinit) struct kept_iter iter;
	struct extent part = {0};
	uint64_t below = 0;
	size_t segment = 0;
	bool more;

	while (segment + 1 < kept->segment_count && kept->segments[segment + 1].rank <= rank)
		segment++;
	kept_iter_init(&iter, kept,
		       kept->segment_count ? (vmc_pfn)segment << kept->segment_shift : 0);
	do {
		*ret_pfn = part.start + part.count;
		TRY(next_part(&iter, &part, &below, &more));
	} while (more && rank - below >= part.count);
	if (more)
		*ret_pfn = part.start + (rank - below);
	return NULL;
}
