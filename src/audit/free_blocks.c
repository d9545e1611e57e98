/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/free_blocks.h"

static bool has_two_types(const struct page_view *page)
{
	return page_has_type(page, page->c->free_offline) ||
	       page_has_type(page, page->c->free_unaccepted);
}

/* A block on a list that the walk did not come by.  One with two types stays where it was freed. */
static struct vmc_error *listed_only(struct free_blocks *blocks, const struct block *block)
{
	struct vmc_audit *audit = blocks->audit;
	const struct classifier *c = &audit->classifier;
	struct vmc_audit_zone *zone = &audit->zones[block->zone];
	uint64_t count = (uint64_t)1 << block->order;
	struct vmc_memory_run memory;
	bool absent = !vmc_dump_next_run(audit->target->dump, block->pfn, &memory) ||
		      memory.start > block->pfn;
	const uint8_t *bytes;

	TRY(structs_at(blocks->structs, block->pfn, &bytes));
	if (bytes && load_word(c->layout, bytes + c->private) == block->order) {
		struct page_view page = page_view(c, block->pfn, bytes);

		if (has_two_types(&page) || (absent && page_has_type(&page, c->buddy))) {
			zone->blocks_found[block->order]++;
			if (!absent)
				return NULL;
			zone->free_absent += count;
			findings_add_pages(&audit->findings, FINDING_FREE_ABSENT, block->pfn,
					   count);
			return NULL;
		}
	}
	findings_add_pages(&audit->findings, FINDING_FREE_LISTED_ONLY, block->pfn, count);
	return NULL;
}

static struct vmc_error *pass_listed(struct free_blocks *blocks, vmc_pfn pfn)
{
	const struct blocks *listed = &blocks->audit->free_listed;

	while (blocks->cursor < listed->count && listed->list[blocks->cursor].pfn < pfn)
		TRY(listed_only(blocks, &listed->list[blocks->cursor++]));
	return NULL;
}

struct vmc_error *free_blocks_typed(struct free_blocks *blocks, vmc_pfn pfn, unsigned int order,
				    int zone, int *ret_migrate_type)
{
	struct vmc_audit *audit = blocks->audit;
	const struct blocks *listed = &audit->free_listed;
	const struct block *block;

	*ret_migrate_type = -1;

	if (zone >= 0 && order < VMC_ORDERS)
		audit->zones[zone].blocks_found[order]++;
	if (audit->options.fast)
		return NULL;
	TRY(pass_listed(blocks, pfn));
	block = blocks->cursor < listed->count ? &listed->list[blocks->cursor] : NULL;
	if (block && block->pfn == pfn) {
		blocks->cursor++;
		if (block->order != order)
			findings_add_pages(&audit->findings, FINDING_FREE_LISTED_ONLY, pfn,
					   (uint64_t)1 << block->order);
		else if (zone >= 0 && zone != block->zone)
			findings_add_pages(&audit->findings, FINDING_FREE_WRONG_ZONE, pfn,
					   (uint64_t)1 << order);
		if (block->order == order) {
			*ret_migrate_type = block->type;
			return NULL;
		}
	}
	/* Behind a damaged entry blocks are on a list that could not be followed. */
	if (audit->free_lists_walked)
		findings_add_pages(&audit->findings, FINDING_FREE_UNLISTED, pfn,
				   (uint64_t)1 << order);
	return NULL;
}

struct vmc_error *free_blocks_finish(struct free_blocks *blocks)
{
	return blocks->audit->options.fast ? NULL : pass_listed(blocks, UINT64_MAX);
}
