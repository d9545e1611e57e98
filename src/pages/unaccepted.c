/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/unaccepted.h"

#define LIST_NAME "zone->unaccepted_pages"

struct unaccepted_walk {
	struct page_list list;
	const struct list_watch *watch;
	unsigned int max_order;
	struct blocks *blocks;
};

static struct vmc_error *walk_list(struct unaccepted_walk *walk, const struct zone *zone,
				   int32_t number)
{
	struct block block = {.order = (uint8_t)walk->max_order, .zone = number};
	enum page_list_step step;

	for (;;) {
		TRY(page_list_next(&walk->list, &step, &block.pfn));
		if (step == PAGE_LIST_DAMAGED)
			list_watch_damaged(walk->watch, zone, LIST_NAME, &walk->list);
		if (step != PAGE_LIST_ENTRY)
			return NULL;
		TRY(blocks_add(walk->blocks, block));
	}
}

static struct vmc_error *collect_blocks(struct memmap *memmap, unsigned int max_order,
					const struct list_watch *watch, struct blocks *blocks,
					size_t *ret_lists)
{
	const struct facts *facts = &target_reader_target(memmap->reader)->facts;
	struct unaccepted_walk walk = {.watch = watch, .max_order = max_order, .blocks = blocks};
	uint64_t offset = fact_or(facts, FACT_OFFSET_zone_unaccepted_pages, 0);
	bool is_guess = facts->table[FACT_OFFSET_zone_unaccepted_pages].source == VMC_FACT_INFERRED;
	_cleanup_free_ struct zone *zones = NULL;
	size_t count;

	*ret_lists = 0;
	if (!fact_known(facts, FACT_OFFSET_zone_unaccepted_pages))
		return NULL;
	TRY(page_list_init(&walk.list, memmap));
	walk.list.align = (uint64_t)1 << max_order;
	TRY(zones_list(memmap->reader, &zones, &count));
	for (size_t i = 0; i < count; i++) {
		uint64_t max = (zones[i].spanned_pages >> max_order) + 1;
		bool is_list;

		/* Where the list is follows from what lies before it in struct zone, if the kernel
		 * has it at all (CONFIG_UNACCEPTED_MEMORY): only a pair of words that is the head
		 * of a list in both directions is one. */
		TRY(page_list_begin(&walk.list, zones[i].address + offset, max, &is_list));
		if (!is_list && !is_guess)
			list_watch_damaged(watch, &zones[i], LIST_NAME, &walk.list);
		if (!is_list)
			continue;
		(*ret_lists)++;
		TRY(walk_list(&walk, &zones[i], (int32_t)i));
	}
	return NULL;
}

struct vmc_error *unaccepted_collect(struct memmap *memmap, unsigned int max_order,
				     const struct list_watch *watch, struct blocks *blocks,
				     size_t *ret_lists)
{
	struct vmc_error *err = collect_blocks(memmap, max_order, watch, blocks, ret_lists);

	blocks_sort(blocks); /* those found before an error, too */
	return err;
}
