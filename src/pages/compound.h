/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compound pages: a head and its tails, whose encoding changed five times. */
#ifndef VMCULL_PAGES_COMPOUND_H
#define VMCULL_PAGES_COMPOUND_H

#include "pages/classifier.h"

/* 16 GiB of 4 KiB pages: the largest folio of any architecture. */
#define COMPOUND_ORDER_MAX 22

static inline bool page_is_head(const struct page_view *page)
{
	return page_has_flag(page, page->c->head_mask);
}

/* Bit 0 of this word marks a tail since 4.4; whatever else overlays the word keeps the bit clear.
 */
static inline uint64_t page_compound_word(const struct page_view *page)
{
	return load_word(page->c->layout, page->bytes + page->c->compound);
}

static inline bool page_is_tail(const struct page_view *page)
{
	return page->c->has_compound_word && (page_compound_word(page) & 1);
}

/* The pfn of the head that tail @page points to.  @address: of its struct page.  False when the
 * word cannot be right. */
bool tail_find_head(const struct page_view *tail, vmc_vaddr address, vmc_pfn *ret_head);

/* Does the word of a tail hold a mask (7.1) instead of a pointer? */
bool tail_has_mask(const struct page_view *tail);

/* The order of head @head, whose next struct page is @next and whose own is at @address.  False
 * when head and first tail contradict each other. */
bool head_find_order(const struct page_view *head, const uint8_t *next, vmc_vaddr address,
		     unsigned int *ret_order);

/* Is compound head @page, with page->next set, of the hugetlb pool?  By destructor (before 6.6);
 * later kernels have a flag or a type, see rules.c. */
bool head_has_hugetlb_dtor(const struct page_view *head);
bool head_has_hugetlb_destructor(const struct page_view *head);

#endif
