/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/explain/explain.h"

#include "audit/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/zero.h"
#include "pages/compound.h"
#include "pages/near.h"

#define LEVELS 32

static struct vmc_error *explainer_open_map(struct vmc_explainer *explainer)
{
	const struct vmc_page_walk_options options = {.pcp_lists = true};

	TRY(vmc_page_walk_create(explainer->target, &options, &explainer->walk));

	struct memmap *memmap = page_walk_memmap(explainer->walk);

	explainer->zones.target = explainer->target;
	explainer->zones.memmap = memmap;
	TRY(structs_init(&explainer->structs, memmap));
	return audit_read_zones(&explainer->zones);
}

struct vmc_error *vmc_explainer_create(struct vmc_target *target,
				       struct vmc_explainer **ret_explainer)
{
	_cleanup_free_ struct vmc_explainer *explainer = calloc(1, sizeof(*explainer));
	struct vmc_error *err;

	if (!explainer)
		return error_nomem();
	explainer->target = target;
	attribute_masks_init(&explainer->masks, &target->facts);
	explainer->known_flags = explain_known_flags(&target->facts, &explainer->flags_end);
	explainer->content = malloc((size_t)1 << target->page_shift);
	err = explainer->content ? vmc_dump_cursor_create(target->dump, &explainer->cursor)
				 : error_nomem();
	if (!err)
		err = target_reader_create(target, &explainer->reader);
	if (!err)
		err = explainer_open_map(explainer);
	/* What the dump itself has of a page can be told all the same. */
	if (err && vmc_error_code(err) != VMC_ERR_NOMEM && explainer->reader && !explainer->walk) {
		explainer->problem = err;
		err = NULL;
	}
	if (err) {
		vmc_explainer_destroy(take_ptr(explainer));
		return err;
	}
	*ret_explainer = take_ptr(explainer);
	return NULL;
}

void vmc_explainer_destroy(struct vmc_explainer *explainer)
{
	if (!explainer)
		return;
	place_deinit(&explainer->zones.place);
	free(explainer->zones.zones);
	free(explainer->zones.zone_list);
	structs_deinit(&explainer->structs);
	vmc_page_walk_destroy(explainer->walk);
	target_reader_destroy(explainer->reader);
	vmc_dump_cursor_destroy(explainer->cursor);
	vmc_error_free(explainer->problem);
	free(explainer->content);
	free(explainer);
}

const char *vmc_explainer_problem(const struct vmc_explainer *explainer)
{
	return explainer->problem ? vmc_error_message(explainer->problem) : NULL;
}

static bool is_in_list(const struct blocks *blocks, vmc_pfn pfn)
{
	return blocks_find(blocks, pfn) != NULL;
}

void explain_near(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	const struct vmc_page_walk *walk = page->explainer->walk;
	struct near_miss misses[VMC_EXPLAIN_NEAR];
	const struct near_page near = {
		.page = &page->view,
		.rules = page_walk_rules(walk),
		.verdict = page->verdict,
		.own = page->own,
		.block = page->block,
		.inside = ret->block_start != page->pfn,
		.has_refcount = ret->has_refcount,
		.refcount = (uint32_t)ret->refcount,
		.known_flags = page->explainer->known_flags,
		.lists_known = page_walk_unaccepted(walk)->count,
		.listed = is_in_list(page_walk_unaccepted(walk), page->pfn),
		.pcp_known = vmc_page_walk_has_pcp_lists(walk),
		.pcp_listed = is_in_list(page_walk_pcp(walk), page->pfn),
	};

	ret->near_count = (unsigned int)near_misses_find(&near, misses, VMC_EXPLAIN_NEAR);
	for (unsigned int i = 0; i < ret->near_count; i++) {
		ret->near[i].name = misses[i].name;
		ret->near[i].rule = misses[i].rule;
		explain_say(ret->near[i].text, "%s%s%s", misses[i].sentence,
			    *misses[i].detail ? ": " : "", misses[i].detail);
	}
}

/* The state that the page would have on its own, were its memory good. */
static struct verdict judge_alone(const struct page_at_hand *page)
{
	struct classifier unpoisoned = *page->c;
	struct page_view view = page->view;

	unpoisoned.hwpoison_mask = 0;
	view.c = &unpoisoned;
	return rule_set_judge(page_walk_rules(page->explainer->walk), &view, 0);
}

/* The struct page, if there is one to be read. */
static struct vmc_error *read_struct(struct page_at_hand *page, struct vmc_explanation *ret)
{
	struct memmap *memmap = page_walk_memmap(page->explainer->walk);
	struct memmap_run run;

	TRY(memmap_find(memmap, page->pfn, &run));
	ret->struct_page =
		run.kind == MEMMAP_NONE ? VMC_STRUCT_PAGE_NONE : VMC_STRUCT_PAGE_UNREADABLE;
	if (run.kind != MEMMAP_PRESENT && run.kind != MEMMAP_OFFLINE)
		return NULL;
	page->address = ret->struct_address =
		run.structs + (page->pfn - run.start) * page->c->struct_size;

	struct vmc_error *err =
		target_read(memmap->reader, page->address, page->bytes, page->c->struct_size);

	if (err)
		return unless_nomem(err);
	page->view = page_view(page->c, page->pfn, page->bytes);
	ret->struct_page =
		run.kind == MEMMAP_PRESENT ? VMC_STRUCT_PAGE_READ : VMC_STRUCT_PAGE_UNTRUSTED;
	return NULL;
}

static bool has_struct(const struct vmc_explanation *explanation)
{
	return explanation->struct_page == VMC_STRUCT_PAGE_READ ||
	       explanation->struct_page == VMC_STRUCT_PAGE_UNTRUSTED;
}

static void explain_block(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	const char *what = NULL;

	ret->block_state = page->block.state;
	ret->block_order = page->block.order;
	ret->block_count = (uint64_t)1 << page->block.order;
	ret->block_start = align_down(page->pfn, ret->block_count);
	if (page->block.rule == RULE_BAD_COMPOUND) {
		explain_say(ret->block_why, "of a compound page that contradicts itself");
		return;
	}
	switch (page->block.state) {
	case VMC_PAGE_FREE:
		what = "free block";
		break;
	case VMC_PAGE_FREE_PCP:
		what = "free block on a list of one CPU";
		break;
	case VMC_PAGE_UNACCEPTED:
		what = "unaccepted block";
		break;
	default:
		what = page->block.order ? "compound page" : "single page";
	}
	explain_say(ret->block_why, "%s", what);
}

/* Of an offline section the whole is told. */
static struct vmc_error *explain_section(const struct page_at_hand *page,
					 struct vmc_explanation *ret)
{
	struct memmap_run run;

	if (page->verdict.rule != RULE_SECTION_OFFLINE)
		return NULL;
	TRY(memmap_find(page_walk_memmap(page->explainer->walk), page->pfn, &run));
	ret->block_start = run.start;
	ret->block_count = run.count;
	explain_say(ret->block_why, "memory section that is offline");
	return NULL;
}

static struct vmc_error *explain_state(struct page_at_hand *page, struct vmc_explanation *ret)
{
	struct vmc_page_walk *walk = page->explainer->walk;
	struct vmc_page_run run;
	bool more;

	TRY(vmc_page_walk_seek(walk, page->pfn));
	page->block = page_walk_block(walk);
	TRY(vmc_page_walk_next(walk, &run, &more));
	page->verdict = (struct verdict){.state = run.state, .order = run.order, .rule = run.rule};
	ret->state = run.state;
	ret->rule = vmc_page_rule(run.rule);
	explain_block(page, ret);
	return explain_section(page, ret);
}

static struct vmc_error *explain_zone(struct page_at_hand *page, struct vmc_explanation *ret)
{
	const struct vmc_audit *zones = &page->explainer->zones;
	int32_t zone = place_zone(&zones->place, page->view.flags);

	if (zone < 0 || (size_t)zone >= zones->zone_count || page_is_uninitialised(&page->view))
		return NULL;
	ret->node = zones->zones[zone].node;
	ret->zone = (int)zones->zones[zone].index;
	snprintf(ret->zone_name, sizeof(ret->zone_name), "%s", zones->zones[zone].name);
	return NULL;
}

static bool decided_by(const struct vmc_explanation *explanation, const char *rule)
{
	return explanation->rule && !strcmp(explanation->rule->name, rule);
}

static struct vmc_error *explain_attributes(struct page_at_hand *page, struct vmc_explanation *ret)
{
	const struct vmc_explainer *explainer = page->explainer;
	struct folio folio;

	if (ret->state == VMC_PAGE_OFFLINE_SECTION)
		ret->attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SECTION);
	if (decided_by(ret, "double-typed") || decided_by(ret, "bad-double-typed"))
		ret->attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_DOUBLE_TYPED);
	if (ret->struct_page != VMC_STRUCT_PAGE_READ || !ret->present)
		return NULL;
	TRY(folio_read(&explainer->masks, page->c, &page->explainer->structs, ret->block_start,
		       ret->block_order, page->verdict.state, &folio));
	ret->attributes |= page_attributes(&explainer->masks, page->c, page->verdict.state,
					   page->view.flags, &folio);
	return NULL;
}

static struct vmc_error *explain_levels(struct vmc_explanation *ret)
{
	uint32_t state = VMC_STATE_BIT(ret->state);

	ret->forbidden = VMC_STATES_FORBIDDEN & state;
	for (int level = 0; level < LEVELS; level++) {
		struct vmc_filter_policy policy;

		TRY(vmc_filter_policy_from_level(level, &policy));
		if (!(policy.drop & state))
			ret->levels |= (uint32_t)1 << level;
	}
	return NULL;
}

/* Is it filled with zeros?  What must not be read is not read for that either. */
static struct vmc_error *explain_zero(struct vmc_explainer *explainer, struct vmc_explanation *ret)
{
	size_t size = (size_t)1 << explainer->target->page_shift;

	if (!ret->present || ret->memory != VMC_MEMORY_DATA || ret->forbidden || !explainer->walk)
		return NULL;

	struct vmc_error *err =
		vmc_dump_read(explainer->cursor, ret->address, explainer->content, size);

	if (err)
		return unless_nomem(err);
	ret->zero = page_is_zero(explainer->content, size);
	if (ret->zero)
		ret->attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ZERO);
	return NULL;
}

static struct vmc_error *explain_struct(struct page_at_hand *page, struct vmc_explanation *ret)
{
	bool judged = ret->present && ret->struct_page == VMC_STRUCT_PAGE_READ;

	TRY(explain_compound(page, ret));
	page->own = judge_alone(page);
	if (!judged)
		page->verdict = page->block = page->own;
	explain_traits(page, ret);
	explain_type(page, ret);
	explain_mapping(page, ret);
	explain_flags(page, ret);
	TRY(explain_fields(page, ret));
	TRY(explain_zone(page, ret));
	if (judged)
		explain_near(page, ret);
	return NULL;
}

static struct vmc_error *explain_with_map(struct page_at_hand *page, struct vmc_explanation *ret)
{
	if (ret->present)
		TRY(explain_state(page, ret));
	TRY(read_struct(page, ret));
	if (has_struct(ret))
		TRY(explain_struct(page, ret));
	TRY(explain_attributes(page, ret));
	return ret->present ? explain_levels(ret) : NULL;
}

struct vmc_error *vmc_explain_page(struct vmc_explainer *explainer, vmc_pfn pfn,
				   struct vmc_explanation *ret_explanation)
{
	_cleanup_free_ struct page_at_hand *page = calloc(1, sizeof(*page));
	_cleanup_free_ struct vmc_explanation *explanation = calloc(1, sizeof(*explanation));
	struct vmc_memory_run memory;

	if (!page || !explanation)
		return error_nomem();
	if (pfn >> (63 - explainer->target->page_shift))
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_PFN, pfn,
				       "no machine has as much memory");
	*page = (struct page_at_hand){.explainer = explainer, .pfn = pfn};
	*explanation = (struct vmc_explanation){
		.pfn = pfn,
		.address = pfn << explainer->target->page_shift,
		.zero = -1,
		.state = VMC_AUDIT_ABSENT,
		.block_start = pfn,
		.block_count = 1,
		.block_state = VMC_AUDIT_ABSENT,
		.node = -1,
		.zone = -1,
		.flags_end = 64,
		.struct_page = VMC_STRUCT_PAGE_NO_MAP,
	};
	if (vmc_dump_next_run(explainer->target->dump, pfn, &memory) && memory.start <= pfn) {
		explanation->present = true;
		explanation->memory = memory.kind;
		explanation->state = explanation->block_state = VMC_PAGE_UNKNOWN;
	}
	if (explainer->walk) {
		page->c = page_walk_classifier(explainer->walk);
		TRY(explain_with_map(page, explanation));
	}
	TRY(explain_zero(explainer, explanation));
	*ret_explanation = *explanation;
	return NULL;
}
