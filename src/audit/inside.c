/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/inside.h"

#include "pages/compound.h"

static bool has_reference(const struct page_view *page)
{
	const struct classifier *c = page->c;

	return c->has_refcount && load_u32(c->layout, page->bytes + c->refcount);
}

/* Flags that only pages in use have. */
static bool has_flags_of_use(const struct page_view *page)
{
	const struct classifier *c = page->c;

	return page_has_flag(page, c->lru_mask | c->slab_mask | c->head_mask | c->private_mask);
}

/* The mapping of a free page is NULL since it was freed. */
static void check_free_head(const struct inside *inside, const struct page_view *page)
{
	const struct classifier *c = page->c;

	if (has_reference(page) || has_flags_of_use(page) ||
	    load_word(c->layout, page->bytes + c->mapping))
		findings_add_pages(inside->findings, FINDING_FREE_IN_USE, page->pfn, 1);
}

/* Words inside of a free block are stale, but they are those of pages that were freed. */
static void check_free_inside(const struct inside *inside, const struct page_view *page)
{
	if (page_has_type(page, page->c->buddy))
		findings_add_pages(inside->findings, FINDING_FREE_NESTED, page->pfn, 1);
	else if (has_reference(page) || has_flags_of_use(page) || page_has_any_type(page))
		findings_add_pages(inside->findings, FINDING_FREE_INSIDE_IN_USE, page->pfn, 1);
}

/* Where the memory of a hugetlb page's struct pages was given back to the system (5.14 to 7.0), the
 * first page of them is shown over and over: its head, too. */
static bool is_fake_head(const struct inside *inside, const struct page_view *page)
{
	uint64_t per_page = inside->page_size / page->c->struct_size;

	return inside->state == VMC_PAGE_HUGETLB && per_page &&
	       (page->pfn - inside->head) % per_page == 0 && page->flags == inside->head_flags;
}

static void check_tail(struct inside *inside, const struct page_view *page, vmc_vaddr address)
{
	const struct classifier *c = page->c;
	uint64_t word = load_word(c->layout, page->bytes + c->compound);
	vmc_pfn head;

	if (!c->has_compound_word || (inside->tail_word && word == inside->tail_word))
		return;
	if (page_is_tail(page) && tail_find_head(page, address, &head) && head == inside->head)
		inside->tail_word = word;
	else if (!is_fake_head(inside, page))
		findings_add_pages(inside->findings, FINDING_TAIL_ASTRAY, page->pfn, 1);
}

void inside_check(struct inside *inside, const struct page_view *page, vmc_vaddr address)
{
	bool is_head = page->pfn == inside->head;

	switch (inside->state) {
	case VMC_PAGE_FREE:
		if (is_head)
			check_free_head(inside, page);
		else
			check_free_inside(inside, page);
		break;
	case VMC_PAGE_KERNEL:
	case VMC_PAGE_SLAB:
	case VMC_PAGE_TABLE:
	case VMC_PAGE_CACHE:
	case VMC_PAGE_CACHE_PRIVATE:
	case VMC_PAGE_ANON:
	case VMC_PAGE_HUGETLB:
		if (inside->order && !is_head)
			check_tail(inside, page, address);
		break;
	default: /* not made of head and tails */
		break;
	}
}
