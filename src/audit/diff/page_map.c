/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/diff/page_map.h"

#include <stdlib.h>

#include "base/grow.h"

#define KIND_BITS     8
#define KIND_STATE    0x1fu
#define KIND_CONTENT  0x20u
#define KIND_READABLE 0x40u

_Static_assert(VMC_AUDIT_STATE_COUNT <= KIND_STATE, "a state fits");

struct page_kind page_kind_of(const struct vmc_audit_range *range)
{
	bool forbidden = range->state == VMC_AUDIT_ABSENT ||
			 VMC_STATES_FORBIDDEN & VMC_STATE_BIT(range->state);

	/* A block that is offline as a whole may host a memory map. */
	if (range->attributes & VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SECTION))
		forbidden = false;
	return (struct page_kind){
		.state = range->state,
		.content = range->content,
		.readable = range->content && !forbidden,
	};
}

void page_map_deinit(struct page_map *map)
{
	free(map->runs);
	*map = (struct page_map){0};
}

vmc_pfn page_map_end(const struct page_map *map)
{
	return map->count ? map->runs[map->count - 1] >> KIND_BITS : 0;
}

struct vmc_error *page_map_append(struct page_map *map, vmc_pfn end, struct page_kind kind)
{
	uint64_t bits = kind.state | (kind.content ? KIND_CONTENT : 0) |
			(kind.readable ? KIND_READABLE : 0);

	if (end > UINT64_MAX >> KIND_BITS)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, end,
				       "pages are numbered with 56 bits at most");
	if (end <= page_map_end(map))
		return NULL;
	if (!map->count || (map->runs[map->count - 1] & ((1u << KIND_BITS) - 1)) != bits) {
		TRY(grow_array((void **)&map->runs, &map->capacity, map->count + 1,
			       sizeof(*map->runs)));
		map->count++;
	}
	map->runs[map->count - 1] = end << KIND_BITS | bits;
	return NULL;
}

struct page_kind page_map_at(struct page_map_iter *iter, vmc_pfn pfn, vmc_pfn *ret_end)
{
	const struct page_map *map = iter->map;

	while (iter->index < map->count && map->runs[iter->index] >> KIND_BITS <= pfn)
		iter->index++;
	if (iter->index == map->count) {
		*ret_end = UINT64_MAX;
		return (struct page_kind){.state = VMC_AUDIT_ABSENT};
	}

	uint64_t run = map->runs[iter->index];

	*ret_end = run >> KIND_BITS;
	return (struct page_kind){
		.state = run & KIND_STATE,
		.content = run & KIND_CONTENT,
		.readable = run & KIND_READABLE,
	};
}
