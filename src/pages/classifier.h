/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts about struct page that the rules need, worked out once: offsets, masks, and which of
 * the kernel's successive encodings is in use.  Chosen by which key exists and by its value, never
 * by the kernel's version.
 */
#ifndef VMCULL_PAGES_CLASSIFIER_H
#define VMCULL_PAGES_CLASSIFIER_H

#include "kernel/facts.h"
#include "target/target.h"

/* How the word that page types share with _mapcount is compared. */
enum type_scheme {
	TYPE_WORD,     /* the whole word: -2 (2.6.38), -128 (2.6.39), ~bit (4.18 … 6.10) */
	TYPE_HIGH_16,  /* bits of the upper half, lower half free for the owner (6.11) */
	TYPE_TOP_BYTE, /* a number in the top byte, lower 24 bits free for the owner (6.12) */
};

/* Where the order of a compound page is. */
enum order_scheme {
	ORDER_UNKNOWN,
	ORDER_LRU_PREV,    /* page[1].lru.prev (before 4.4) */
	ORDER_PAGE_FIELD,  /* page[1].compound_order, 1, 2 or 4 bytes wide (4.4 … 6.2) */
	ORDER_FOLIO_FIELD, /* folio._folio_order, 1 byte (6.3 … 6.5) */
	ORDER_FLAGS_BYTE,  /* low byte of page[1].flags (6.6) */
};

/* A page type: known to this kernel, and its value. */
struct page_type {
	bool known;
	uint32_t value;
};

struct classifier {
	struct layout layout;
	uint64_t struct_size;
	uint64_t flags, mapping, private, mapcount, lru, compound; /* offsets in struct page */
	uint64_t order_offset;                                     /* from the head's struct page */
	uint64_t dtor_offset;
	unsigned int order_width, dtor_width; /* bytes */
	uint64_t refcount;
	bool has_mapcount, has_compound_word, has_refcount;

	/* Masks of the flags word; 0: the kernel has or tells no such flag. */
	uint64_t lru_mask, private_mask, swapcache_mask, swapbacked_mask, slab_mask, hwpoison_mask,
		head_mask, buddy_mask, hugetlb_mask;

	enum type_scheme type_scheme;
	struct page_type buddy, offline, unaccepted, slab, hugetlb, table;

	/* Two types in one word, where types are single bits (4.18 to 6.10): a free block that is
	 * not to be touched, as drafts of unaccepted memory marked it. */
	struct page_type free_offline, free_unaccepted;

	enum order_scheme order_scheme;
	bool hugetlb_by_dtor; /* dtor field == hugetlb_dtor */
	uint32_t hugetlb_dtor;
	vmc_vaddr hugetlb_destructor; /* page[1].lru.next == this (before 4.4); 0: not known */
	unsigned int max_order;       /* of a free block */
};

struct vmc_error *classifier_init(struct classifier *classifier,
				  const struct vmc_target *target) VMC_MUST_CHECK;

/* One struct page, with what is looked at most often. */
struct page_view {
	const struct classifier *c;
	vmc_pfn pfn;
	const uint8_t *bytes; /* struct page */
	const uint8_t *next;  /* that of pfn + 1 when this is a valid compound head, else NULL */
	uint64_t flags;
	uint32_t type; /* the _mapcount / page_type word; all ones when there is none */
};

static inline struct page_view page_view(const struct classifier *c, vmc_pfn pfn,
					 const uint8_t *bytes)
{
	return (struct page_view){
		.c = c,
		.pfn = pfn,
		.bytes = bytes,
		.flags = load_word(c->layout, bytes + c->flags),
		.type = c->has_mapcount ? load_u32(c->layout, bytes + c->mapcount) : UINT32_MAX,
	};
}

static inline bool page_has_flag(const struct page_view *page, uint64_t mask)
{
	return (page->flags & mask) != 0;
}

/* Struct pages are filled with ones until they are initialised (4.18). */
static inline bool page_is_uninitialised(const struct page_view *page)
{
	return page->flags == layout_word_max(page->c->layout);
}

/* Is the page of that type? */
bool page_has_type(const struct page_view *page, struct page_type type);

/* Is there any type at all in the word, known to us or not?  Then it is no mapcount, and the words
 * that user pages use mean something else. */
bool page_has_any_type(const struct page_view *page);

/* "buddy", "offline", …: the type in the word; "unknown", or NULL when there is none. */
const char *page_type_name(const struct page_view *page);

#endif
