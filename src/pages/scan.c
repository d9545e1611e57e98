/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/scan.h"

#include "base/checked.h"
#include "pages/compound.h"

/* The layout of most dumps on most hosts, so that loads of a word are one instruction. */
static const struct layout native = {.big_endian = BYTE_ORDER == BIG_ENDIAN, .word_size = 8};

/* Is a word of the type no mapcount, that is neither -1 nor more? */
static bool is_no_mapcount(const struct classifier *c, struct page_type type)
{
	struct page_view unmapped = {.c = c, .type = UINT32_MAX};

	return !type.known || (type.value >> 31 && !page_has_type(&unmapped, type));
}

void scan_init(struct scan *scan, const struct classifier *c, const struct rule_set *rules)
{
	const struct page_type types[] = {
		c->buddy,   c->offline, c->unaccepted,   c->slab,
		c->hugetlb, c->table,   c->free_offline, c->free_unaccepted,
	};

	*scan = (struct scan){
		.rules = rules,
		.flags_mask = c->lru_mask | c->private_mask | c->swapcache_mask |
			      c->swapbacked_mask | c->slab_mask | c->hwpoison_mask | c->buddy_mask,
		.type_mask = UINT32_MAX,
		.plain_mapcounts = true,
	};
	if (c->type_scheme == TYPE_TOP_BYTE)
		scan->type_mask = 0xff000000;
	else if (c->type_scheme == TYPE_HIGH_16)
		scan->type_mask = 0xffff0000;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		scan->plain_mapcounts &= is_no_mapcount(c, types[i]);
}

static inline uint32_t type_key(const struct scan *scan, uint32_t type)
{
	if (!scan->plain_mapcounts)
		return type;
	return (int32_t)type < -1 ? type & scan->type_mask : UINT32_MAX;
}

static inline struct scan_key key_of(const struct scan *scan, const struct page_view *page,
				     uint64_t mapping)
{
	return (struct scan_key){
		.flags = page->flags & scan->flags_mask,
		.type = type_key(scan, page->type),
		.is_anon = mapping_is_anon(mapping),
	};
}

static inline bool is_same_key(const struct scan_key *a, const struct scan_key *b)
{
	return a->flags == b->flags && a->type == b->type && a->is_anon == b->is_anon;
}

static inline size_t slot_of(const struct scan_key *key)
{
	uint64_t mixed = (key->flags ^ (uint64_t)key->type << 32 ^ key->is_anon) *
			 UINT64_C(0x9e3779b97f4a7c15);

	return mixed >> 58;
}

_Static_assert(SCAN_SLOTS == 1 << (64 - 58), "the hash picks one of them");

struct verdict scan_judge(struct scan *scan, const struct page_view *page)
{
	const struct classifier *c = page->c;
	struct scan_key key = key_of(scan, page, load_word(c->layout, page->bytes + c->mapping));
	struct scan_slot *slot = &scan->slots[slot_of(&key)];

	if (page_is_uninitialised(page))
		return rule_set_judge(scan->rules, page, 0);
	if (!slot->used || !is_same_key(&slot->key, &key)) {
		slot->used = true;
		slot->key = key;
		slot->row = rule_set_find(scan->rules, page, &slot->has_order);
		slot->verdict = rule_apply(slot->row, page, 0);
		return slot->verdict;
	}
	return slot->has_order ? rule_apply(slot->row, page, 0) : slot->verdict;
}

static inline __attribute__((always_inline)) uint64_t count_alike(const struct scan *scan,
								  const struct page_view *page,
								  const uint8_t *bytes,
								  uint64_t count,
								  struct layout layout)
{
	const struct classifier *c = page->c;
	const struct scan_key key = key_of(scan, page, load_word(layout, page->bytes + c->mapping));
	const struct scan_slot *slot = &scan->slots[slot_of(&key)];
	uint64_t mask = scan->flags_mask | c->head_mask, max = layout_word_max(layout);

	/* The key decides alone, and did so. */
	if (page_is_head(page) || page_is_uninitialised(page) || !slot->used || slot->has_order ||
	    !is_same_key(&slot->key, &key))
		return 0;
	for (uint64_t i = 0; i < count; i++, bytes += c->struct_size) {
		uint64_t flags = load_word(layout, bytes + c->flags);
		uint32_t type =
			c->has_mapcount ? load_u32(layout, bytes + c->mapcount) : UINT32_MAX;

		if ((flags & mask) != key.flags || flags == max ||
		    type_key(scan, type) != key.type ||
		    mapping_is_anon(load_word(layout, bytes + c->mapping)) != key.is_anon ||
		    (c->has_compound_word && load_word(layout, bytes + c->compound) & 1))
			return i;
	}
	return count;
}

uint64_t scan_alike(const struct scan *scan, const struct page_view *page, const uint8_t *bytes,
		    uint64_t count)
{
	return layout_is_plain(page->c->layout)
		       ? count_alike(scan, page, bytes, count, native)
		       : count_alike(scan, page, bytes, count, page->c->layout);
}

static inline __attribute__((always_inline)) uint64_t count_flag(const struct classifier *c,
								 uint64_t mask,
								 const uint8_t *bytes,
								 uint64_t count,
								 struct layout layout)
{
	const uint8_t *flags = bytes + c->flags;
	bool first = load_word(layout, flags) & mask;
	uint64_t i = 1;

	/* Four at a time, as long as none has it: nearly always. */
	for (; !first && i + 4 <= count; i += 4) {
		const uint8_t *four = flags + i * c->struct_size;

		if ((load_word(layout, four) | load_word(layout, four + c->struct_size) |
		     load_word(layout, four + 2 * c->struct_size) |
		     load_word(layout, four + 3 * c->struct_size)) &
		    mask)
			break;
	}
	while (i < count && !(load_word(layout, flags + i * c->struct_size) & mask) == !first)
		i++;
	return i;
}

uint64_t scan_flag(const struct classifier *c, uint64_t mask, const uint8_t *bytes, uint64_t count)
{
	return layout_is_plain(c->layout) ? count_flag(c, mask, bytes, count, native)
					  : count_flag(c, mask, bytes, count, c->layout);
}
