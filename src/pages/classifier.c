/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/classifier.h"

#include <string.h>

#include "base/checked.h"
#include "pages/structs.h"

static struct page_type page_type(const struct facts *facts, enum fact_id id)
{
	return (struct page_type){
		.known = fact_known(facts, id),
		/* NUMBERs are signed longs; the field has 32 bits. */
		.value = (uint32_t)fact_or(facts, id, 0),
	};
}

/* The value of the buddy type tells the era, see enum type_scheme. */
static enum type_scheme find_type_scheme(struct page_type buddy)
{
	if (!buddy.known)
		return TYPE_WORD;
	if ((buddy.value & 0x00ffffff) == 0 && buddy.value >> 24 >= 0xf0 &&
	    buddy.value >> 24 < 0xff)
		return TYPE_TOP_BYTE; /* 4ffca5a96678, 6.12 */
	if ((buddy.value & 0xffff) == 0xffff && buddy.value < 0xffff0000 && buddy.value >> 31)
		return TYPE_HIGH_16; /* 6.11 */
	return TYPE_WORD;
}

/* Both of two types, each of which clears one bit of the word; unknown where types are no bits. */
static struct page_type both_types(struct page_type a, struct page_type b)
{
	bool are_bits =
		a.known && b.known && is_power_of_two(~a.value) && is_power_of_two(~b.value);

	return (struct page_type){.known = are_bits && a.value != b.value,
				  .value = a.value & b.value};
}

/* dtor and order are neighbours: their distance is their width (int until 4.15 on 64 bits, short on
 * 32, unsigned char since 4.16). */
static unsigned int field_width(uint64_t dtor, uint64_t order)
{
	uint64_t distance = order - dtor;

	return distance == 2 || distance == 4 ? (unsigned int)distance : 1;
}

static void find_compound_scheme(struct classifier *c, const struct facts *facts)
{
	uint64_t struct_size = c->struct_size;

	if (fact_known(facts, FACT_OFFSET_folio_order)) {
		/* Counted from the folio, so past the first struct page already. */
		c->order_scheme = ORDER_FOLIO_FIELD;
		c->order_offset = fact_or(facts, FACT_OFFSET_folio_order, 0);
		c->dtor_offset = fact_or(facts, FACT_OFFSET_folio_dtor, c->order_offset);
		c->order_width = c->dtor_width = 1;
		c->hugetlb_by_dtor = fact_known(facts, FACT_OFFSET_folio_dtor);
	} else if (fact_known(facts, FACT_OFFSET_page_compound_order)) {
		uint64_t order = fact_or(facts, FACT_OFFSET_page_compound_order, 0);
		uint64_t dtor = fact_or(facts, FACT_OFFSET_page_compound_dtor, order);

		c->order_scheme = ORDER_PAGE_FIELD;
		c->order_offset = struct_size + order;
		c->dtor_offset = struct_size + dtor;
		c->order_width = c->dtor_width = field_width(dtor, order);
		c->hugetlb_by_dtor = fact_known(facts, FACT_OFFSET_page_compound_dtor);
	} else if (fact_known(facts, FACT_OFFSET_page_compound_head)) {
		c->order_scheme = ORDER_FLAGS_BYTE;
		c->order_offset = struct_size + c->flags;
	} else {
		c->order_scheme = ORDER_LRU_PREV;
		c->order_offset = struct_size + c->lru + c->layout.word_size;
	}
	c->hugetlb_dtor = (uint32_t)fact_or(facts, FACT_NUMBER_HUGETLB_PAGE_DTOR, 0);
	c->hugetlb_by_dtor &= fact_known(facts, FACT_NUMBER_HUGETLB_PAGE_DTOR);
	c->hugetlb_destructor = c->order_scheme == ORDER_LRU_PREV
					? fact_or(facts, FACT_SYMBOL_free_huge_page, 0)
					: 0;
}

/* facts_check() has bounded every offset by SIZE(page). */
struct vmc_error *classifier_init(struct classifier *c, const struct vmc_target *target)
{
	const struct facts *facts = &target->facts;

	memset(c, 0, sizeof(*c));
	c->layout = target->layout;
	TRY(fact_need(facts, FACT_SIZE_page, &c->struct_size));
	TRY(fact_need(facts, FACT_OFFSET_page_flags, &c->flags));
	TRY(fact_need(facts, FACT_OFFSET_page_mapping, &c->mapping));
	TRY(fact_need(facts, FACT_OFFSET_page_lru, &c->lru));
	c->mapcount = fact_or(facts, FACT_OFFSET_page_mapcount, 0);
	c->has_mapcount = fact_known(facts, FACT_OFFSET_page_mapcount);
	c->refcount = fact_or(facts, FACT_OFFSET_page_refcount, 0);
	c->has_refcount = fact_known(facts, FACT_OFFSET_page_refcount);
	c->private = fact_or(facts, FACT_OFFSET_page_private, 0);
	c->compound = fact_or(facts, FACT_OFFSET_page_compound_head, 0);
	c->has_compound_word = fact_known(facts, FACT_OFFSET_page_compound_head);

	c->lru_mask = fact_flag_mask(facts, FACT_NUMBER_PG_lru);
	c->private_mask = fact_flag_mask(facts, FACT_NUMBER_PG_private);
	c->swapcache_mask = fact_flag_mask(facts, FACT_NUMBER_PG_swapcache);
	c->swapbacked_mask = fact_flag_mask(facts, FACT_NUMBER_PG_swapbacked);
	c->slab_mask = fact_flag_mask(facts, FACT_NUMBER_PG_slab);
	c->hwpoison_mask = fact_flag_mask(facts, FACT_NUMBER_PG_hwpoison);
	c->buddy_mask = fact_flag_mask(facts, FACT_NUMBER_PG_buddy);
	c->hugetlb_mask = fact_flag_mask(facts, FACT_NUMBER_PG_hugetlb);
	c->head_mask = fact_or(facts, FACT_NUMBER_PG_head_mask, 0); /* a mask, not a bit number */

	/* Without private there is no order, so no free block to speak of. */
	if (fact_known(facts, FACT_OFFSET_page_private))
		c->buddy = page_type(facts, FACT_NUMBER_PAGE_BUDDY);
	c->offline = page_type(facts, FACT_NUMBER_PAGE_OFFLINE);
	c->unaccepted = page_type(facts, FACT_NUMBER_PAGE_UNACCEPTED);
	c->slab = page_type(facts, FACT_NUMBER_PAGE_SLAB);
	c->hugetlb = page_type(facts, FACT_NUMBER_PAGE_HUGETLB);
	c->table = page_type(facts, FACT_NUMBER_PAGE_TABLE);
	c->type_scheme = find_type_scheme(page_type(facts, FACT_NUMBER_PAGE_BUDDY));
	if (c->type_scheme == TYPE_WORD) {
		c->free_offline = both_types(c->buddy, c->offline);
		c->free_unaccepted = both_types(c->buddy, c->unaccepted);
	}
	/* LENGTH counts the orders, 0 among them, in every era; 11 is the default of all but a few.
	 */
	c->max_order = (unsigned int)fact_or(facts, FACT_LENGTH_zone_free_area, 11) - 1;
	find_compound_scheme(c, facts);
	return NULL;
}

bool page_has_type(const struct page_view *page, struct page_type type)
{
	if (!type.known)
		return false;
	switch (page->c->type_scheme) {
	case TYPE_TOP_BYTE:
		return page->type >> 24 == type.value >> 24;
	case TYPE_HIGH_16:
		return (page->type | 0xffff) == (type.value | 0xffff);
	case TYPE_WORD:
		break;
	}
	return page->type == type.value;
}

bool page_has_any_type(const struct page_view *page)
{
	/* -1 is an unmapped page; a mapcount is never below that. */
	return (int32_t)page->type < -1;
}

/* Types that no rule asks for, by the top byte of the word. */
static const char *other_type_name(const struct classifier *c, uint32_t word)
{
	if (c->type_scheme != TYPE_TOP_BYTE || c->buddy.value >> 24 != 0xf0)
		return "unknown";
	switch (word >> 24) {
	case 0xf3:
		return "guard";
	case 0xf6:
		return "zsmalloc"; /* 6.12 */
	case 0xf8:
		return "large_kmalloc"; /* 6.15 */
	default:
		return "unknown";
	}
}

const char *page_type_name(const struct page_view *page)
{
	const struct classifier *c = page->c;
	const struct {
		struct page_type type;
		const char *name;
	} types[] = {
		{c->buddy, "buddy"},
		{c->offline, "offline"},
		{c->table, "table"},
		{c->hugetlb, "hugetlb"},
		{c->slab, "slab"},
		{c->unaccepted, "unaccepted"},
		{c->free_offline, "buddy and offline"},
		{c->free_unaccepted, "buddy and unaccepted"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (page_has_type(page, types[i].type))
			return types[i].name;
	}
	return page_has_any_type(page) ? other_type_name(c, page->type) : NULL;
}
