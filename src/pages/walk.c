/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over all memory: block by block as the kernel made them, each judged by the struct page
 * that speaks for it.
 */
#include "pages/walk.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "pages/classifier.h"
#include "pages/compound.h"
#include "pages/pcp.h"
#include "pages/rules.h"
#include "pages/structs.h"
#include "pages/unaccepted.h"

struct vmc_page_walk {
	struct vmc_target *target;
	uint32_t whole_blocks;
	struct memmap *memmap;
	struct structs structs; /* in order of the walk */
	struct structs aside;   /* single struct pages elsewhere: first tails, heads behind us */
	struct classifier classifier;
	struct rule_set rules;
	struct blocks unaccepted; /* on lists; some kernels mark it nowhere else */
	size_t unaccepted_cursor;
	struct pcp pcp; /* when asked for */
	size_t pcp_cursor;

	vmc_pfn pfn;                  /* the next page to tell of */
	struct vmc_memory_run memory; /* the run of memory it is in, once started */

	/* The block that we are in: pfn is below its end. */
	struct verdict verdict;
	vmc_pfn block_end;
	bool seeking; /* single pages are not joined */
	uint64_t unreadable;
};

static void list_damaged(void *arg, const struct zone *zone, const char *name,
			 const struct page_list *list)
{
	const struct vmc_page_walk *walk = arg;

	log_warning(&walk->target->dump->log,
		    "%s of zone %u of node %u: entry %" PRIu64 " at 0x%" PRIx64
		    " is damaged; the blocks behind it are kept",
		    name, zone->index, zone->node_id, list->passed, list->entry);
}

/* Without them the pages on such lists are kernel memory, as in any filter. */
static struct vmc_error *collect_pcp(struct vmc_page_walk *walk, const struct list_watch *watch)
{
	struct vmc_error *err = pcp_collect(walk->memmap, watch, &walk->pcp);

	if (!err || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	log_warning(&walk->target->dump->log, "per-CPU free lists: %s", vmc_error_message(err));
	vmc_error_free(err);
	pcp_deinit(&walk->pcp);
	return NULL;
}

static struct vmc_error *collect_lists(struct vmc_page_walk *walk, bool pcp_lists)
{
	struct list_watch watch = {.damaged = list_damaged, .arg = walk};
	size_t lists;

	TRY(error_context(unaccepted_collect(walk->memmap, walk->classifier.max_order, &watch,
					     &walk->unaccepted, &lists),
			  "unaccepted memory"));
	return pcp_lists ? collect_pcp(walk, &watch) : NULL;
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
	if (err) {
		vmc_page_walk_destroy(take_ptr(walk));
		return err;
	}
	*ret_walk = take_ptr(walk);
	return NULL;
}

void vmc_page_walk_destroy(struct vmc_page_walk *walk)
{
	if (!walk)
		return;
	structs_deinit(&walk->structs);
	structs_deinit(&walk->aside);
	blocks_deinit(&walk->unaccepted);
	pcp_deinit(&walk->pcp);
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

/* A block from the current pfn on. */
static void begin_block(struct vmc_page_walk *walk, struct verdict verdict, uint64_t count)
{
	walk->verdict = verdict;
	walk->block_end = walk->pfn + count;
}

static void begin_unknown(struct vmc_page_walk *walk, enum walk_rule rule, uint64_t count)
{
	begin_block(walk, (struct verdict){.state = VMC_PAGE_UNKNOWN, .rule = rule}, count);
}

/* A page whose compound page contradicts itself is kept, unless it says itself that it must not be
 * read.  Of a tail only the hwpoison flag is its own. */
static void begin_contradiction(struct vmc_page_walk *walk, const struct page_view *page)
{
	struct verdict verdict = {.state = VMC_PAGE_UNKNOWN, .rule = RULE_BAD_COMPOUND};
	struct verdict own = rule_set_judge(&walk->rules, page, 0);

	if (own.state == VMC_PAGE_HWPOISON ||
	    (!page_is_tail(page) && (VMC_STATES_FORBIDDEN & VMC_STATE_BIT(own.state))))
		verdict = own;
	begin_block(walk, verdict, (uint64_t)1 << verdict.order);
}

/* Judges a page that is no tail.  *ret_judged is false when it is a head that contradicts its tail:
 * then *ret_head may be another head that this one's tail points to. */
static struct vmc_error *judge(struct vmc_page_walk *walk, vmc_pfn pfn, const uint8_t *bytes,
			       vmc_vaddr address, struct verdict *ret_verdict, bool *ret_judged,
			       vmc_pfn *ret_head)
{
	struct page_view page = page_view(&walk->classifier, pfn, bytes);
	unsigned int order = 0;

	*ret_judged = true;
	*ret_head = pfn;
	/* Struct pages that were never initialised have all flags set, PG_head too. */
	if (page_is_head(&page) && ~page.flags) {
		const uint8_t *next;

		TRY(structs_at(&walk->aside, pfn + 1, &next));
		if (!next || !head_find_order(&page, next, address, &order)) {
			*ret_judged = false;
			if (next) {
				struct page_view tail = page_view(&walk->classifier, pfn + 1, next);

				if (!page_is_tail(&tail) ||
				    !tail_find_head(&tail, address + walk->classifier.struct_size,
						    ret_head))
					*ret_head = pfn;
			}
			return NULL;
		}
		page.next = next;
	}
	*ret_verdict = rule_set_judge(&walk->rules, &page, order);
	return NULL;
}

/* @current, the current page, is, or seems to be, a tail of @head, which lies behind us: the walk
 * starts in the middle of a compound page.  It inherits what the head says, if the head agrees. */
static struct vmc_error *begin_inherited(struct vmc_page_walk *walk,
					 const struct page_view *current, vmc_pfn head)
{
	const uint8_t *bytes = NULL;
	struct verdict verdict;
	bool judged = false;
	vmc_pfn other;

	if (head < walk->pfn)
		TRY(structs_at(&walk->aside, head, &bytes));
	if (bytes) {
		/* The bytes are gone once the first tail is looked at. */
		uint8_t copy[STRUCT_PAGE_MAX];
		vmc_vaddr address = walk->aside.span.address +
				    (head - walk->aside.span.start) * walk->classifier.struct_size;

		memcpy(copy, bytes, walk->classifier.struct_size);
		struct page_view page = page_view(&walk->classifier, head, copy);

		if (page_is_head(&page))
			TRY(judge(walk, head, copy, address, &verdict, &judged, &other));
	}
	if (!judged || walk->pfn - head >= (uint64_t)1 << verdict.order)
		begin_contradiction(walk, current);
	else
		begin_block(walk, verdict, ((uint64_t)1 << verdict.order) - (walk->pfn - head));
	return NULL;
}

/* Where the first listed block above @pfn begins. */
static vmc_pfn next_listed(const struct blocks *blocks, size_t cursor, vmc_pfn pfn)
{
	const struct block *block = blocks_seek(blocks, &cursor, pfn);

	if (block && block->pfn <= pfn)
		block = blocks_seek(blocks, &cursor, block->pfn + ((uint64_t)1 << block->order));
	return block ? block->pfn : UINT64_MAX;
}

/* Blocks of one page that share a verdict become one run. */
static struct vmc_error *extend_single(struct vmc_page_walk *walk, const struct struct_span *span)
{
	const struct classifier *c = &walk->classifier;
	vmc_pfn end = min_u64(span->start + span->count, walk->memory.start + walk->memory.count);

	end = min_u64(end, next_listed(&walk->unaccepted, walk->unaccepted_cursor, walk->pfn));
	end = min_u64(end, next_listed(&walk->pcp.blocks, walk->pcp_cursor, walk->pfn));
	while (walk->block_end < end) {
		const uint8_t *bytes =
			span->bytes + (walk->block_end - span->start) * c->struct_size;
		struct page_view page = page_view(c, walk->block_end, bytes);

		if (page_is_head(&page) || page_is_tail(&page))
			return NULL;

		struct verdict verdict = rule_set_judge(&walk->rules, &page, 0);

		if (verdict.order || verdict.rule != walk->verdict.rule)
			return NULL;
		walk->block_end++;
	}
	return NULL;
}

static struct vmc_error *begin_judged(struct vmc_page_walk *walk, const struct struct_span *span)
{
	struct page_view page = page_view(&walk->classifier, walk->pfn, span->bytes);
	struct verdict verdict;
	vmc_pfn head;
	bool judged;

	if (page_is_tail(&page) && ~page.flags) {
		if (!tail_find_head(&page, span->address, &head))
			head = walk->pfn;
		return begin_inherited(walk, &page, head);
	}
	TRY(judge(walk, walk->pfn, span->bytes, span->address, &verdict, &judged, &head));
	/* Memory of a hugetlb page given back to the system makes its tails look like heads (5.14
	 * to 7.0): their own first tail tells. */
	if (!judged)
		return begin_inherited(walk, &page, head);
	begin_block(walk, verdict, (uint64_t)1 << verdict.order);
	return verdict.order || walk->seeking ? NULL : extend_single(walk, span);
}

/* The verdict on a block of unaccepted memory that is on a list.  Being there is enough, whatever
 * its struct page says: memory that the list names must not be read.  That the page type says the
 * same is the better reason. */
static struct vmc_error *begin_unaccepted(struct vmc_page_walk *walk, const struct block *block)
{
	struct verdict verdict = {
		.state = VMC_PAGE_UNACCEPTED,
		.rule = RULE_UNACCEPTED_LIST,
		.order = block->order,
	};
	const uint8_t *bytes;

	TRY(structs_at(&walk->aside, block->pfn, &bytes));
	if (bytes) {
		struct page_view head = page_view(&walk->classifier, block->pfn, bytes);

		if (page_has_type(&head, walk->classifier.unaccepted))
			verdict.rule = rule_set_judge(&walk->rules, &head, 0).rule;
	}
	begin_block(walk, verdict, block->pfn + ((uint64_t)1 << block->order) - walk->pfn);
	return NULL;
}

/* Nothing in its struct page must speak against it: it is in no use, by nobody. */
static bool may_be_free(const struct vmc_page_walk *walk, const struct page_view *page)
{
	const struct classifier *c = &walk->classifier;

	return !page_is_head(page) && !page_is_tail(page) &&
	       rule_set_judge(&walk->rules, page, 0).state == VMC_PAGE_KERNEL &&
	       page->type == UINT32_MAX &&
	       (!c->has_refcount || !load_u32(c->layout, page->bytes + c->refcount));
}

/* *ret_begun is false when the struct pages contradict the per-CPU list that has the block. */
static struct vmc_error *begin_pcp(struct vmc_page_walk *walk, const struct block *block,
				   bool *ret_begun)
{
	*ret_begun = false;
	for (uint64_t i = 0; i < (uint64_t)1 << block->order; i++) {
		const uint8_t *bytes;

		TRY(structs_at(&walk->aside, block->pfn + i, &bytes));
		if (!bytes)
			return NULL;

		struct page_view page = page_view(&walk->classifier, block->pfn + i, bytes);

		if (!may_be_free(walk, &page))
			return NULL;
	}
	begin_block(walk,
		    (struct verdict){.state = VMC_PAGE_FREE_PCP,
				     .rule = RULE_PCP_LIST,
				     .order = block->order},
		    block->pfn + ((uint64_t)1 << block->order) - walk->pfn);
	*ret_begun = true;
	return NULL;
}

/* Finds out about the block that begins at the current page. */
static struct vmc_error *begin_next(struct vmc_page_walk *walk)
{
	const struct block *listed;
	struct struct_span span;

	if (walk->seeking) /* which goes back as well */
		walk->unaccepted_cursor = walk->pcp_cursor = 0;
	listed = blocks_seek(&walk->unaccepted, &walk->unaccepted_cursor, walk->pfn);
	if (listed && listed->pfn <= walk->pfn)
		return begin_unaccepted(walk, listed);
	listed = blocks_seek(&walk->pcp.blocks, &walk->pcp_cursor, walk->pfn);
	if (listed && listed->pfn <= walk->pfn) {
		bool begun;

		TRY(begin_pcp(walk, listed, &begun));
		if (begun)
			return NULL;
	}
	TRY(structs_span(&walk->structs, walk->pfn, &span));
	switch (span.kind) {
	case MEMMAP_PRESENT:
		return begin_judged(walk, &span);
	case MEMMAP_NONE:
		begin_unknown(walk, RULE_NO_MEMMAP, span.count);
		break;
	case MEMMAP_OFFLINE:
		begin_block(walk,
			    (struct verdict){.state = VMC_PAGE_OFFLINE_SECTION,
					     .rule = RULE_SECTION_OFFLINE},
			    span.count);
		break;
	case MEMMAP_UNREADABLE:
		begin_unknown(walk, RULE_MAP_UNREADABLE, span.count);
		break;
	}
	return NULL;
}

static bool is_poisoned(const struct vmc_page_walk *walk, const struct struct_span *span,
			vmc_pfn pfn)
{
	const uint8_t *bytes = span->bytes + (pfn - span->start) * walk->classifier.struct_size;
	uint64_t flags = load_word(walk->classifier.layout, bytes + walk->classifier.flags);

	return flags & walk->classifier.hwpoison_mask;
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

	bool poisoned = is_poisoned(walk, &span, walk->pfn);
	vmc_pfn end = walk->pfn + min_u64(*count, span.count);
	vmc_pfn pfn = walk->pfn + 1;

	while (pfn < end && is_poisoned(walk, &span, pfn) == poisoned)
		pfn++;
	*count = pfn - walk->pfn;
	if (poisoned)
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
			return NULL;
		walk->pfn = walk->memory.start;
	}
	*ret_more = true;
	if (walk->pfn >= walk->block_end)
		TRY(begin_next(walk));

	struct verdict verdict = walk->verdict;
	uint64_t count = min_u64(walk->block_end - walk->pfn,
				 walk->memory.count - (walk->pfn - walk->memory.start));

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
	TRY(begin_next(walk));
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
