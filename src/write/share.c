/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/share.h"

#include <string.h>

struct shared_block {
	struct share_place place;
	uint8_t *bytes;
};

struct share {
	struct share_place places[UNIT_PAGES]; /* of the pages of the unit */
	struct shared_block blocks[SHARE_BLOCKS_MAX];
	size_t block_count;
};

struct vmc_error *share_create(struct share **ret_share)
{
	struct share *share = calloc(1, sizeof(*share));

	if (!share)
		return error_nomem();
	*ret_share = share;
	return NULL;
}

void share_destroy(struct share *share)
{
	if (!share)
		return;
	for (size_t i = 0; i < share->block_count; i++)
		free(share->blocks[i].bytes);
	free(share);
}

/* Is that data in the file?  Then *place tells where. */
static bool find_block(const struct share *share, const uint8_t *data, struct share_place *place)
{
	for (size_t i = 0; i < share->block_count; i++) {
		const struct shared_block *block = &share->blocks[i];

		if (block->place.checksum != place->checksum || block->place.size != place->size ||
		    block->place.format != place->format ||
		    memcmp(block->bytes, data, place->size) != 0)
			continue;
		*place = block->place;
		return true;
	}
	return false;
}

static struct vmc_error *remember_block(struct share *share, const uint8_t *data,
					const struct share_place *place)
{
	uint8_t *bytes;

	if (share->block_count == SHARE_BLOCKS_MAX)
		return NULL;
	bytes = malloc(place->size);
	if (!bytes)
		return error_nomem();
	memcpy(bytes, data, place->size);
	share->blocks[share->block_count++] = (struct shared_block){*place, bytes};
	return NULL;
}

struct vmc_error *share_unit(struct share *share, const struct unit *unit, vmc_foff data_end,
			     size_t *ret_size)
{
	size_t from = 0, to = 0; /* in the data of the unit */

	for (size_t i = 0; i < unit->page_count; i++) {
		const struct unit_page *page = &unit->pages[i];
		uint8_t *data = unit->data + from;
		struct share_place place = {
			.offset = data_end + to,
			.size = page->size,
			.format = page->format,
			.checksum = page->checksum,
		};

		from += page->size;
		if (page->kind == UNIT_PAGE_COMPACT && page->data_of != i) {
			share->places[i] = share->places[page->data_of];
			continue;
		}
		if (page->kind != UNIT_PAGE_COMPACT || !find_block(share, data, &place)) {
			if (page->kind == UNIT_PAGE_COMPACT)
				TRY(remember_block(share, data, &place));
			if (data != unit->data + to)
				memmove(unit->data + to, data, page->size);
			to += page->size;
		}
		share->places[i] = place;
	}
	*ret_size = to;
	return NULL;
}

const struct share_place *share_find(const struct share *share, size_t index)
{
	return &share->places[index];
}
