/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/pcp.h"

#include <string.h>

#include "base/checked.h"
#include "pages/percpu.h"

/* Small blocks get their own lists since 5.13, up to this order (PAGE_ALLOC_COSTLY_ORDER); those
 * behind are for huge pages. */
#define PCP_ORDER_MAX 3

/* Pages on one list: a batch of 8 % of the zone at most; zones with more are not known. */
#define PCP_PAGES_MAX ((uint64_t)1 << 26)

struct pcp_walk {
	struct target_reader *reader;
	struct page_list list;
	const struct list_watch *watch;
	const struct zone *zone;
	int32_t zone_number;
	uint64_t lists, length, count; /* offsets and LENGTH(per_cpu_pages.lists) */
	uint64_t types;                /* MIGRATE_PCPTYPES: lists of one order */
	uint8_t huge_order;
	struct pcp *pcp;
};

static uint8_t order_of(const struct pcp_walk *walk, uint64_t index)
{
	uint64_t order = index / walk->types;

	return order > PCP_ORDER_MAX ? walk->huge_order : (uint8_t)order;
}

static struct vmc_error *walk_list(struct pcp_walk *walk, vmc_vaddr head, uint64_t index)
{
	struct block block = {
		.order = order_of(walk, index),
		.type = (uint8_t)(index % walk->types),
		.zone = walk->zone_number,
	};
	enum page_list_step step = PAGE_LIST_DAMAGED;
	bool is_list;

	TRY(page_list_begin(&walk->list, head, PCP_PAGES_MAX >> block.order, &is_list));
	while (is_list) {
		TRY(page_list_next(&walk->list, &step, &block.pfn));
		if (step != PAGE_LIST_ENTRY)
			break;
		TRY(blocks_add(&walk->pcp->blocks, block));
		walk->pcp->pages += (uint64_t)1 << block.order;
	}
	if (step == PAGE_LIST_DAMAGED)
		list_watch_damaged(walk->watch, walk->zone, "per_cpu_pages.lists", &walk->list);
	walk->pcp->lists++;
	return NULL;
}

static struct vmc_error *walk_pages(struct pcp_walk *walk, vmc_vaddr pages)
{
	uint64_t head_size = 2 * target_reader_target(walk->reader)->layout.word_size;
	uint32_t count;

	for (uint64_t i = 0; i < walk->length; i++)
		TRY(walk_list(walk, pages + walk->lists + i * head_size, i));
	TRY(error_context(target_read_u32(walk->reader, pages + walk->count, &count),
			  "per_cpu_pages.count"));
	walk->pcp->counted += count;
	return NULL;
}

/* What one table of pages maps, which is a page of entries of 8 bytes nearly everywhere. */
static uint8_t huge_order(const struct vmc_target *target)
{
	const struct paging *paging = &target->arch.paging;

	return paging->levels ? paging->level[0].bits : (uint8_t)(target->page_shift - 3);
}

static bool facts_suffice(const struct facts *facts)
{
	static const enum fact_id needed[] = {
		FACT_OFFSET_zone_per_cpu_pageset,
		FACT_OFFSET_pcp_lists,
		FACT_LENGTH_pcp_lists,
		FACT_OFFSET_pcp_count,
		FACT_NUMBER_MIGRATE_PCPTYPES,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!fact_known(facts, needed[i]))
			return false;
	}
	return true;
}

static struct vmc_error *walk_zones(struct pcp_walk *walk, const struct percpu *percpu)
{
	const struct facts *facts = &target_reader_target(walk->reader)->facts;
	uint64_t pointer = fact_or(facts, FACT_OFFSET_zone_per_cpu_pageset, 0);
	/* One structure held both lists and counters before 5.14. */
	uint64_t inside = fact_or(facts, FACT_OFFSET_pageset_pcp, 0);
	_cleanup_free_ struct zone *zones = NULL;
	size_t count;

	TRY(zones_list(walk->reader, &zones, &count));
	for (size_t i = 0; i < count; i++) {
		uint64_t base;

		walk->zone = &zones[i];
		walk->zone_number = (int32_t)i;
		TRY(error_context(target_read_word(walk->reader, zones[i].address + pointer, &base),
				  "zone.per_cpu_pageset"));
		for (uint32_t cpu = 0; cpu < percpu->count; cpu++)
			TRY(walk_pages(walk, percpu_address(percpu, base, cpu) + inside));
	}
	return NULL;
}

struct vmc_error *pcp_collect(struct memmap *memmap, const struct list_watch *watch,
			      struct pcp *ret_pcp)
{
	const struct vmc_target *target = target_reader_target(memmap->reader);
	const struct facts *facts = &target->facts;
	struct percpu percpu;

	memset(ret_pcp, 0, sizeof(*ret_pcp));
	if (!facts_suffice(facts))
		return NULL;

	struct pcp_walk walk = {
		.reader = memmap->reader,
		.watch = watch,
		.lists = fact_or(facts, FACT_OFFSET_pcp_lists, 0),
		.length = fact_or(facts, FACT_LENGTH_pcp_lists, 0),
		.count = fact_or(facts, FACT_OFFSET_pcp_count, 0),
		.types = max_u64(fact_or(facts, FACT_NUMBER_MIGRATE_PCPTYPES, 0), 1),
		.huge_order = huge_order(target),
		.pcp = ret_pcp,
	};

	TRY(page_list_init(&walk.list, memmap));
	TRY(percpu_init(&percpu, memmap->reader));

	struct vmc_error *err = walk_zones(&walk, &percpu);

	percpu_deinit(&percpu);
	blocks_sort(&ret_pcp->blocks);
	return err;
}

void pcp_deinit(struct pcp *pcp)
{
	blocks_deinit(&pcp->blocks);
	pcp->pages = pcp->counted = pcp->lists = 0;
}
