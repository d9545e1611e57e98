/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of struct pages, linked through page.lru: free blocks, per-CPU free pages, unaccepted
 * memory.  Every entry has to lead back to the one before, which finds cut lists, strayed pointers
 * and cycles alike.
 */
#ifndef VMCULL_PAGES_PAGE_LIST_H
#define VMCULL_PAGES_PAGE_LIST_H

#include "pages/memmap.h"

struct page_list {
	struct memmap *memmap;
	struct target_reader *reader;
	uint64_t lru, next, prev; /* offsets */
	uint64_t align;           /* of all pfns on the list; 1 unless set */
	vmc_pfn near;             /* some pfn with a struct page, to count from */
	struct memmap_run run;    /* where the last entry was */

	vmc_vaddr head;
	vmc_vaddr entry, previous;
	uint64_t passed, max;
};

enum page_list_step {
	PAGE_LIST_ENTRY,
	PAGE_LIST_END,
	PAGE_LIST_DAMAGED, /* the entry at list->entry, number list->passed, cannot be right */
};

/* Works out what all lists share.  VMC_ERR_MISSING when the kernel does not tell how lists are
 * linked. */
struct vmc_error *page_list_init(struct page_list *list, struct memmap *memmap) VMC_MUST_CHECK;

/* Starts at @head, for @max entries at most.  *ret_is_list is false when the two words there are no
 * head of a list in both directions. */
struct vmc_error *page_list_begin(struct page_list *list, vmc_vaddr head, uint64_t max,
				  bool *ret_is_list) VMC_MUST_CHECK;

/* The pfn of the next entry.  An error only when memory is short. */
struct vmc_error *page_list_next(struct page_list *list, enum page_list_step *ret_step,
				 vmc_pfn *ret_pfn) VMC_MUST_CHECK;

#endif
