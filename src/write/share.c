/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/share.h"

#include <string.h>

#include "dump/kdump_checksum.h"
_Static_assert(SHARE_RECENT_BYTES >= DUMP_PAGE_SIZE_MAX, "any page can be remembered");

struct shared_block {
	struct share_place place;
	uint8_t *bytes;
};

/* Data that came lately.  Slots are found by its checksum; what comes later takes them. */
struct recent {
	struct {
		struct share_place place;
		uint64_t position;
	} slots[SHARE_RECENT_SLOTS];
	uint64_t end; /* positions count on; where they lie is the rest by the size */
	uint8_t bytes[SHARE_RECENT_BYTES];
};

struct share {
	struct share_place places[UNIT_PAGES]; /* of the pages of the unit */
	struct recent *recent;                 /* NULL: equal pages are none of our business */
	uint64_t equal_pages, equal_bytes;     /* of the unit */
	struct shared_block blocks[SHARE_BLOCKS_MAX];
	size_t block_count;
};

struct vmc_error *share_create(bool equal_pages, struct share **ret_share)
{
	_cleanup_(share_destroy) struct share *share = calloc(1, sizeof(*share));

	if (!share)
		return error_nomem();
	if (equal_pages) {
		share->recent = calloc(1, sizeof(*share->recent));
		if (!share->recent)
			return error_nomem();
		share->recent->end = SHARE_RECENT_BYTES; /* no slot is so old */
	}
	*ret_share = take_ptr(share);
	return NULL;
}

void share_destroy(struct share *share)
{
	if (!share)
		return;
	for (size_t i = 0; i < share->block_count; i++)
		free(share->blocks[i].bytes);
	free(share->recent);
	free(share);
}

static bool is_alike(const struct share_place *a, const struct share_place *b)
{
	return a->checksum == b->checksum && a->size == b->size && a->format == b->format;
}

/* Remembers data, in one piece. */
static void remember_recent(struct recent *recent, size_t slot, const uint8_t *data,
			    const struct share_place *place)
{
	size_t at = recent->end % SHARE_RECENT_BYTES;

	if (place->size > SHARE_RECENT_BYTES - at) {
		recent->end += SHARE_RECENT_BYTES - at;
		at = 0;
	}
	memcpy(recent->bytes + at, data, place->size);
	recent->slots[slot].place = *place;
	recent->slots[slot].position = recent->end;
	recent->end += place->size;
}

/* Has a page before it the same data?  Then *place tells where; else it is remembered. */
static bool find_recent(struct share *share, const uint8_t *data, struct share_place *place)
{
	struct recent *recent = share->recent;
	uint64_t hash = place->checksum ? place->checksum
					: kdump_checksum(data, place->size, place->format);
	size_t slot = hash % SHARE_RECENT_SLOTS;
	uint64_t position = recent->slots[slot].position;
	uint64_t age = recent->end - position;

	if (age <= SHARE_RECENT_BYTES && is_alike(&recent->slots[slot].place, place) &&
	    memcmp(recent->bytes + position % SHARE_RECENT_BYTES, data, place->size) == 0) {
		*place = recent->slots[slot].place;
		share->equal_pages++;
		share->equal_bytes += place->size;
		if (age > SHARE_RECENT_BYTES / 2)
			remember_recent(recent, slot, data, place);
		return true;
	}
	remember_recent(recent, slot, data, place);
	return false;
}

void share_gain(const struct share *share, uint64_t *ret_pages, uint64_t *ret_bytes)
{
	*ret_pages = share->equal_pages;
	*ret_bytes = share->equal_bytes;
}

/* Is that data in the file?  Then *place tells where. */
static bool find_block(const struct share *share, const uint8_t *data, struct share_place *place)
{
	for (size_t i = 0; i < share->block_count; i++) {
		const struct shared_block *block = &share->blocks[i];

		if (!is_alike(&block->place, place) || memcmp(block->bytes, data, place->size) != 0)
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

static bool find_data(struct share *share, const struct unit_page *page, const uint8_t *data,
		      struct share_place *place)
{
	if (page->kind == UNIT_PAGE_COMPACT)
		return find_block(share, data, place);
	return page->kind == UNIT_PAGE_STORED && share->recent && find_recent(share, data, place);
}

struct vmc_error *share_unit(struct share *share, const struct unit *unit, vmc_foff data_end,
			     size_t *ret_size)
{
	size_t from = 0, to = 0; /* in the data of the unit */

	share->equal_pages = share->equal_bytes = 0;
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
		if (!find_data(share, page, data, &place)) {
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
