/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans that keep parts of pages. */
#include <string.h>

#include "base/checked.h"
#include "filter/plan.h"

/* Bytes of the parts in [start, end). */
static uint64_t bytes_between(const struct byte_ranges *bytes, vmc_paddr start, vmc_paddr end)
{
	uint64_t sum = 0;

	for (size_t i = byte_ranges_find(bytes, start);
	     i < bytes->count && bytes->items[i].start < end; i++)
		sum += min_u64(bytes->items[i].end, end) - max_u64(bytes->items[i].start, start);
	return sum;
}

struct vmc_error *plan_parts_add_run(const struct vmc_plan *plan, const struct vmc_page_run *run,
				     struct plan_share *share)
{
	const struct byte_ranges *bytes = &plan->parts.bytes, *vital = &plan->parts.vital;
	unsigned int shift = plan->dump->page_shift;
	vmc_paddr start = run->start << shift, end = (run->start + run->count) << shift;
	vmc_pfn next = run->start; /* the first page not yet decided */

	if (PLAN_PARTS_REFUSED & VMC_STATE_BIT(run->state)) {
		bool is_slab = run->state == VMC_PAGE_SLAB;

		share->tally.refused[run->state] +=
			bytes_between(bytes, start, end) -
			(is_slab ? bytes_between(vital, start, end) : 0);
		if (!is_slab)
			return NULL;
		bytes = vital;
	}
	for (size_t i = byte_ranges_find(bytes, start);
	     i < bytes->count && bytes->items[i].start < end; i++) {
		vmc_pfn first = max_u64(bytes->items[i].start >> shift, next);
		vmc_pfn behind = ((min_u64(bytes->items[i].end, end) - 1) >> shift) + 1;

		if (behind <= first)
			continue;
		share->tally.counts.kept[run->state] += behind - first;
		TRY(plan_keep(share, first, behind - first));
		next = behind;
	}
	return NULL;
}

void plan_parts_blank(const struct plan_parts *parts, vmc_paddr address, uint8_t *page,
		      size_t page_size)
{
	const struct byte_ranges *bytes = &parts->bytes;
	vmc_paddr at = address, end = address + page_size;

	for (size_t i = byte_ranges_find(bytes, address);
	     i < bytes->count && bytes->items[i].start < end; i++) {
		vmc_paddr start = max_u64(bytes->items[i].start, address);

		memset(page + (at - address), 0, start - at);
		at = min_u64(bytes->items[i].end, end);
	}
	memset(page + (at - address), 0, end - at);
}
