/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/extents.h"

#include <assert.h>
#include <string.h>

#include "base/grow.h"

#define EXTENTS_STRIDE 128
#define VARINT_MAX     10 /* bytes that 64 bits need at 7 a byte */

void extents_init(struct extents *extents)
{
	memset(extents, 0, sizeof(*extents));
}

void extents_deinit(struct extents *extents)
{
	free(extents->bytes);
	free(extents->marks);
	extents_init(extents);
}

void extents_clear(struct extents *extents)
{
	*extents = (struct extents){
		.bytes = extents->bytes,
		.capacity = extents->capacity,
		.marks = extents->marks,
		.mark_capacity = extents->mark_capacity,
	};
}

static void trim_array(void **array, size_t *capacity, size_t used, size_t size)
{
	void *moved = used && used < *capacity ? realloc(*array, used * size) : NULL;

	if (!moved)
		return;
	*array = moved;
	*capacity = used;
}

void extents_trim(struct extents *extents)
{
	trim_array((void **)&extents->bytes, &extents->capacity, extents->used, 1);
	trim_array((void **)&extents->marks, &extents->mark_capacity, extents->mark_count,
		   sizeof(*extents->marks));
}

static size_t varint_put(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

static uint64_t varint_get(const uint8_t *bytes, size_t *offset)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = bytes[(*offset)++];
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return value;
}

/* Encodes the pending extent, so that the next one can take its place. */
static struct vmc_error *extents_flush(struct extents *extents)
{
	if (!extents->last.count)
		return NULL;
	TRY(grow_array((void **)&extents->bytes, &extents->capacity, extents->used + 2 * VARINT_MAX,
		       1));
	if (extents->encoded % EXTENTS_STRIDE == 0) {
		TRY(grow_array((void **)&extents->marks, &extents->mark_capacity,
			       extents->mark_count + 1, sizeof(*extents->marks)));
		extents->marks[extents->mark_count++] = (struct extents_mark){
			.base = extents->encoded_end,
			.rank = extents->total - extents->last.count,
			.offset = extents->used,
		};
	}
	extents->used += varint_put(extents->bytes + extents->used,
				    extents->last.start - extents->encoded_end);
	extents->used += varint_put(extents->bytes + extents->used, extents->last.count);
	extents->encoded++;
	extents->encoded_end = extents->last.start + extents->last.count;
	extents->last.count = 0;
	return NULL;
}

struct vmc_error *extents_append(struct extents *extents, uint64_t start, uint64_t count)
{
	if (!count)
		return NULL;
	assert(start >= extents_end(extents) && start + count > start);

	if (extents->last.count && extents->last.start + extents->last.count == start) {
		extents->last.count += count;
	} else {
		TRY(extents_flush(extents));
		extents->last = (struct extent){.start = start, .count = count};
	}
	extents->total += count;
	return NULL;
}

uint64_t extents_total(const struct extents *extents)
{
	return extents->total;
}

uint64_t extents_count(const struct extents *extents)
{
	return extents->encoded + (extents->last.count ? 1 : 0);
}

uint64_t extents_end(const struct extents *extents)
{
	return extents->last.count ? extents->last.start + extents->last.count
				   : extents->encoded_end;
}

size_t extents_memory(const struct extents *extents)
{
	return extents->capacity + extents->mark_capacity * sizeof(*extents->marks);
}

void extents_iter_init(struct extents_iter *iter, const struct extents *extents, uint64_t from)
{
	size_t low = 0, high = extents->mark_count;

	/* The last mark whose base is not above from: no extent before it reaches from. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (extents->marks[middle].base <= from)
			low = middle;
		else
			high = middle;
	}
	*iter = (struct extents_iter){.extents = extents};
	if (extents->mark_count) {
		iter->offset = extents->marks[low].offset;
		iter->base = extents->marks[low].base;
		iter->rank = extents->marks[low].rank;
	}

	struct extents_iter next = *iter;
	struct extent extent;

	while (extents_iter_next(&next, &extent) && extent.start + extent.count <= from)
		*iter = next;
	if (extents_end(extents) <= from)
		*iter = next;
}

bool extents_iter_next(struct extents_iter *iter, struct extent *ret)
{
	const struct extents *extents = iter->extents;

	if (iter->offset < extents->used) {
		ret->start = iter->base + varint_get(extents->bytes, &iter->offset);
		ret->count = varint_get(extents->bytes, &iter->offset);
		iter->base = ret->start + ret->count;
	} else if (extents->last.count && !iter->last_seen) {
		*ret = extents->last;
		iter->last_seen = true;
	} else {
		return false;
	}
	iter->rank += ret->count;
	return true;
}

bool extents_find(const struct extents *extents, uint64_t number, struct extent *ret,
		  uint64_t *ret_rank)
{
	struct extents_iter iter;

	extents_iter_init(&iter, extents, number);
	if (ret_rank)
		*ret_rank = iter.rank;
	return extents_iter_next(&iter, ret);
}

uint64_t extents_rank(const struct extents *extents, uint64_t number)
{
	struct extent extent;
	uint64_t rank;

	if (!extents_find(extents, number, &extent, &rank))
		return extents_total(extents);
	return rank + (number > extent.start ? number - extent.start : 0);
}

bool extents_contain(const struct extents *extents, uint64_t number)
{
	struct extent extent;

	return extents_find(extents, number, &extent, NULL) && extent.start <= number;
}
