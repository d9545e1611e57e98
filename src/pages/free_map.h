/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory map of free memory: pages of it in which all struct pages say the same.
 *
 * Inside of a free block the kernel leaves struct pages as they are: no flag, no mapping, no owner,
 * not mapped (-1), no reference; lru points to itself as in a list head, since memmap_init() or
 * since list_del_init(), or is LIST_POISON1 and 2, since list_del().  Only pages of the map with
 * nothing else in them count, byte by byte.
 */
#ifndef VMCULL_PAGES_FREE_MAP_H
#define VMCULL_PAGES_FREE_MAP_H

#include "dump/map_form.h"
#include "pages/memmap.h"

/* A run of pages that hold the memory map, at addresses that follow each other. */
struct free_map_range {
	vmc_pfn pfn;
	uint64_t count;
	vmc_vaddr address;
	bool alias; /* the same pages again behind it: while the map is made */
};

/* Where a map of small pages is scattered there are more; the rest is no part of it then. */
#define FREE_MAP_RANGES_MAX 65536

struct free_map {
	struct map_form form;
	uint32_t flags;                /* offset of the word */
	uint32_t mapcount;             /* offset */
	uint64_t flag_bits;            /* which of its bits are flags of a page */
	struct free_map_range *ranges; /* by pfn */
	size_t range_count, range_capacity;
};

enum free_map_kind {
	FREE_MAP_NOT,    /* it holds something else */
	FREE_MAP_SELF,   /* every lru points to itself */
	FREE_MAP_POISON, /* every lru is poison */
};

/* What is in such a page; pages with the same values and kind have the same block. */
struct free_map_content {
	enum free_map_kind kind;
	uint32_t skip;       /* as map_form_skip() */
	uint64_t flags;      /* the word of all its struct pages */
	uint64_t next, prev; /* their lru; 0 of FREE_MAP_SELF */
};

/* VMC_ERR_MISSING where a fact is missing that is needed.  Pages that hold the map at several
 * addresses (hugetlb pages whose map was optimised, 5.14) are no part of it: what is at one is at
 * the other not its own. */
struct vmc_error *free_map_create(struct vmc_target *target,
				  struct free_map **ret_map) VMC_MUST_CHECK;
void free_map_destroy(struct free_map *map);
DEFINE_CLEANUP(struct free_map *, free_map_destroy);

/* Does the page hold a part of the map, and which? */
bool free_map_find(const struct free_map *map, vmc_pfn pfn, vmc_vaddr *ret_address);

/* What is in the page of the map at @address? */
void free_map_look(const struct free_map *map, vmc_vaddr address, const uint8_t *page,
		   struct free_map_content *ret_content);

static inline bool free_map_content_equal(const struct free_map_content *a,
					  const struct free_map_content *b)
{
	return a->kind == b->kind && a->skip == b->skip && a->flags == b->flags &&
	       a->next == b->next && a->prev == b->prev;
}

/* Gives the block that stands for a page with this content: the page itself, but where lru
 * points to itself it is 0. */
void free_map_make_block(const struct free_map *map, const struct free_map_content *content,
			 uint8_t *ret_block);

#endif
