/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/ranges.h"

#include "base/checked.h"

void ranges_init(struct ranges *ranges, struct vmc_audit *audit)
{
	*ranges = (struct ranges){
		.audit = audit,
		.split = audit->options.split | VMC_ATTRIBUTES_OF_BLOCKS,
	};
}

static void count_range(struct vmc_audit_counts *counts, const struct vmc_audit_range *range)
{
	unsigned int order = (unsigned int)min_u64(range->order, VMC_ORDERS - 1);

	counts->pages[range->state] += range->count;
	counts->content[range->state] += range->content ? range->count : 0;
	counts->orders[range->state][order] += range->count;
	for (unsigned int i = 0; range->attributes >> i; i++)
		counts->attributes[i] += range->attributes >> i & 1 ? range->count : 0;
}

static struct vmc_error *hand_out(struct ranges *ranges)
{
	const struct vmc_audit_options *options = &ranges->audit->options;

	if (ranges->pending.count && options->range &&
	    !options->range(options->range_arg, ranges->audit, &ranges->pending))
		return error_create(VMC_ERR_INTERRUPTED, "stopped by the caller");
	ranges->pending.count = 0;
	return NULL;
}

static bool is_equal(const struct vmc_audit_range *a, const struct vmc_audit_range *b)
{
	return a->state == b->state && a->order == b->order && a->zone == b->zone &&
	       a->attributes == b->attributes && a->content == b->content &&
	       a->migrate_type == b->migrate_type;
}

static struct vmc_error *merge(struct ranges *ranges, const struct vmc_audit_range *range)
{
	struct vmc_audit_range *pending = &ranges->pending;
	struct vmc_audit_range told = *range;

	told.attributes &= ranges->split;
	told.content |= !ranges->audit->options.split_content;
	if (!ranges->audit->options.split_migrate_type)
		told.migrate_type = -1;
	ranges->end = range->start + range->count;
	if (pending->count && is_equal(pending, &told)) {
		pending->count += told.count;
		return NULL;
	}
	TRY(hand_out(ranges));
	*pending = told;
	return NULL;
}

struct vmc_error *ranges_put(struct ranges *ranges, const struct vmc_audit_range *range)
{
	struct vmc_audit *audit = ranges->audit;

	if (range->start > ranges->end) {
		struct vmc_audit_range gap = {
			.start = ranges->end,
			.count = range->start - ranges->end,
			.state = VMC_AUDIT_ABSENT,
			.zone = -1,
			.migrate_type = -1,
		};

		count_range(&audit->counts, &gap);
		TRY(merge(ranges, &gap));
	}
	count_range(&audit->counts, range);
	if (range->zone >= 0)
		count_range(&audit->zones[range->zone].counts, range);
	return merge(ranges, range);
}

struct vmc_error *ranges_finish(struct ranges *ranges)
{
	return hand_out(ranges);
}
