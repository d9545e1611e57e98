/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over all memory: the walk tells the state of each block; here its struct pages are
 * looked at for node and zone, attributes, and whether they agree with their head.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/attributes.h"
#include "audit/parts.h"
#include "audit/free_blocks.h"
#include "audit/inside.h"
#include "audit/ranges.h"
#include "base/checked.h"
#include "base/zero.h"
#include "pages/rules.h"
#include "pages/walk.h"

#define PROGRESS_STEP_PAGES ((uint64_t)1 << 18)

/* States of pages whose struct pages do not tell node and zone. */
#define STATES_NOWHERE (VMC_STATE_BIT(VMC_PAGE_UNKNOWN) | VMC_STATE_BIT(VMC_PAGE_OFFLINE_SECTION))

struct sweep {
	struct vmc_audit *audit;
	struct structs structs; /* in order */
	struct structs aside;   /* heads */
	struct ranges ranges;
	struct free_blocks free_blocks;
	struct attribute_masks masks;
	unsigned int rule_typed, rule_double_typed; /* rules that findings and sources are about */

	/* The run of the walk that is looked at, and the block that it is of. */
	struct vmc_page_run run;
	struct vmc_audit_range piece; /* of it, equal pages so far */
	struct folio folio;
	struct inside inside;
	vmc_pfn block;                        /* the block of the last run; UINT64_MAX: none */
	vmc_pfn free_to;                      /* free blocks were counted up to here */
	int migrate_type, block_migrate_type; /* of free pages now, and of the last free block */

	struct vmc_dump_cursor *cursor; /* for content */
	uint8_t *page;
	vmc_pfn told;
};

static unsigned int find_rule(const char *name)
{
	const struct vmc_page_rule *rule;

	for (unsigned int i = 0; (rule = vmc_page_rule(i)); i++) {
		if (!strcmp(rule->name, name))
			return i;
	}
	return UINT32_MAX;
}

/* Runs that are a finding by themselves. */
static void find_by_rule(struct sweep *sweep)
{
	static const struct {
		enum walk_rule rule;
		enum finding_kind kind;
	} bad[] = {
		{RULE_BAD_COMPOUND, FINDING_BAD_COMPOUND},
		{RULE_BAD_FREE_BLOCK, FINDING_BAD_FREE_BLOCK},
		{RULE_BAD_UNACCEPTED_BLOCK, FINDING_BAD_UNACCEPTED},
		{RULE_BAD_DOUBLE_TYPED, FINDING_BAD_DOUBLE_TYPED},
		{RULE_MAP_UNREADABLE, FINDING_MAP_UNREADABLE},
		{RULE_SECTION_OFFLINE, FINDING_OFFLINE_SECTION},
	};
	struct findings *findings = &sweep->audit->findings;
	const struct vmc_page_run *run = &sweep->run;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (run->rule == (unsigned int)bad[i].rule)
			findings_add_pages(findings, bad[i].kind, run->start, run->count);
	}
	if (run->rule == sweep->rule_double_typed)
		findings_add_pages(findings, FINDING_DOUBLE_TYPED, run->start, run->count);
	else if (run->state == VMC_PAGE_HWPOISON)
		findings_add_pages(findings, FINDING_HWPOISON, run->start, run->count);
	else if (run->state == VMC_PAGE_OFFLINE)
		findings_add_pages(findings, FINDING_OFFLINE_ONLINE, run->start, run->count);
	else if (run->state == VMC_PAGE_UNKNOWN && run->rule >= RULE_FIRST_OF_TABLE)
		findings_add_pages(findings, FINDING_UNINITIALISED, run->start, run->count);
}

/* Attributes of all of the run. */
static uint32_t run_attributes(const struct sweep *sweep)
{
	const struct vmc_page_run *run = &sweep->run;

	if (run->state == VMC_PAGE_OFFLINE_SECTION)
		return VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_SECTION);
	if (run->rule == sweep->rule_double_typed || run->rule == RULE_BAD_DOUBLE_TYPED)
		return VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_DOUBLE_TYPED);
	return 0;
}

static struct vmc_error *put_piece(struct sweep *sweep)
{
	struct vmc_audit_range *piece = &sweep->piece;
	uint64_t count = piece->count;

	if (!count)
		return NULL;
	TRY(ranges_put(&sweep->ranges, piece));
	if (piece->zone < 0 && !(STATES_NOWHERE & VMC_STATE_BIT(sweep->run.state)))
		findings_add_pages(&sweep->audit->findings, FINDING_PLACE_UNKNOWN, piece->start,
				   count);
	if (piece->attributes & VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ZERO))
		sweep->audit->zeros[sweep->run.state] += count;
	piece->start += count;
	piece->count = 0;
	return NULL;
}

/* Adds @count pages to the piece, which ends where zone or attributes change. */
static struct vmc_error *grow_piece(struct sweep *sweep, int32_t zone, uint32_t attributes,
				    uint64_t count)
{
	struct vmc_audit_range *piece = &sweep->piece;

	if (piece->count && (piece->zone != zone || piece->attributes != attributes ||
			     piece->migrate_type != sweep->migrate_type))
		TRY(put_piece(sweep));
	piece->zone = zone;
	piece->migrate_type = sweep->migrate_type;
	piece->attributes = attributes;
	piece->count += count;
	return NULL;
}

/* Is the page filled with zeros?  Asked only of pages that may be read. */
static struct vmc_error *add_zero(struct sweep *sweep, vmc_pfn pfn, uint32_t *attributes)
{
	size_t size = sweep->audit->target->dump->page_size;
	const void *page;
	struct vmc_error *err = dump_get_page(sweep->cursor, pfn, sweep->page, &page);

	if (!err && page_is_zero(page, size))
		*attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ZERO);
	if (!err)
		err = dump_check(sweep->cursor);
	return unless_nomem(err);
}

static bool wants_content(const struct sweep *sweep)
{
	return sweep->audit->options.zero && sweep->run.memory == VMC_MEMORY_DATA &&
	       !(VMC_STATES_FORBIDDEN & VMC_STATE_BIT(sweep->run.state));
}

/* Pages whose struct pages tell nothing. */
static struct vmc_error *look_without_structs(struct sweep *sweep, vmc_pfn pfn, uint64_t count)
{
	uint32_t base = run_attributes(sweep);

	if (!wants_content(sweep))
		return grow_piece(sweep, -1, base, count);
	for (uint64_t i = 0; i < count; i++) {
		uint32_t attributes = base;

		TRY(add_zero(sweep, pfn + i, &attributes));
		TRY(grow_piece(sweep, -1, attributes, 1));
	}
	return NULL;
}

static struct vmc_error *look_at_page(struct sweep *sweep, const struct page_view *page,
				      vmc_vaddr address, uint32_t base)
{
	struct vmc_audit *audit = sweep->audit;
	const struct vmc_page_run *run = &sweep->run;
	uint32_t attributes = base;
	bool single = run->order == 0;

	if (single) {
		/* Each is a block of its own. */
		sweep->folio = (struct folio){
			.head = page->pfn,
			.flags = page->flags,
			.mapping = load_word(page->c->layout, page->bytes + page->c->mapping),
		};
		sweep->inside.head = page->pfn;
	}
	int32_t zone = run->state == VMC_PAGE_UNKNOWN && page_is_uninitialised(page)
			       ? -1
			       : place_zone(&audit->place, page->flags);

	attributes |=
		page_attributes(&sweep->masks, page->c, run->state, page->flags, &sweep->folio);
	inside_check(&sweep->inside, page, address);
	if (run->state == VMC_PAGE_FREE && single)
		TRY(free_blocks_typed(&sweep->free_blocks, page->pfn, run->order, zone,
				      &sweep->migrate_type));
	if (wants_content(sweep))
		TRY(add_zero(sweep, page->pfn, &attributes));
	return grow_piece(sweep, zone, attributes, 1);
}

/* The efi table tells of a unit at a time, which may be less than a block. */
static struct vmc_error *look_at_unaccepted(struct sweep *sweep, const struct struct_span *span)
{
	const struct vmc_audit *audit = sweep->audit;
	unsigned int page_shift = audit->target->page_shift;
	uint32_t base = run_attributes(sweep);
	vmc_pfn end = sweep->run.start + sweep->run.count;
	int32_t zone = -1;
	uint64_t count;

	if (span->kind == MEMMAP_PRESENT)
		zone = place_zone(&audit->place, load_word(audit->classifier.layout,
							   span->bytes + audit->classifier.flags));
	for (vmc_pfn pfn = sweep->run.start; pfn < end; pfn += count) {
		uint32_t attributes = base;

		count = end - pfn;
		if (audit->efi_table.bits) {
			uint64_t same;

			if (!efi_table_unaccepted(&audit->efi_table, page_shift, pfn, &same))
				attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ACCEPTED);
			count = min_u64(count, same);
		}
		TRY(grow_piece(sweep, zone, attributes, count));
	}
	return NULL;
}

/* @count pages of a block by its first struct page of the run. */
static struct vmc_error *look_at_first(struct sweep *sweep, const struct struct_span *span)
{
	const struct classifier *c = &sweep->audit->classifier;
	struct page_view page = page_view(c, span->start, span->bytes);

	TRY(look_at_page(sweep, &page, span->address, run_attributes(sweep)));
	return grow_piece(sweep, sweep->piece.zone, sweep->piece.attributes, sweep->run.count - 1);
}

static struct vmc_error *look_at_span(struct sweep *sweep, const struct struct_span *span,
				      uint64_t count)
{
	const struct classifier *c = &sweep->audit->classifier;
	uint32_t base = run_attributes(sweep);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = i * c->struct_size;
		struct page_view page = page_view(c, span->start + i, span->bytes + at);

		TRY(look_at_page(sweep, &page, span->address + at, base));
	}
	return NULL;
}

/* What the head of a block says. */
static struct vmc_error *read_head(struct sweep *sweep, vmc_pfn head)
{
	struct vmc_audit *audit = sweep->audit;
	const struct vmc_page_run *run = &sweep->run;

	sweep->block = head;
	TRY(folio_read(&sweep->masks, &audit->classifier, &sweep->aside, head, run->order,
		       run->state, &sweep->folio));
	sweep->inside.head = head;
	sweep->inside.head_flags = sweep->folio.flags;
	sweep->inside.tail_word = 0;
	/* A page with hwpoison cuts a block in two. */
	if (run->state != VMC_PAGE_FREE || head < sweep->free_to)
		return NULL;
	sweep->free_to = head + ((uint64_t)1 << run->order);
	return free_blocks_typed(&sweep->free_blocks, head, run->order,
				 place_zone(&audit->place, sweep->folio.flags),
				 &sweep->block_migrate_type);
}

static struct vmc_error *begin_run(struct sweep *sweep)
{
	const struct vmc_page_run *run = &sweep->run;
	vmc_pfn head = align_down(run->start, (uint64_t)1 << run->order);

	sweep->inside.state = run->state;
	sweep->inside.order = run->order;
	sweep->migrate_type = -1;
	if (!run->order) {
		sweep->block = UINT64_MAX;
		return NULL;
	}
	if (head != sweep->block)
		TRY(read_head(sweep, head));
	if (run->state == VMC_PAGE_FREE)
		sweep->migrate_type = sweep->block_migrate_type;
	return NULL;
}

static struct vmc_error *look_at_run(struct sweep *sweep)
{
	vmc_pfn pfn = sweep->run.start, end = pfn + sweep->run.count;
	struct struct_span span;

	while (pfn < end) {
		TRY(structs_span(&sweep->structs, pfn, &span));
		if (sweep->run.state == VMC_PAGE_UNACCEPTED && sweep->run.order)
			return look_at_unaccepted(sweep, &span);

		uint64_t count = min_u64(span.count, end - pfn);

		if (span.kind != MEMMAP_PRESENT) {
			TRY(look_without_structs(sweep, pfn, count));
		} else if (sweep->audit->options.fast && sweep->run.order) {
			return look_at_first(sweep, &span);
		} else {
			TRY(look_at_span(sweep, &span, count));
		}
		pfn += count;
	}
	return NULL;
}

static struct vmc_error *sweep_run(struct sweep *sweep)
{
	struct vmc_audit *audit = sweep->audit;
	const struct vmc_page_run *run = &sweep->run;

	find_by_rule(sweep);
	if (run->memory == VMC_MEMORY_DATA)
		audit->content[run->state] += run->count;
	if (run->rule == sweep->rule_typed)
		TRY(extents_append(&audit->unaccepted_typed, run->start, run->count));
	TRY(begin_run(sweep));
	sweep->piece = (struct vmc_audit_range){
		.start = run->start,
		.migrate_type = -1,
		.state = run->state == VMC_PAGE_OFFLINE_SECTION ? VMC_PAGE_OFFLINE : run->state,
		.order = run->order,
		.content = run->memory == VMC_MEMORY_DATA,
	};
	TRY(look_at_run(sweep));
	return put_piece(sweep);
}

static struct vmc_error *report_progress(struct sweep *sweep)
{
	const struct vmc_progress *progress = sweep->audit->options.progress;
	vmc_pfn done = sweep->run.start + sweep->run.count;

	if (!progress || !progress->step || done - sweep->told < PROGRESS_STEP_PAGES)
		return NULL;
	sweep->told = done;
	if (!progress->step(progress->arg, "Auditing pages", done,
			    vmc_dump_end_pfn(sweep->audit->target->dump)))
		return error_create(VMC_ERR_INTERRUPTED, "stopped while pages were audited");
	return NULL;
}

static struct vmc_error *sweep_all(struct sweep *sweep)
{
	struct vmc_page_walk_options options = {
		.pcp_lists = true,
		.whole_blocks = sweep->audit->options.fast ? UINT32_MAX : 0,
	};
	struct vmc_page_walk *walk;
	struct vmc_error *err;
	bool more = true;

	TRY(vmc_page_walk_create(sweep->audit->target, &options, &walk));
	do {
		err = vmc_page_walk_next(walk, &sweep->run, &more);
		if (!err && more)
			err = sweep_run(sweep);
		if (!err)
			err = report_progress(sweep);
	} while (!err && more);
	if (!err && page_walk_vanished(walk))
		findings_add(&sweep->audit->findings, FINDING_MAP_UNREADABLE,
			     "%" PRIu64 " struct pages could not be read while they were used: "
			     "they pass for kernel pages",
			     page_walk_vanished(walk));
	else if (!err && dump_shrank(sweep->audit->target->dump))
		findings_add(&sweep->audit->findings, FINDING_MAP_UNREADABLE,
			     "the file has become shorter since it was opened: what was read of "
			     "its end may have been zeros");
	vmc_page_walk_destroy(walk);
	if (!err)
		err = free_blocks_finish(&sweep->free_blocks);
	return err ? err : ranges_finish(&sweep->ranges);
}

static struct vmc_error *sweep_init(struct sweep *sweep)
{
	struct vmc_audit *audit = sweep->audit;

	sweep->rule_typed = find_rule("unaccepted-type");
	sweep->rule_double_typed = find_rule("double-typed");
	sweep->block = UINT64_MAX;
	sweep->free_blocks = (struct free_blocks){.audit = audit, .structs = &sweep->aside};
	sweep->inside = (struct inside){
		.classifier = &audit->classifier,
		.findings = &audit->findings,
		.page_size = audit->target->dump->page_size,
	};
	ranges_init(&sweep->ranges, audit);
	attribute_masks_init(&sweep->masks, &audit->target->facts);
	audit->attributes = VMC_ATTRIBUTES_OF_BLOCKS & ~VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ACCEPTED);
	audit->attributes |= attributes_known(&sweep->masks, &audit->classifier);
	if (audit->efi_table.bits)
		audit->attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ACCEPTED);
	if (audit->options.zero)
		audit->attributes |= VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_ZERO);
	TRY(structs_init(&sweep->structs, audit->memmap));
	TRY(structs_init(&sweep->aside, audit->memmap));
	TRY(vmc_dump_cursor_create(audit->target->dump, &sweep->cursor));
	sweep->page = malloc(audit->target->dump->page_size);
	return sweep->page ? NULL : error_nomem();
}

struct vmc_error *audit_sweep(struct vmc_audit *audit)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	struct vmc_error *err;

	if (!sweep)
		return error_nomem();
	sweep->audit = audit;
	err = sweep_init(sweep);
	if (!err)
		err = sweep_all(sweep);
	structs_deinit(&sweep->structs);
	structs_deinit(&sweep->aside);
	vmc_dump_cursor_destroy(sweep->cursor);
	free(sweep->page);
	free(sweep);
	return err;
}
