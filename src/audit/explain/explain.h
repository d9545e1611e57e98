/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of explanations: what is looked at for one page, and who says what of it. */
#ifndef VMCULL_AUDIT_EXPLAIN_EXPLAIN_H
#define VMCULL_AUDIT_EXPLAIN_EXPLAIN_H

#include <vmcull/explain.h>

#include "audit/attributes.h"
#include "audit/state.h"
#include "pages/walk.h"

struct vmc_explainer {
	struct vmc_target *target;
	struct vmc_page_walk *walk; /* NULL: the memory map cannot be used */
	struct vmc_error *problem;  /* then: why */
	struct structs structs;
	struct vmc_audit zones; /* only its zones and their place in the flags word */
	struct attribute_masks masks;
	struct target_reader *reader;
	struct vmc_dump_cursor *cursor;
	uint8_t *content; /* room for a page */
	uint64_t known_flags;
	unsigned int flags_end;
};

/* What a page is, as far as its words hang on that; several at once. */
enum page_trait {
	TRAIT_FREE_HEAD = 1u << 0, /* the first page of a free block */
	TRAIT_FREE = 1u << 1,      /* any other of one */
	TRAIT_ANON = 1u << 2,
	TRAIT_FILE = 1u << 3, /* page cache, shared memory too */
	TRAIT_HUGETLB = 1u << 4,
	TRAIT_SLAB = 1u << 5,
	TRAIT_OFFLINE = 1u << 6,
	TRAIT_UNACCEPTED = 1u << 7,
	TRAIT_TABLE = 1u << 18,
	TRAIT_TYPED = 1u << 8,   /* of any page type */
	TRAIT_MOVABLE = 1u << 9, /* of a driver that can move it */
	TRAIT_SWAPBACKED = 1u << 10,
	TRAIT_WRITEBACK = 1u << 11,
	TRAIT_LRU = 1u << 12,
	TRAIT_TAIL = 1u << 13,
	TRAIT_SECOND = 1u << 14, /* the first tail, which has fields of the folio */
	/* Of the kernel */
	TRAIT_ORDER_BYTE = 1u << 15,   /* the order is in the flags word of the first tail (6.6) */
	TRAIT_TYPE_NUMBERS = 1u << 16, /* types are numbers (6.12) */
	TRAIT_ANON_EXCLUSIVE = 1u << 17, /* there is such a flag (5.19) */
};

/* The page at hand. */
struct page_at_hand {
	struct vmc_explainer *explainer;
	const struct classifier *c;
	vmc_pfn pfn;
	vmc_vaddr address; /* of its struct page */
	struct page_view view;
	struct verdict verdict, own, block;
	unsigned int traits;
	uint8_t bytes[STRUCT_PAGE_MAX];
	uint8_t next[STRUCT_PAGE_MAX]; /* struct page of pfn + 1, when that is its tail */
	struct page_view head;         /* of the compound page that it is in */
	uint8_t head_bytes[STRUCT_PAGE_MAX];
};

/* Adds to an explanation: each needs what those above it found out. */
struct vmc_error *explain_compound(struct page_at_hand *page,
				   struct vmc_explanation *ret) VMC_MUST_CHECK;
void explain_traits(struct page_at_hand *page, const struct vmc_explanation *explanation);
void explain_type(const struct page_at_hand *page, struct vmc_explanation *ret);
void explain_mapping(const struct page_at_hand *page, struct vmc_explanation *ret);
void explain_flags(const struct page_at_hand *page, struct vmc_explanation *ret);
struct vmc_error *explain_fields(const struct page_at_hand *page,
				 struct vmc_explanation *ret) VMC_MUST_CHECK;
void explain_near(const struct page_at_hand *page, struct vmc_explanation *ret);

/* All flags whose numbers are known, and the bit behind the last of them. */
uint64_t explain_known_flags(const struct facts *facts, unsigned int *ret_end);

/* Text into one of the buffers of an explanation; what does not fit is cut. */
void explain_say(char text[static VMC_EXPLAIN_TEXT], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
