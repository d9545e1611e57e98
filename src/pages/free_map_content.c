/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a page of the memory map. */
#include <string.h>

#include "base/checked.h"
#include "pages/free_map.h"

/* A part of a struct page, and where it lies in the page. */
struct piece {
	uint32_t at, skip, size;
};

/* @first_skip: how far into a struct page the page begins. */
static bool next_piece(const struct map_form *form, uint32_t first_skip, struct piece *piece)
{
	piece->at += piece->size;
	if (piece->at >= form->page_size)
		return false;
	piece->skip = piece->at ? 0 : first_skip;
	piece->size =
		(uint32_t)min_u64(form->struct_size - piece->skip, form->page_size - piece->at);
	return true;
}

/* LIST_POISON1 and 2 (include/linux/poison.h) and what is added to both: nothing on machines of 32
 * bits, CONFIG_ILLEGAL_POINTER_VALUE on others.  The second was 0x200 before 4.15. */
static bool is_poison(uint64_t next, uint64_t prev)
{
	static const uint64_t added[] = {0, 0xdead000000000000, 0x5deadbeef0000000};

	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		if (next == added[i] + 0x100 &&
		    (prev == added[i] + 0x122 || prev == added[i] + 0x200))
			return true;
	return false;
}

static void set_lru(const struct map_form *form, uint8_t *example, uint64_t next, uint64_t prev)
{
	store_word(form->layout, example + form->lru, next);
	store_word(form->layout, example + form->lru + form->layout.word_size, prev);
}

/* The struct page that all have to be like. */
static void make_example(const struct free_map *map, const struct free_map_content *content,
			 uint8_t *ret_example)
{
	const struct map_form *form = &map->form;

	memset(ret_example, 0, form->struct_size);
	store_u32(form->layout, ret_example + map->mapcount, UINT32_MAX);
	store_word(form->layout, ret_example + map->flags, content->flags);
	set_lru(form, ret_example, content->next, content->prev);
}

/* The struct page of most kernels and hosts is four of these. */
typedef uint64_t words __attribute__((vector_size(16)));
#define WORDS_SIZE (4 * sizeof(words))

static bool has_words(const struct map_form *form, const struct free_map_content *content)
{
	return form->struct_size == WORDS_SIZE && !content->skip && layout_is_plain(form->layout) &&
	       !(form->lru % sizeof(uint64_t));
}

/* As is_like().  All pages of the map come through here, a million of a machine of 256 GiB: with
 * vectors in registers it takes a fifth of the instructions. */
static bool is_like_words(const struct map_form *form, vmc_vaddr address, const uint8_t *page,
			  const struct free_map_content *content, const uint8_t *example)
{
	size_t next = form->lru / sizeof(uint64_t);
	uint64_t first[WORDS_SIZE / sizeof(uint64_t)], grow[WORDS_SIZE / sizeof(uint64_t)] = {0};
	words like[4], step[4], found[4], differing = {0};

	memcpy(first, example, sizeof(first));
	if (content->kind == FREE_MAP_SELF) {
		first[next] = first[next + 1] = address + form->lru;
		grow[next] = grow[next + 1] = WORDS_SIZE;
	}
	memcpy(like, first, sizeof(like));
	memcpy(step, grow, sizeof(step));
	for (size_t at = 0; at < form->page_size; at += WORDS_SIZE) {
		memcpy(found, page + at, sizeof(found));
		differing |= found[0] ^ like[0];
		differing |= found[1] ^ like[1];
		differing |= found[2] ^ like[2];
		differing |= found[3] ^ like[3];
		like[0] += step[0];
		like[1] += step[1];
		like[2] += step[2];
		like[3] += step[3];
	}
	return !(differing[0] | differing[1]);
}

static bool is_like(const struct map_form *form, vmc_vaddr address, const uint8_t *page,
		    const struct free_map_content *content, uint8_t *example)
{
	struct piece piece = {0};

	while (next_piece(form, content->skip, &piece)) {
		vmc_vaddr self = address + piece.at - piece.skip + form->lru;

		if (content->kind == FREE_MAP_SELF)
			set_lru(form, example, self, self);
		if (memcmp(page + piece.at, example + piece.skip, piece.size) != 0)
			return false;
	}
	return true;
}

void free_map_look(const struct free_map *map, vmc_vaddr address, const uint8_t *page,
		   struct free_map_content *ret)
{
	const struct map_form *form = &map->form;
	uint32_t skip = map_form_skip(form, address);
	uint32_t start = skip ? form->struct_size - skip : 0; /* of the first whole one */
	vmc_vaddr self = address + start + form->lru;
	const uint8_t *first = page + start;
	struct free_map_content content = {
		.kind = FREE_MAP_POISON,
		.skip = skip,
		.flags = load_word(form->layout, first + map->flags),
		.next = load_word(form->layout, first + form->lru),
		.prev = load_word(form->layout, first + form->lru + form->layout.word_size),
	};
	uint8_t example[MAP_FORM_STRUCT_MAX];

	ret->kind = FREE_MAP_NOT;
	if (content.next == self && content.prev == self) {
		content.kind = FREE_MAP_SELF;
		content.next = content.prev = 0;
	} else if (!is_poison(content.next, content.prev)) {
		return;
	}
	if (content.flags & map->flag_bits)
		return;
	make_example(map, &content, example);
	if (has_words(form, &content) ? is_like_words(form, address, page, &content, example)
				      : is_like(form, address, page, &content, example))
		*ret = content;
}

void free_map_make_block(const struct free_map *map, const struct free_map_content *content,
			 uint8_t *ret_block)
{
	uint8_t example[MAP_FORM_STRUCT_MAX];
	struct piece piece = {0};

	make_example(map, content, example);
	while (next_piece(&map->form, content->skip, &piece))
		memcpy(ret_block + piece.at, example + piece.skip, piece.size);
}
