/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/compound.h"

#include "base/checked.h"

/* From 7.1 (d50569612c29) a tail may hold a mask instead of a pointer: ones from the bit up that is
 * the size of all struct pages of the folio, so that address & mask is the head.  Only where
 * SIZE(page) is a power of two.  A pointer never has that form within the bounds of an order. */
static bool is_mask(const struct classifier *c, uint64_t word)
{
	uint64_t low = ~layout_word_max(c->layout) | word;

	low = ~low + 1; /* the lowest one, when all above it are ones */
	return is_power_of_two(c->struct_size) && is_power_of_two(low) && low > c->struct_size &&
	       low <= c->struct_size << COMPOUND_ORDER_MAX;
}

bool tail_has_mask(const struct page_view *tail)
{
	return is_mask(tail->c, page_compound_word(tail) & ~(uint64_t)1);
}

bool tail_find_head(const struct page_view *tail, vmc_vaddr address, vmc_pfn *ret_head)
{
	const struct classifier *c = tail->c;
	uint64_t word = page_compound_word(tail) & ~(uint64_t)1;
	vmc_vaddr head = is_mask(c, word) ? address & word : word;
	uint64_t pages = (address - head) / c->struct_size;

	if (head >= address || (address - head) % c->struct_size || pages > tail->pfn ||
	    pages >= (uint64_t)1 << COMPOUND_ORDER_MAX)
		return false;
	*ret_head = tail->pfn - pages;
	return true;
}

static uint64_t load_field(struct layout layout, const uint8_t *bytes, unsigned int width)
{
	switch (width) {
	case 4:
		return load_u32(layout, bytes);
	case 2:
		return load_u16(layout, bytes);
	default:
		return load_u8(bytes);
	}
}

/* Fields of the first tail are counted from the head; @next is the first tail. */
static uint64_t read_order(const struct classifier *c, const uint8_t *next)
{
	const uint8_t *field = next + (c->order_offset - c->struct_size);

	switch (c->order_scheme) {
	case ORDER_FLAGS_BYTE: /* 6.6: the low flags are never used on a first tail */
		return load_word(c->layout, field) & 0xff;
	case ORDER_FOLIO_FIELD:
	case ORDER_PAGE_FIELD:
		return load_field(c->layout, field, c->order_width);
	case ORDER_LRU_PREV:
		return load_word(c->layout, field);
	case ORDER_UNKNOWN:
		break;
	}
	return UINT64_MAX;
}

bool head_find_order(const struct page_view *head, const uint8_t *next, vmc_vaddr address,
		     unsigned int *ret_order)
{
	const struct classifier *c = head->c;
	uint64_t order = read_order(c, next);

	if (order < 1 || order > COMPOUND_ORDER_MAX || head->pfn & (((uint64_t)1 << order) - 1))
		return false;
	if (c->has_compound_word) {
		struct page_view tail = page_view(c, head->pfn + 1, next);
		vmc_pfn back;

		if (!page_is_tail(&tail) ||
		    !tail_find_head(&tail, address + c->struct_size, &back) || back != head->pfn)
			return false;
	}
	*ret_order = (unsigned int)order;
	return true;
}

bool head_has_hugetlb_dtor(const struct page_view *head)
{
	const struct classifier *c = head->c;

	return head->next && load_field(c->layout, head->next + (c->dtor_offset - c->struct_size),
					c->dtor_width) == c->hugetlb_dtor;
}

bool head_has_hugetlb_destructor(const struct page_view *head)
{
	const struct classifier *c = head->c;

	return head->next && load_word(c->layout, head->next + c->lru) == c->hugetlb_destructor;
}
