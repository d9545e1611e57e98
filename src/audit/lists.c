/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists that an audit holds against the memory map. */
#include <inttypes.h>

#include "audit/parts.h"
#include "base/checked.h"
#include "pages/list_watch.h"
#include "pages/page_list.h"
#include "pages/unaccepted.h"

/* Free blocks that are remembered, 16 bytes each: a terabyte of memory has some ten thousand.  With
 * more the lists are left out of the audit. */
#define FREE_BLOCKS_MAX ((size_t)4 << 20)

static void say_damage(struct vmc_audit *audit, enum finding_kind kind, const struct zone *zone,
		       const char *name, const struct page_list *list)
{
	findings_add(&audit->findings, kind,
		     "%s of zone %u of node %u is damaged at entry %" PRIu64 ", 0x%" PRIx64, name,
		     zone->index, zone->node_id, list->passed, list->entry);
}

static void unaccepted_damaged(void *arg, const struct zone *zone, const char *name,
			       const struct page_list *list)
{
	say_damage(arg, FINDING_UNACCEPTED_DAMAGED, zone, name, list);
}

static void pcp_damaged(void *arg, const struct zone *zone, const char *name,
			const struct page_list *list)
{
	say_damage(arg, FINDING_PCP_DAMAGED, zone, name, list);
}

/* One list of free blocks of one order and migrate type. */
static struct vmc_error *walk_free_list(struct vmc_audit *audit, struct page_list *list,
					size_t zone, unsigned int order, unsigned int type,
					vmc_vaddr head)
{
	struct block block = {
		.order = (uint8_t)order, .type = (uint8_t)type, .zone = (int32_t)zone};
	struct vmc_audit_zone *told = &audit->zones[zone];
	enum page_list_step step = PAGE_LIST_DAMAGED;
	bool is_list;

	TRY(page_list_begin(list, head, (told->spanned >> order) + 1, &is_list));
	while (is_list) {
		TRY(page_list_next(list, &step, &block.pfn));
		if (step != PAGE_LIST_ENTRY || audit->free_listed.count >= FREE_BLOCKS_MAX)
			break;
		TRY(blocks_add(&audit->free_listed, block));
		told->blocks_listed[order]++;
		told->migrate_types[type][order]++;
	}
	if (step == PAGE_LIST_DAMAGED) {
		audit->free_lists_walked = false;
		say_damage(audit, FINDING_FREE_LIST_DAMAGED, &audit->zone_list[zone], "free_area",
			   list);
	}
	return NULL;
}

static struct vmc_error *walk_free_area(struct vmc_audit *audit, struct page_list *list,
					size_t zone)
{
	const struct facts *facts = &audit->target->facts;
	uint64_t orders = min_u64(fact_or(facts, FACT_LENGTH_zone_free_area, 0), VMC_ORDERS);
	uint64_t types =
		min_u64(fact_or(facts, FACT_LENGTH_free_area_free_list, 0), VMC_MIGRATE_TYPES);
	vmc_vaddr areas = audit->zone_list[zone].address +
			  fact_or(facts, FACT_OFFSET_zone_free_area, 0) +
			  fact_or(facts, FACT_OFFSET_free_area_free_list, 0);

	for (unsigned int order = 0; order < orders; order++) {
		vmc_vaddr area = areas + order * fact_or(facts, FACT_SIZE_free_area, 0);

		for (unsigned int type = 0; type < types; type++)
			TRY(walk_free_list(audit, list, zone, order, type,
					   area + type * fact_or(facts, FACT_SIZE_list_head, 0)));
	}
	return NULL;
}

static void leave_out(struct vmc_audit *audit, const char *what)
{
	if (audit->left_out_count < sizeof(audit->left_out) / sizeof(audit->left_out[0]))
		audit->left_out[audit->left_out_count++] = what;
}

static bool free_lists_known(const struct facts *facts)
{
	return fact_known(facts, FACT_OFFSET_zone_free_area) &&
	       fact_known(facts, FACT_LENGTH_zone_free_area) &&
	       fact_known(facts, FACT_SIZE_free_area) && fact_known(facts, FACT_SIZE_list_head) &&
	       fact_known(facts, FACT_LENGTH_free_area_free_list);
}

static struct vmc_error *walk_free_lists(struct vmc_audit *audit)
{
	struct page_list list;

	if (!free_lists_known(&audit->target->facts)) {
		leave_out(audit,
			  "free lists against page types: VMCOREINFO does not describe them");
		return NULL;
	}
	if (!audit->zone_count) { /* no node_data among the symbols: nothing leads to a zone */
		leave_out(audit,
			  "free lists and counters of zones: no symbol tells where zones are");
		return NULL;
	}
	audit->free_lists_walked = true;
	TRY(page_list_init(&list, audit->memmap));
	for (size_t i = 0; i < audit->zone_count; i++)
		TRY(walk_free_area(audit, &list, i));
	if (audit->free_listed.count >= FREE_BLOCKS_MAX) {
		audit->free_lists_walked = false;
		blocks_deinit(&audit->free_listed);
		leave_out(audit, "free lists against page types: too many free blocks");
	}

	size_t overlapping = blocks_sort(&audit->free_listed);

	if (overlapping)
		findings_add(&audit->findings, FINDING_FREE_OVERLAP,
			     "%zu free blocks are on lists twice, or begin inside of another",
			     overlapping);
	return NULL;
}

static struct vmc_error *walk_pcp_lists(struct vmc_audit *audit)
{
	struct list_watch watch = {.damaged = pcp_damaged, .arg = audit};
	struct vmc_error *err = pcp_collect(audit->memmap, &watch, &audit->pcp);

	if (err)
		pcp_deinit(&audit->pcp);
	else if (!audit->pcp.lists)
		leave_out(audit, "per-CPU free lists: no type information tells where they are");
	if (err && vmc_error_code(err) != VMC_ERR_NOMEM)
		leave_out(audit, "per-CPU free lists: damaged");
	return unless_nomem(err);
}

struct vmc_error *audit_walk_lists(struct vmc_audit *audit)
{
	struct list_watch unaccepted = {.damaged = unaccepted_damaged, .arg = audit};
	TRY(unless_nomem(unaccepted_collect(audit->memmap, audit->classifier.max_order, &unaccepted,
					    &audit->unaccepted_listed, &audit->unaccepted_lists)));
	TRY(walk_pcp_lists(audit));
	if (audit->options.fast) {
		leave_out(audit, "free lists against page types (fast)");
		leave_out(audit,
			  "struct pages inside of blocks: tails, hwpoison, free pages in use, "
			  "attributes (fast)");
		return NULL;
	}
	return unless_nomem(walk_free_lists(audit));
}
