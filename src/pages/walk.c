/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over all memory: block by block as the kernel made them, each judged by the struct page
 * that speaks for it.
 */
#include <inttypes.h>

#include "base/checked.h"
#include "pages/compound.h"
#include "pages/unaccepted.h"
#include "pages/walk_inside.h"

static void list_damaged(void *arg, const struct zone *zone, const char *name,
			 const struct page_list *list)
{
	const struct vmc_page_walk *walk = arg;

	log_warning(&walk->target->dump->log,
		    "%s of zone %u of node %u: entry %" PRIu64 " at 0x%" PRIx64
		    " is damaged; the blocks behind it are kept",
		    name, zone->index, zone->node_id, list->passed, list->entry);
}

/* A list that cannot be looked for is told of, and what is on it counts as what its struct pages
 * say. */
static struct vmc_error *warn(const struct vmc_page_walk *walk, const char *what,
			      struct vmc_error *err)
{
	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	log_warning(&walk->target->dump->log, "%s: %s", what, vmc_error_message(err));
	vmc_error_free(err);
	return NULL;
}

static struct vmc_error *collect_lists(struct vmc_page_walk *walk, bool pcp_lists)
{
	struct list_watch watch = {.damaged = list_damaged, .arg = walk};
	struct vmc_error *err;
	size_t lists;

	TRY(warn(walk, "lists of unaccepted memory",
		 unaccepted_collect(walk->memmap, walk->classifier.max_order, &watch,
				    &walk->unaccepted, &lists)));
	if (!pcp_lists)
		return NULL;
	err = pcp_collect(walk->memmap, &watch, &walk->pcp);
	if (err)
		pcp_deinit(&walk->pcp);
	return warn(walk, "per-CPU free lists", err);
}

struct vmc_error *vmc_page_walk_create(struct vmc_target *target,
				       const struct vmc_page_walk_options *options,
				       struct vmc_page_walk **ret_walk)
{
	_cleanup_free_ struct vmc_page_walk *walk = calloc(1, sizeof(*walk));
	struct vmc_error *err;

	if (!walk)
		return error_nomem();
	walk->target = target;
	walk->whole_blocks = VMC_STATES_FORBIDDEN | (options ? options->whole_blocks : 0);
	walk->limit = walk->judged_pfn = UINT64_MAX;
	err = classifier_init(&walk->classifier, target);
	if (!err)
		err = memmap_create(target, &walk->memmap);
	if (!err)
		err = structs_init(&walk->structs, walk->memmap);
	if (!err)
		err = structs_init(&walk->aside, walk->memmap);
	if (!err)
		err = collect_lists(walk, options && options->pcp_lists);
	rule_set_init(&walk->rules, &walk->classifier);
	scan_init(&walk->scan, &walk->classifier, &walk->rules);
	if (err) {
		vmc_page_walk_destroy(take_ptr(walk));
		return err;
	}
	*ret_walk = take_ptr(walk);
	return NULL;
}

struct vmc_error *page_walk_fork(const struct vmc_page_walk *walk, struct vmc_page_walk **ret_fork)
{
	_cleanup_(vmc_page_walk_destroy) struct vmc_page_walk *fork = calloc(1, sizeof(*fork));

	if (!fork)
		return error_nomem();
	fork->is_fork = true;
	fork->target = walk->target;
	fork->whole_blocks = walk->whole_blocks;
	fork->limit = fork->judged_pfn = UINT64_MAX;
	fork->classifier = walk->classifier;
	fork->rules = walk->rules;
	scan_init(&fork->scan, &fork->classifier, &fork->rules);
	fork->unaccepted = walk->unaccepted;
	fork->pcp = walk->pcp;
	TRY(memmap_copy(walk->memmap, &fork->memmap));
	TRY(structs_init(&fork->structs, fork->memmap));
	TRY(structs_init(&fork->aside, fork->memmap));
	*ret_fork = take_ptr(fork);
	return NULL;
}

void vmc_page_walk_destroy(struct vmc_page_walk *walk)
{
	if (!walk)
		return;
	structs_deinit(&walk->structs);
	structs_deinit(&walk->aside);
	if (!walk->is_fork) {
		blocks_deinit(&walk->unaccepted);
		pcp_deinit(&walk->pcp);
	}
	memmap_destroy(walk->memmap);
	free(walk);
}

bool vmc_page_walk_has_pcp_lists(const struct vmc_page_walk *walk)
{
	return walk->pcp.lists;
}

uint64_t vmc_page_walk_unreadable(const struct vmc_page_walk *walk)
{
	return walk->unreadable + walk->structs.unreadable;
}

uint64_t page_walk_vanished(const struct vmc_page_walk *walk)
{
	return walk->structs.unreadable;
}

/* Cuts a run of the block, of @count pages at most, where the hwpoison flag changes: a machine
 * check marks a page inside a free block, a huge page or a slab, and splits nothing. */
static struct vmc_error *cut_at_hwpoison(struct vmc_page_walk *walk, uint64_t *count,
					 struct verdict *verdict)
{
	struct struct_span span;

	TRY(structs_span(&walk->structs, walk->pfn, &span));
	if (span.kind != MEMMAP_PRESENT) {
		*count = min_u64(*count, span.count);
		*verdict = (struct verdict){.state = VMC_PAGE_UNKNOWN, .rule = RULE_MAP_UNREADABLE};
		return NULL;
	}

	const struct classifier *c = &walk->classifier;

	*count = scan_flag(c, c->hwpoison_mask, span.bytes, min_u64(*count, span.count));
	if (load_word(c->layout, span.bytes + c->flags) & c->hwpoison_mask)
		*verdict = (struct verdict){.state = VMC_PAGE_HWPOISON, .rule = RULE_HWPOISON};
	return NULL;
}

/* Does every page of the current block have to be looked at? */
static bool needs_look_inside(const struct vmc_page_walk *walk)
{
	return walk->verdict.order && walk->classifier.hwpoison_mask &&
	       !(walk->whole_blocks & VMC_STATE_BIT(walk->verdict.state));
}

struct vmc_error *vmc_page_walk_next(struct vmc_page_walk *walk, struct vmc_page_run *ret_run,
				     bool *ret_more)
{
	if (walk->pfn - walk->memory.start >= walk->memory.count) {
		*ret_more = vmc_dump_next_run(walk->target->dump, walk->pfn, &walk->memory);
		if (!*ret_more)
			return structs_leave(&walk->structs);
		walk->pfn = walk->memory.start;
	}
	*ret_more = walk->pfn < walk->limit;
	if (!*ret_more)
		return structs_leave(&walk->structs);
	if (walk->pfn >= walk->block_end)
		TRY(walk_begin_block(walk));

	struct verdict verdict = walk->verdict;
	uint64_t count = min_u64(walk->block_end - walk->pfn,
				 walk->memory.count - (walk->pfn - walk->memory.start));

	count = min_u64(count, walk->limit - walk->pfn);

	if (needs_look_inside(walk))
		TRY(cut_at_hwpoison(walk, &count, &verdict));
	if (verdict.rule == RULE_MAP_UNREADABLE)
		walk->unreadable += count;
	*ret_run = (struct vmc_page_run){
		.start = walk->pfn,
		.count = count,
		.state = verdict.state,
		.memory = walk->memory.kind,
		.order = verdict.order,
		.rule = verdict.rule,
	};
	walk->pfn += count;
	return NULL;
}

/* Finds out about the block that begins at @start, or where memory begins again behind that, and
 * whether it reaches to @pfn. */
static struct vmc_error *try_block(struct vmc_page_walk *walk, vmc_pfn start, vmc_pfn pfn,
				   bool *ret_holds)
{
	if (!vmc_dump_next_run(walk->target->dump, start, &walk->memory))
		return NULL;
	walk->pfn = max_u64(start, walk->memory.start);
	TRY(walk_begin_block(walk));
	*ret_holds = walk->pfn <= pfn && pfn < walk->block_end;
	return NULL;
}

/* Blocks of more than one page are aligned to their size, whatever makes them, so one that holds
 * @pfn begins at that number with low bits cleared.  The largest is looked for first: what looks
 * like a block inside another is left over from before.  As in a walk from the start, a block is
 * seen from its first page that is memory on. */
static struct vmc_error *find_block(struct vmc_page_walk *walk, vmc_pfn pfn)
{
	unsigned int order = (unsigned int)max_u64(COMPOUND_ORDER_MAX, walk->classifier.max_order);
	vmc_pfn tried = UINT64_MAX;
	bool holds = false;

	walk->seeking = true;
	for (; order > 0 && !holds; order--) {
		vmc_pfn start = align_down(pfn, (uint64_t)1 << order);

		if (start != tried)
			TRY(try_block(walk, start, pfn, &holds));
		tried = start;
	}
	walk->seeking = false;
	return holds ? NULL : try_block(walk, pfn, pfn, &holds);
}

struct vmc_error *vmc_page_walk_seek(struct vmc_page_walk *walk, vmc_pfn pfn)
{
	struct vmc_memory_run memory;

	walk->pfn = walk->block_end = pfn;
	walk->memory = (struct vmc_memory_run){.start = pfn};
	if (!vmc_dump_next_run(walk->target->dump, pfn, &memory))
		return NULL;
	pfn = max_u64(pfn, memory.start);

	struct vmc_error *err = find_block(walk, pfn);

	walk->seeking = false;
	walk->pfn = pfn;
	walk->memory = memory;
	return err;
}

struct vmc_error *page_walk_between(struct vmc_page_walk *walk, vmc_pfn start, vmc_pfn end)
{
	walk->limit = end;
	return vmc_page_walk_seek(walk, start);
}

struct verdict page_walk_block(const struct vmc_page_walk *walk)
{
	return walk->verdict;
}

const struct classifier *page_walk_classifier(const struct vmc_page_walk *walk)
{
	return &walk->classifier;
}

const struct rule_set *page_walk_rules(const struct vmc_page_walk *walk)
{
	return &walk->rules;
}

struct memmap *page_walk_memmap(const struct vmc_page_walk *walk)
{
	return walk->memmap;
}

const struct blocks *page_walk_unaccepted(const struct vmc_page_walk *walk)
{
	return &walk->unaccepted;
}

const struct blocks *page_walk_pcp(const struct vmc_page_walk *walk)
{
	return &walk->pcp.blocks;
}
