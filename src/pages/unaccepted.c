/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/unaccepted.h"

#include <inttypes.h>

#include "base/grow.h"
#include "pages/nodes.h"

struct blocks {
	vmc_pfn *pfns;
	size_t count, capacity;
};

struct list_walk {
	struct memmap *memmap;
	struct target_reader *reader;
	unsigned int max_order;
	uint64_t next_offset, prev_offset, lru_offset;
	vmc_pfn near; /* some pfn with a struct page, to count from */
	struct blocks *blocks;
};

/* Where the list is follows from what lies before it in struct zone, if the kernel has it at all
 * (CONFIG_UNACCEPTED_MEMORY): only a word pair that is the head of a list in both directions is
 * one. */
static struct vmc_error *is_list_head(const struct list_walk *walk, vmc_vaddr head, bool *ret_is)
{
	uint64_t next, prev, back, forth;
	struct vmc_error *err = target_read_word(walk->reader, head + walk->next_offset, &next);

	*ret_is = false;
	if (!err)
		err = target_read_word(walk->reader, head + walk->prev_offset, &prev);
	if (!err)
		err = target_read_word(walk->reader, next + walk->prev_offset, &back);
	if (!err)
		err = target_read_word(walk->reader, prev + walk->next_offset, &forth);
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (!err)
		*ret_is = back == head && forth == head;
	vmc_error_free(err);
	return NULL;
}

/* One entry: its block's pfn, or a reason to distrust the list from here on. */
static struct vmc_error *entry_pfn(struct list_walk *walk, vmc_vaddr entry, bool *ret_known,
				   vmc_pfn *ret_pfn)
{
	TRY(memmap_pfn(walk->memmap, entry - walk->lru_offset, walk->near, ret_known, ret_pfn));
	if (*ret_known && (*ret_pfn & (((uint64_t)1 << walk->max_order) - 1)))
		*ret_known = false;
	return NULL;
}

static struct vmc_error *walk_list(struct list_walk *walk, vmc_vaddr head, uint64_t max_entries)
{
	const struct vmc_dump *dump = target_reader_target(walk->reader)->dump;
	uint64_t entry, previous = head, prev;

	TRY(target_read_word(walk->reader, head + walk->next_offset, &entry));
	for (uint64_t n = 0; entry != head; n++) {
		bool known = false;
		vmc_pfn pfn = 0;
		struct vmc_error *err =
			target_read_word(walk->reader, entry + walk->prev_offset, &prev);

		if (!err && n < max_entries && prev == previous)
			err = entry_pfn(walk, entry, &known, &pfn);
		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err || !known) {
			log_warning(&dump->log,
				    "zone->unaccepted_pages at 0x%" PRIx64 ": entry %" PRIu64
				    " at 0x%" PRIx64 " is damaged; the blocks behind it are kept",
				    head, n, entry);
			vmc_error_free(err);
			return NULL;
		}
		TRY(grow_array((void **)&walk->blocks->pfns, &walk->blocks->capacity,
			       walk->blocks->count + 1, sizeof(*walk->blocks->pfns)));
		walk->blocks->pfns[walk->blocks->count++] = pfn;
		previous = entry;
		TRY(target_read_word(walk->reader, entry + walk->next_offset, &entry));
	}
	return NULL;
}

static int compare_pfns(const void *a, const void *b)
{
	const vmc_pfn *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static struct vmc_error *collect_blocks(struct list_walk *walk)
{
	const struct facts *facts = &target_reader_target(walk->reader)->facts;
	uint64_t list_offset = fact_or(facts, FACT_OFFSET_zone_unaccepted_pages, 0);
	_cleanup_free_ struct zone *zones = NULL;
	size_t count;

	TRY(zones_list(walk->reader, &zones, &count));
	for (size_t i = 0; i < count; i++) {
		vmc_vaddr head = zones[i].address + list_offset;
		bool is_list;

		TRY(is_list_head(walk, head, &is_list));
		if (is_list)
			TRY(walk_list(walk, head, (zones[i].spanned_pages >> walk->max_order) + 1));
	}
	return NULL;
}

struct vmc_error *unaccepted_collect(struct memmap *memmap, unsigned int max_order,
				     struct extents *extents)
{
	const struct vmc_target *target = target_reader_target(memmap->reader);
	const struct facts *facts = &target->facts;
	struct blocks blocks = {0};
	struct vmc_memory_run first;
	struct list_walk walk = {
		.memmap = memmap,
		.reader = memmap->reader,
		.max_order = max_order,
		.next_offset = fact_or(facts, FACT_OFFSET_list_head_next, 0),
		.prev_offset = fact_or(facts, FACT_OFFSET_list_head_prev, target->layout.word_size),
		.blocks = &blocks,
	};

	if (!fact_known(facts, FACT_OFFSET_zone_unaccepted_pages) ||
	    !vmc_dump_next_run(target->dump, 0, &first))
		return NULL;
	walk.near = first.start;
	TRY(fact_need(facts, FACT_OFFSET_page_lru, &walk.lru_offset));

	struct vmc_error *err = collect_blocks(&walk);

	if (!err && blocks.count) {
		qsort(blocks.pfns, blocks.count, sizeof(*blocks.pfns), compare_pfns);
		for (size_t i = 0; i < blocks.count && !err; i++) {
			/* A block that is on two lists is there once. */
			if (i == 0 || blocks.pfns[i] != blocks.pfns[i - 1])
				err = extents_append(extents, blocks.pfns[i],
						     (uint64_t)1 << max_order);
		}
	}
	free(blocks.pfns);
	return err;
}
