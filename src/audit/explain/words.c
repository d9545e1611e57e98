/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the words of a struct page say together: its compound page, its type, its mapping. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/explain/explain.h"
#include "base/checked.h"
#include "pages/compound.h"

#define MAPPING_ANON    0x1u
#define MAPPING_MOVABLE 0x2u
#define MAPPING_KSM     0x3u

void explain_say(char text[static VMC_EXPLAIN_TEXT], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, VMC_EXPLAIN_TEXT, format, args);
	va_end(args);
}

/* Copies the struct page of @pfn; *ret_read is false where there is none. */
static struct vmc_error *copy_struct(const struct page_at_hand *page, vmc_pfn pfn, uint8_t *copy,
				     vmc_vaddr *ret_address, bool *ret_read)
{
	struct structs *structs = &page->explainer->structs;
	const uint8_t *bytes;

	TRY(structs_at(structs, pfn, &bytes));
	*ret_read = bytes;
	if (!bytes)
		return NULL;
	memcpy(copy, bytes, page->c->struct_size);
	*ret_address = structs->span.address + (pfn - structs->span.start) * page->c->struct_size;
	return NULL;
}

/* @head, which lies at @address, with its first tail: do they agree?  Else @ret tells what is
 * wrong. */
static bool check_head(const struct page_view *head, const uint8_t *next, vmc_vaddr address,
		       struct vmc_explanation *ret)
{
	const struct classifier *c = head->c;
	struct page_view tail = page_view(c, head->pfn + 1, next);
	vmc_pfn back = 0;

	if (head_find_order(head, next, address, &ret->order)) {
		ret->compound_sound = true;
		return true;
	}
	if (c->has_compound_word && !page_is_tail(&tail))
		explain_say(ret->compound_problem, "the page behind the head is no tail");
	else if (c->has_compound_word && !tail_find_head(&tail, address + c->struct_size, &back))
		explain_say(ret->compound_problem, "the first tail points to no struct page");
	else if (c->has_compound_word && back != head->pfn)
		explain_say(ret->compound_problem, "the first tail is of pfn 0x%" PRIx64, back);
	else
		explain_say(ret->compound_problem,
			    "the order that the first tail has cannot be, or not here");
	return false;
}

static struct vmc_error *explain_head(struct page_at_hand *page, struct vmc_explanation *ret)
{
	struct page_view tail;
	vmc_vaddr next_address;
	vmc_pfn other;
	bool read;

	ret->compound = VMC_COMPOUND_HEAD;
	ret->head = page->pfn;
	page->head = page->view;
	TRY(copy_struct(page, page->pfn + 1, page->next, &next_address, &read));
	if (!read) {
		explain_say(ret->compound_problem, "the struct page behind it cannot be read");
		return NULL;
	}
	if (check_head(&page->view, page->next, page->address, ret)) {
		page->view.next = page->head.next = page->next;
		return NULL;
	}
	/* Hugetlb pages that gave back memory of their map (5.14 to 7.0) share it: then tails look
	 * like the head, and what seems to be their first tail leads to it. */
	tail = page_view(page->c, page->pfn + 1, page->next);
	if (page_is_tail(&tail) && tail_find_head(&tail, next_address, &other) &&
	    other < page->pfn) {
		ret->compound = VMC_COMPOUND_TAIL;
		ret->head = other;
	}
	return NULL;
}

/* The page is a tail of ret->head, if that agrees. */
static struct vmc_error *explain_head_of_tail(struct page_at_hand *page,
					      struct vmc_explanation *ret)
{
	uint8_t next[STRUCT_PAGE_MAX];
	vmc_vaddr address, next_address;
	bool read;

	TRY(copy_struct(page, ret->head, page->head_bytes, &address, &read));
	if (read) {
		page->head = page_view(page->c, ret->head, page->head_bytes);
		if (!page_is_head(&page->head)) {
			explain_say(ret->compound_problem,
				    "pfn 0x%" PRIx64 ", its head, has no PG_head", ret->head);
			return NULL;
		}
		TRY(copy_struct(page, ret->head + 1, next, &next_address, &read));
	}
	if (!read) {
		explain_say(ret->compound_problem, "the head's struct page cannot be read");
		return NULL;
	}
	*ret->compound_problem = '\0';
	if (check_head(&page->head, next, address, ret) &&
	    page->pfn - ret->head >= (uint64_t)1 << ret->order) {
		ret->compound_sound = false;
		explain_say(ret->compound_problem,
			    "the head at pfn 0x%" PRIx64 " has %" PRIu64 " pages, too few for it",
			    ret->head, (uint64_t)1 << ret->order);
	}
	return NULL;
}

struct vmc_error *explain_compound(struct page_at_hand *page, struct vmc_explanation *ret)
{
	/* Struct pages that were never initialised look like anything. */
	if (page_is_uninitialised(&page->view))
		return NULL;
	if (page_is_tail(&page->view)) {
		ret->compound = VMC_COMPOUND_TAIL;
		ret->head_by_mask = tail_has_mask(&page->view);
		if (tail_find_head(&page->view, page->address, &ret->head))
			return explain_head_of_tail(page, ret);
		ret->head = page->pfn;
		explain_say(ret->compound_problem,
			    "it is marked as a tail, of a head that cannot be");
		return NULL;
	}
	if (!page_is_head(&page->view))
		return NULL;
	TRY(explain_head(page, ret));
	return ret->compound == VMC_COMPOUND_TAIL ? explain_head_of_tail(page, ret) : NULL;
}

static unsigned int state_traits(enum vmc_page_state state, bool first)
{
	switch (state) {
	case VMC_PAGE_FREE:
		return first ? TRAIT_FREE_HEAD : TRAIT_FREE;
	case VMC_PAGE_ANON:
		return TRAIT_ANON;
	case VMC_PAGE_CACHE:
	case VMC_PAGE_CACHE_PRIVATE:
		return TRAIT_FILE;
	case VMC_PAGE_HUGETLB:
		return TRAIT_HUGETLB;
	case VMC_PAGE_SLAB:
		return TRAIT_SLAB;
	case VMC_PAGE_OFFLINE:
		return TRAIT_OFFLINE;
	case VMC_PAGE_UNACCEPTED:
		return TRAIT_UNACCEPTED;
	case VMC_PAGE_TABLE:
		return TRAIT_TABLE;
	default:
		return 0;
	}
}

static uint64_t mapping_of(const struct page_view *view)
{
	return load_word(view->c->layout, view->bytes + view->c->mapping);
}

void explain_traits(struct page_at_hand *page, const struct vmc_explanation *explanation)
{
	const struct facts *facts = &page->explainer->target->facts;
	const struct classifier *c = page->c;
	const struct page_view *speaker = explanation->compound_sound ? &page->head : &page->view;
	enum vmc_page_state state = page->block.state;
	uint64_t writeback = fact_or(facts, FACT_NUMBER_PG_writeback, 64);
	bool is_tail = explanation->compound == VMC_COMPOUND_TAIL;

	/* What it was before memory went bad. */
	if (state == VMC_PAGE_HWPOISON)
		state = page->own.state;
	page->traits = state_traits(state, explanation->block_start == page->pfn);
	if (state == VMC_PAGE_HUGETLB)
		page->traits |= mapping_of(speaker) & MAPPING_ANON ? TRAIT_ANON : TRAIT_FILE;
	if (page_has_any_type(&page->view) && !is_tail)
		page->traits |= TRAIT_TYPED;
	if ((mapping_of(speaker) & MAPPING_KSM) == MAPPING_MOVABLE)
		page->traits |= TRAIT_MOVABLE;
	if (page_has_flag(speaker, c->swapbacked_mask))
		page->traits |= TRAIT_SWAPBACKED;
	if (page_has_flag(speaker, c->lru_mask))
		page->traits |= TRAIT_LRU;
	if (writeback < 64 && page_has_flag(speaker, (uint64_t)1 << writeback))
		page->traits |= TRAIT_WRITEBACK;
	if (is_tail)
		page->traits |= TRAIT_TAIL;
	if (is_tail && explanation->head + 1 == page->pfn)
		page->traits |= TRAIT_SECOND;
	if (c->order_scheme == ORDER_FLAGS_BYTE)
		page->traits |= TRAIT_ORDER_BYTE;
	if (c->type_scheme == TYPE_TOP_BYTE)
		page->traits |= TRAIT_TYPE_NUMBERS;
	if (fact_known(facts, FACT_NUMBER_PG_anon_exclusive))
		page->traits |= TRAIT_ANON_EXCLUSIVE;
}

void explain_type(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	const struct classifier *c = page->c;

	if (c->has_mapcount) {
		ret->has_type_word = true;
		ret->type_word = page->view.type;
		/* A slab that is marked by a flag counts its objects in this word. */
		if (page_has_flag(&page->view, c->slab_mask) && !(page->traits & TRAIT_TAIL))
			ret->type = "slab";
		else if (!(page->traits & TRAIT_TAIL))
			ret->type = page_type_name(&page->view);
		ret->mapcount = (int64_t)(int32_t)page->view.type + 1;
	}
	if (c->has_refcount) {
		ret->has_refcount = true;
		ret->refcount = (int32_t)load_u32(c->layout, page->bytes + c->refcount);
	}
}

/* Is the word a pointer to what the page belongs to, on a page of this kind? */
static bool has_mapping(const struct page_at_hand *page)
{
	if (page->traits & (TRAIT_TAIL | TRAIT_SLAB | TRAIT_FREE | TRAIT_FREE_HEAD))
		return false;
	return !(page->traits & TRAIT_TYPED) || (page->traits & TRAIT_HUGETLB);
}

void explain_mapping(const struct page_at_hand *page, struct vmc_explanation *ret)
{
	uint64_t word = mapping_of(&page->view);

	ret->mapping_word = word;
	if (!word)
		ret->mapping = VMC_MAPPING_NULL;
	else if (!has_mapping(page) || word == MAPPING_ANON)
		ret->mapping = VMC_MAPPING_OTHER;
	else if ((word & MAPPING_KSM) == MAPPING_KSM)
		ret->mapping = VMC_MAPPING_KSM;
	else if (word & MAPPING_ANON)
		ret->mapping = VMC_MAPPING_ANON;
	else if (word & MAPPING_MOVABLE)
		ret->mapping = VMC_MAPPING_MOVABLE;
	else
		ret->mapping = VMC_MAPPING_ADDRESS_SPACE;
}
