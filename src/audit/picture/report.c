/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of a report, and what becomes of them when there are too many. */
#include "audit/picture/report.h"

#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

struct vmc_error *vmc_report_create(vmc_pfn end, uint32_t page_size, struct vmc_report **ret_report)
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

/* A mixed block in the making. */
struct block {
	struct report_range *range;
	uint64_t pages[VMC_AUDIT_STATE_COUNT];
};

static uint64_t range_mix(const struct report_range *range)
{
	unsigned int mix = REPORT_GET(REPORT_MIX, range->kind);

	return mix ? mix : VMC_STATE_BIT(REPORT_GET(REPORT_STATE, range->kind));
}

static void block_begin(struct block *block, struct report_range *range)
{
	memset(block, 0, sizeof(*block));
	block->range = range;
	block->pages[REPORT_GET(REPORT_STATE, range->kind)] = range->most;
}

/* Adds the first @count pages of @part. */
static void block_add(struct block *block, const struct report_range *part, uint64_t count)
{
	struct report_range *range = block->range;
	uint64_t gap = part->start - (range->start + range->count);
	uint64_t mix = range_mix(range) | range_mix(part);
	unsigned int state = 0, zone = REPORT_GET(REPORT_ZONE, range->kind);
	uint64_t content =
		REPORT_GET(REPORT_CONTENT, range->kind) | REPORT_GET(REPORT_CONTENT, part->kind);

	if (gap)
		mix |= VMC_STATE_BIT(VMC_AUDIT_ABSENT);
	block->pages[REPORT_GET(REPORT_STATE, part->kind)] += min_u64(part->most, count);
	for (unsigned int i = 1; i < VMC_PAGE_STATE_COUNT; i++)
		if (block->pages[i] > block->pages[state])
			state = i;
	if (zone != REPORT_GET(REPORT_ZONE, part->kind))
		zone = 0;
	range->count += gap + count;
	range->most = block->pages[state];
	range->kind = REPORT_PUT(REPORT_STATE, state) | REPORT_PUT(REPORT_CONTENT, content) |
		      REPORT_PUT(REPORT_ZONE, zone) | REPORT_PUT(REPORT_MIX, mix);
}

/* Ranges that begin in the same block become one.  Of one that leaves the block the rest stays. */
static void report_mix(struct vmc_report *report)
{
	struct report_range *ranges = report->ranges;
	unsigned int shift = report->shift;
	struct block block = {0};
	size_t used = 0;

	for (size_t i = 0; i < report->range_count; i++) {
		struct report_range range = ranges[i];
		uint64_t end = ((range.start >> shift) + 1) << shift;
		uint64_t part = min_u64(range.count, end - range.start);

		if (used && block.range->start >> shift == range.start >> shift) {
			block_add(&block, &range, part);
			range.start += part;
			range.count -= part;
			range.most = min_u64(range.most, range.count);
			if (!range.count)
				continue;
		}
		ranges[used] = range;
		block_begin(&block, &ranges[used++]);
	}
	report->range_count = used;
}

/* So far that it takes as many again until it is needed next. */
static void report_make_room(struct vmc_report *report)
{
	while (report->range_count > VMC_REPORT_RANGES / 2 && report->shift < 63) {
		report->shift++;
		report_mix(report);
	}
}

static uint64_t range_kind(const struct vmc_audit_range *range)
{
	unsigned int zone =
		range->zone >= 0 && range->zone < MAP_ZONES ? (unsigned int)range->zone + 1 : 0;

	return REPORT_PUT(REPORT_STATE, map_state(range->state)) |
	       REPORT_PUT(REPORT_ORDER, min_u64(range->order, VMC_ORDERS - 1)) |
	       REPORT_PUT(REPORT_CONTENT, range->content) | REPORT_PUT(REPORT_ZONE, zone) |
	       REPORT_PUT(REPORT_ATTRIBUTES, range->attributes);
}

struct vmc_error *vmc_report_add(struct vmc_report *report, const struct vmc_audit_range *range)
{
	struct report_range added = {range->start, range->count, range_kind(range), range->count};
	struct report_range *last;
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
	last = report->range_count ? &report->ranges[report->range_count - 1] : NULL;
	if (last && last->start + last->count == added.start && last->kind == added.kind) {
		last->count += added.count;
		last->most += added.most;
		return NULL;
	}
	if (report->range_count == VMC_REPORT_RANGES)
		report_make_room(report);
	TRY(grow_array((void **)&report->ranges, &report->range_capacity, report->range_count + 1,
		       sizeof(*report->ranges)));
	report->ranges[report->range_count++] = added;
	return NULL;
}
