/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the states of all pages to the extents that are kept. */
#include "filter/plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "pages/free_map.h"
#include "pages/nodes.h"
#include "pages/walk.h"

struct vmc_error *plan_add_run(const struct vmc_plan *plan, const struct vmc_page_run *run,
			       struct plan_share *share)
{
	struct vmc_plan_counts *counts = &share->tally.counts;

	if (run->state == VMC_PAGE_FREE || run->state == VMC_PAGE_UNACCEPTED)
		share->tally.free_in_map += run->count;
	if (run->state != VMC_PAGE_UNKNOWN)
		share->tally.understood += run->count;
	if (run->memory == VMC_MEMORY_NODATA) {
		counts->nodata += run->count;
		return NULL;
	}
	counts->pages[run->state] += run->count;
	counts->decided[run->rule] += run->count;
	if (plan->parts.active)
		return plan_parts_add_run(plan, run, share);
	if (plan->policy.drop & VMC_STATE_BIT(run->state))
		return NULL;
	counts->kept[run->state] += run->count;
	return plan_keep(share, run->start, run->count);
}

/* Every new kernel may change what we read; when that goes unnoticed the dump is either huge or
 * lacks what it was made for.  The kernel's own counter tells. */
static struct vmc_error *check_totals(struct vmc_plan *plan)
{
	_cleanup_(target_reader_destroy) struct target_reader *reader = NULL;
	const struct vmc_log *log = &plan->dump->log;
	uint64_t expected = 0;
	bool known = false;

	TRY(target_reader_create(plan->target, &reader));

	struct vmc_error *err = zones_free_pages(reader, &known, &expected);

	if (err) {
		if (vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		log_warning(log, "the free pages found could not be checked: %s",
			    vmc_error_message(err));
		vmc_error_free(err);
		return NULL;
	}
	if (!known)
		return NULL;

	uint64_t found = plan->tally.free_in_map;

	if (!zones_free_implausible(found, expected))
		return NULL;
	snprintf(plan->doubt, sizeof(plan->doubt),
		 "%" PRIu64 " free pages found, but the kernel counts %" PRIu64
		 ": its memory map may not be understood",
		 found, expected);
	log_warning(log, "%s; look at the output before you trust it, and see vmcull-audit(8)",
		    plan->doubt);
	return NULL;
}

/* A part of the memory map that cannot be read is kept on doubt.  When all of it is missing there
 * is nothing to filter by, and a copy of everything is not what was asked for. */
static struct vmc_error *check_map(const struct vmc_plan *plan)
{
	const struct vmc_log *log = &plan->dump->log;

	if (!plan->tally.counts.unreadable_map)
		return NULL;
	if (!plan->tally.understood)
		return error_create(VMC_ERR_MISSING,
				    "the memory map is not in the dump: not one of %" PRIu64
				    " struct pages can be read",
				    plan->tally.counts.unreadable_map);
	log_warning(log, "the memory map of %" PRIu64 " pages cannot be read: they are kept",
		    plan->tally.counts.unreadable_map);
	return NULL;
}

static struct vmc_error *plan_fill(struct vmc_plan *plan,
				   const struct vmc_page_walk_options *options,
				   const struct vmc_progress *progress)
{
	_cleanup_(vmc_page_walk_destroy) struct vmc_page_walk *walk = NULL;

	TRY(vmc_page_walk_create(plan->target, options, &walk));
	if (options->pcp_lists && !plan->parts.active && !vmc_page_walk_has_pcp_lists(walk))
		return error_create(VMC_ERR_MISSING,
				    "free-pcp pages cannot be left out: nothing tells where the "
				    "per-CPU free lists are (the kernel's symbols and type "
				    "information would)");
	TRY(plan_classify(plan, take_ptr(walk), progress));
	TRY(check_map(plan));
	return check_totals(plan);
}

struct vmc_plan *plan_alloc(struct vmc_dump *dump, const struct vmc_filter_policy *policy)
{
	struct vmc_plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return NULL;
	plan->dump = dump;
	plan->policy = *policy;
	plan->policy.drop |= VMC_STATES_FORBIDDEN;
	kept_init(&plan->kept);
	byte_ranges_init(&plan->parts.bytes);
	byte_ranges_init(&plan->parts.vital);
	return plan;
}

static struct vmc_plan *plan_alloc_of_target(struct vmc_target *target,
					     const struct vmc_filter_policy *policy)
{
	struct vmc_plan *plan = plan_alloc(target->dump, policy);

	if (!plan)
		return NULL;
	plan->target = target;
	identity_from_target(target, &plan->identity);
	return plan;
}

struct vmc_error *vmc_plan_create(struct vmc_target *target, const struct vmc_filter_policy *policy,
				  const struct vmc_progress *progress, struct vmc_plan **ret_plan)
{
	_cleanup_(vmc_plan_destroy) struct vmc_plan *plan = plan_alloc_of_target(target, policy);
	struct vmc_page_walk_options options = {
		.whole_blocks = policy->drop,
		.pcp_lists = policy->drop & VMC_STATE_BIT(VMC_PAGE_FREE_PCP),
	};

	if (!plan)
		return error_nomem();
	TRY(plan_fill(plan, &options, progress));
	*ret_plan = take_ptr(plan);
	return NULL;
}

struct vmc_error *plan_create_of_parts(struct vmc_target *target, struct byte_ranges *bytes,
				       struct byte_ranges *vital,
				       const struct vmc_progress *progress,
				       struct vmc_plan **ret_plan)
{
	/* What is left out is at least what level 31 leaves out. */
	struct vmc_filter_policy policy = {.drop = PLAN_PARTS_REFUSED, .drop_zero = true};
	struct vmc_page_walk_options options = {
		.whole_blocks = PLAN_PARTS_REFUSED,
		.pcp_lists = true,
	};
	_cleanup_(vmc_plan_destroy) struct vmc_plan *plan = plan_alloc_of_target(target, &policy);

	if (!plan) {
		byte_ranges_deinit(bytes);
		byte_ranges_deinit(vital);
		return error_nomem();
	}
	plan->parts.active = true;
	plan->parts.bytes = *bytes;
	plan->parts.vital = *vital;
	byte_ranges_init(bytes);
	byte_ranges_init(vital);
	TRY(plan_fill(plan, &options, progress));
	*ret_plan = take_ptr(plan);
	return NULL;
}

void vmc_plan_destroy(struct vmc_plan *plan)
{
	if (!plan)
		return;
	kept_iter_deinit(&plan->asked.iter);
	kept_deinit(&plan->kept);
	vmc_page_walk_destroy(plan->walk);
	byte_ranges_deinit(&plan->parts.bytes);
	byte_ranges_deinit(&plan->parts.vital);
	for (size_t i = 0; i < OWN_NOTE_COUNT; i++)
		free(plan->parts.notes[i]);
	free_map_destroy(plan->free_map);
	vmc_target_close(plan->owned);
	free(plan);
}

struct vmc_error *vmc_plan_compact_map(struct vmc_plan *plan)
{
	if (plan->free_map)
		return NULL;
	if (!plan->target)
		return error_create(VMC_ERR_MISSING, "the kernel is not known, and its memory map");
	/* What is restored is so in the byte order that the headers have. */
	if (plan->target->layout.big_endian != plan->identity.layout.big_endian ||
	    plan->target->layout.word_size != plan->identity.layout.word_size)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "memory has another byte order or word size than the headers");
	return free_map_create(plan->target, &plan->free_map);
}

const struct vmc_plan_counts *vmc_plan_counts(const struct vmc_plan *plan)
{
	return &plan->tally.counts;
}

const char *vmc_plan_doubt(const struct vmc_plan *plan)
{
	return plan->doubt[0] ? plan->doubt : NULL;
}

struct vmc_error *vmc_plan_next_kept(struct vmc_plan *plan, vmc_pfn from, vmc_pfn *ret_start,
				     uint64_t *ret_count, bool *ret_more)
{
	struct extent extent;

	if (!plan->asked.begun || plan->asked.next != from) {
		kept_iter_deinit(&plan->asked.iter);
		kept_iter_init(&plan->asked.iter, &plan->kept, from);
	}
	plan->asked.begun = false;
	TRY(kept_iter_next(&plan->asked.iter, &extent, ret_more));
	if (!*ret_more)
		return NULL;
	plan->asked.begun = true;
	plan->asked.next = extent.start + extent.count;
	*ret_start = extent.start;
	*ret_count = extent.count;
	return NULL;
}
