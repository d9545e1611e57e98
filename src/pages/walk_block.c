/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which block begins at a page: one that a list names, a compound page, a free block, or single
 * pages that share a verdict.
 */
#include <string.h>

#include "base/checked.h"
#include "pages/compound.h"
#include "pages/walk_inside.h"

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

/* The struct page behind that of @pfn, or NULL; the one of @pfn stays valid. */
static struct vmc_error *struct_behind(struct vmc_page_walk *walk, vmc_pfn pfn,
				       const uint8_t **ret_bytes)
{
	/* Mostly they were read together. */
	if (structs_has(&walk->structs, pfn) && structs_has(&walk->structs, pfn + 1))
		return structs_at(&walk->structs, pfn + 1, ret_bytes);
	return structs_at(&walk->aside, pfn + 1, ret_bytes);
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
	if (!page_is_head(&page)) {
		*ret_verdict = scan_judge(&walk->scan, &page);
		return NULL;
	}
	if (!page_is_uninitialised(&page)) {
		const uint8_t *next;

		TRY(struct_behind(walk, pfn, &next));
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

	end = min_u64(end, walk->limit);
	if (walk->unaccepted.count)
		end = min_u64(end,
			      next_listed(&walk->unaccepted, walk->unaccepted_cursor, walk->pfn));
	if (walk->pcp.blocks.count)
		end = min_u64(end, next_listed(&walk->pcp.blocks, walk->pcp_cursor, walk->pfn));
	for (;;) {
		const uint8_t *bytes =
			span->bytes + (walk->block_end - span->start) * c->struct_size;

		/* The page before says which are alike. */
		struct page_view before = page_view(c, walk->block_end - 1, bytes - c->struct_size);

		walk->block_end += scan_alike(&walk->scan, &before, bytes, end - walk->block_end);
		if (walk->block_end == end)
			return NULL;
		bytes = span->bytes + (walk->block_end - span->start) * c->struct_size;

		struct page_view page = page_view(c, walk->block_end, bytes);

		if (page_is_head(&page) || page_is_tail(&page))
			return NULL;
		walk->judged_pfn = walk->block_end;
		walk->judged = scan_judge(&walk->scan, &page);
		if (walk->judged.order || walk->judged.rule != walk->verdict.rule)
			return NULL;
		walk->block_end++;
	}
}

static struct vmc_error *begin_judged(struct vmc_page_walk *walk, const struct struct_span *span)
{
	struct page_view page = page_view(&walk->classifier, walk->pfn, span->bytes);
	struct verdict verdict = walk->judged;
	vmc_pfn head;
	bool judged = true;

	if (walk->judged_pfn == walk->pfn) {
		begin_block(walk, verdict, (uint64_t)1 << verdict.order);
		return verdict.order || walk->seeking ? NULL : extend_single(walk, span);
	}
	if (page_is_tail(&page) && !page_is_uninitialised(&page)) {
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

struct vmc_error *walk_begin_block(struct vmc_page_walk *walk)
{
	const struct block *listed;
	struct struct_span span;

	if (walk->seeking) { /* which goes back as well */
		walk->unaccepted_cursor = blocks_index(&walk->unaccepted, walk->pfn);
		walk->pcp_cursor = blocks_index(&walk->pcp.blocks, walk->pfn);
	}
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
