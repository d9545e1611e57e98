/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of a report, and what becomes of them when there are too many. */
#include "audit/picture/report.h"

#include <assert.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

struct vmc_error *vmc_report_create(vmc_pfn end, uint32_t page_size, bool content,
				    struct vmc_report **ret_report)
{
	struct vmc_report *report;

	if (!is_power_of_two(page_size))
		return error_create(VMC_ERR_INVALID, "a page size of %u", page_size);
	if (end && end - 1 > UINT64_MAX / page_size)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, end,
				       "memory ends above all addresses");
	report = calloc(1, sizeof(*report));
	if (!report)
		return error_nomem();
	report->end = end;
	report->page_size = page_size;
	report->content = content;
	*ret_report = report;
	return NULL;
}

void vmc_report_destroy(struct vmc_report *report)
{
	if (!report)
		return;
	free(report->ranges);
	free(report);
}

static uint64_t range_mix(const struct report_range *range)
{
	unsigned int mix = REPORT_GET(REPORT_MIX, range->kind);

	return mix ? mix : VMC_STATE_BIT(REPORT_GET(REPORT_STATE, range->kind));
}

static struct report_range *last_range(struct vmc_report *report)
{
	return report->range_count ? &report->ranges[report->range_count - 1] : NULL;
}

/* Adds the first @count pages of @part to the last range, which is of the same block. */
static void mix_into_last(struct vmc_report *report, const struct report_range *part,
			  uint64_t count)
{
	struct report_range *range = last_range(report);
	uint64_t gap = part->start - (range->start + range->count);
	uint64_t mix = range_mix(range) | range_mix(part);
	unsigned int state = 0, zone = REPORT_GET(REPORT_ZONE, range->kind);
	uint64_t content =
		REPORT_GET(REPORT_CONTENT, range->kind) | REPORT_GET(REPORT_CONTENT, part->kind);

	if (gap)
		mix |= VMC_STATE_BIT(VMC_AUDIT_ABSENT);
	report->block[REPORT_GET(REPORT_STATE, part->kind)] += min_u64(part->most, count);
	for (unsigned int i = 1; i < VMC_PAGE_STATE_COUNT; i++)
		if (report->block[i] > report->block[state])
			state = i;
	if (zone != REPORT_GET(REPORT_ZONE, part->kind))
		zone = 0;
	range->count += gap + count;
	range->most = report->block[state];
	range->kind = REPORT_PUT(REPORT_STATE, state) | REPORT_PUT(REPORT_CONTENT, content) |
		      REPORT_PUT(REPORT_ZONE, zone) | REPORT_PUT(REPORT_MIX, mix);
}

/* Puts @range behind the others; there is room for it.  Once there are mixed blocks, ranges that
 * begin in the same one become one, and of one that leaves it the rest stays. */
static void report_put(struct vmc_report *report, struct report_range range)
{
	unsigned int shift = report->shift;
	struct report_range *last = last_range(report);

	if (last && last->start + last->count == range.start && last->kind == range.kind &&
	    !REPORT_GET(REPORT_MIX, range.kind)) {
		last->count += range.count;
		last->most += range.most;
		report->block[REPORT_GET(REPORT_STATE, range.kind)] += range.most;
		return;
	}
	if (shift && last && last->start >> shift == range.start >> shift) {
		uint64_t end = ((range.start >> shift) + 1) << shift;
		uint64_t part = min_u64(range.count, end - range.start);

		mix_into_last(report, &range, part);
		range.start += part;
		range.count -= part;
		range.most = min_u64(range.most, range.count);
		if (!range.count)
			return;
	}
	memset(report->block, 0, sizeof(report->block));
	report->block[REPORT_GET(REPORT_STATE, range.kind)] = range.most;
	report->ranges[report->range_count++] = range;
}

/* Takes longer mixed blocks until a quarter is free. */
static void report_make_room(struct vmc_report *report)
{
	while (report->range_count > VMC_REPORT_RANGES / 4 * 3 && report->shift < 63) {
		size_t count = report->range_count;

		/* Never writes behind where it reads: each range adds one at most. */
		report->shift++;
		report->range_count = 0;
		for (size_t i = 0; i < count; i++)
			report_put(report, report->ranges[i]);
	}
}

static uint64_t range_kind(const struct vmc_report *report, const struct vmc_audit_range *range)
{
	unsigned int zone =
		range->zone >= 0 && range->zone < MAP_ZONES ? (unsigned int)range->zone + 1 : 0;

	return REPORT_PUT(REPORT_STATE, map_state(range->state)) |
	       REPORT_PUT(REPORT_ORDER, min_u64(range->order, VMC_ORDERS - 1)) |
	       REPORT_PUT(REPORT_CONTENT, report->content && range->content) |
	       REPORT_PUT(REPORT_ZONE, zone) | REPORT_PUT(REPORT_ATTRIBUTES, range->attributes);
}

struct vmc_error *vmc_report_add(struct vmc_report *report, const struct vmc_audit_range *range)
{
	struct report_range added = {range->start, range->count, range_kind(report, range),
				     range->count};
	uint64_t end;

	if (!checked_add(range->start, range->count, &end) || end > report->end)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_PFN, range->start,
				       "a range of 0x%llx pages leaves the report",
				       (unsigned long long)range->count);
	if (range->start < report->next)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_PFN, range->start,
				       "ranges of a report are not in order");
	report->next = end;
	if (range->state == VMC_AUDIT_ABSENT || !range->count)
		return NULL;
	if (report->range_count == VMC_REPORT_RANGES)
		report_make_room(report);
	TRY(grow_array((void **)&report->ranges, &report->range_capacity, report->range_count + 1,
		       sizeof(*report->ranges)));
	assert(report->ranges);
	report_put(report, added);
	return NULL;
}
