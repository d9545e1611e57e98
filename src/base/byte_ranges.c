/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/byte_ranges.h"

#include <assert.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

void byte_ranges_init(struct byte_ranges *ranges)
{
	*ranges = (struct byte_ranges){.sorted = true};
}

void byte_ranges_deinit(struct byte_ranges *ranges)
{
	free(ranges->items);
	byte_ranges_init(ranges);
}

static int range_compare(const void *a, const void *b)
{
	const struct byte_range *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

void byte_ranges_sort(struct byte_ranges *ranges)
{
	size_t kept = 0;

	if (ranges->sorted)
		return;
	qsort(ranges->items, ranges->count, sizeof(*ranges->items), range_compare);
	for (size_t i = 1; i < ranges->count; i++) {
		struct byte_range *last = &ranges->items[kept];

		if (ranges->items[i].start <= last->end)
			last->end = max_u64(last->end, ranges->items[i].end);
		else
			ranges->items[++kept] = ranges->items[i];
	}
	ranges->count = ranges->count ? kept + 1 : 0;
	ranges->sorted = true;
}

/* Room for one more.  Growing comes after merging, and only when that gave less than half. */
static struct vmc_error *make_room(struct byte_ranges *ranges)
{
	if (ranges->count < ranges->capacity)
		return NULL;
	byte_ranges_sort(ranges);
	if (ranges->count >= BYTE_RANGES_MAX)
		return error_create(VMC_ERR_LIMIT, "more than %zu ranges of memory",
				    BYTE_RANGES_MAX);
	if (ranges->count < ranges->capacity / 2)
		return NULL;
	return grow_array((void **)&ranges->items, &ranges->capacity, ranges->capacity + 1,
			  sizeof(*ranges->items));
}

struct vmc_error *byte_ranges_add(struct byte_ranges *ranges, uint64_t start, uint64_t size)
{
	struct byte_range range = {.start = start};

	if (!checked_add(start, size, &range.end))
		range.end = UINT64_MAX;
	if (range.end == start)
		return NULL;
	if (ranges->count) {
		struct byte_range *last = &ranges->items[ranges->count - 1];

		/* Reads mostly go on where the last one ended, or repeat it. */
		if (start >= last->start && start <= last->end) {
			last->end = max_u64(last->end, range.end);
			return NULL;
		}
	}
	TRY(make_room(ranges));
	ranges->sorted =
		!ranges->count || (ranges->sorted && start > ranges->items[ranges->count - 1].end);
	ranges->items[ranges->count++] = range;
	return NULL;
}

struct vmc_error *byte_ranges_add_all(struct byte_ranges *ranges, const struct byte_ranges *others)
{
	for (size_t i = 0; i < others->count; i++)
		TRY(byte_ranges_add(ranges, others->items[i].start,
				    others->items[i].end - others->items[i].start));
	return NULL;
}

struct vmc_error *byte_ranges_subtract(struct byte_ranges *ranges, struct byte_ranges *others)
{
	_cleanup_(byte_ranges_deinit) struct byte_ranges left;
	size_t other = 0;

	byte_ranges_init(&left);
	byte_ranges_sort(ranges);
	byte_ranges_sort(others);
	for (size_t i = 0; i < ranges->count; i++) {
		struct byte_range range = ranges->items[i];

		while (other < others->count && others->items[other].end <= range.start)
			other++;
		/* The last that reaches into this range may reach into the next one too. */
		for (size_t j = other; j < others->count && others->items[j].start < range.end;
		     j++) {
			if (others->items[j].start > range.start)
				TRY(byte_ranges_add(&left, range.start,
						    others->items[j].start - range.start));
			range.start = min_u64(others->items[j].end, range.end);
		}
		TRY(byte_ranges_add(&left, range.start, range.end - range.start));
	}

	struct byte_ranges old = *ranges;

	*ranges = left;
	left = old; /* freed */
	return NULL;
}

uint64_t byte_ranges_total(const struct byte_ranges *ranges)
{
	uint64_t total = 0;

	assert(ranges->sorted);
	for (size_t i = 0; i < ranges->count; i++)
		total += ranges->items[i].end - ranges->items[i].start;
	return total;
}

uint64_t byte_ranges_blocks(const struct byte_ranges *ranges, uint64_t block)
{
	uint64_t blocks = 0, next = 0; /* the first block not yet counted */

	assert(ranges->sorted);
	for (size_t i = 0; i < ranges->count; i++) {
		uint64_t first = max_u64(ranges->items[i].start / block, next);

		next = max_u64(next, (ranges->items[i].end - 1) / block + 1);
		blocks += next - min_u64(first, next);
	}
	return blocks;
}

size_t byte_ranges_find(const struct byte_ranges *ranges, uint64_t number)
{
	size_t low = 0, high = ranges->count;

	assert(ranges->sorted);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->items[middle].end > number)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
