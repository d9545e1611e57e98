/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/blocks.h"

#include "base/grow.h"

void blocks_deinit(struct blocks *blocks)
{
	free(blocks->list);
	*blocks = (struct blocks){0};
}

struct vmc_error *blocks_add(struct blocks *blocks, struct block block)
{
	TRY(grow_array((void **)&blocks->list, &blocks->capacity, blocks->count + 1,
		       sizeof(*blocks->list)));
	blocks->list[blocks->count++] = block;
	return NULL;
}

static int compare_blocks(const void *a, const void *b)
{
	const struct block *left = a, *right = b;

	return (left->pfn > right->pfn) - (left->pfn < right->pfn);
}

static vmc_pfn block_end(const struct block *block)
{
	return block->pfn + ((uint64_t)1 << block->order);
}

size_t blocks_sort(struct blocks *blocks)
{
	size_t kept = 0;

	if (blocks->count)
		qsort(blocks->list, blocks->count, sizeof(*blocks->list), compare_blocks);
	for (size_t i = 0; i < blocks->count; i++) {
		if (!kept || blocks->list[i].pfn >= block_end(&blocks->list[kept - 1]))
			blocks->list[kept++] = blocks->list[i];
	}

	size_t dropped = blocks->count - kept;

	blocks->count = kept;
	return dropped;
}

const struct block *blocks_seek(const struct blocks *blocks, size_t *cursor, vmc_pfn pfn)
{
	while (*cursor < blocks->count && block_end(&blocks->list[*cursor]) <= pfn)
		(*cursor)++;
	return *cursor < blocks->count ? &blocks->list[*cursor] : NULL;
}

size_t blocks_index(const struct blocks *blocks, vmc_pfn pfn)
{
	size_t low = 0, high = blocks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block_end(&blocks->list[middle]) <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct block *blocks_find(const struct blocks *blocks, vmc_pfn pfn)
{
	size_t index = blocks_index(blocks, pfn);

	return index < blocks->count && blocks->list[index].pfn <= pfn ? &blocks->list[index]
								       : NULL;
}
