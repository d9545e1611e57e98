/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Struct pages, read in batches straight out of the dump: a span is a view of what lies together in
 * the file.  Who takes one behind the other is given more and more at a time; who jumps, from one
 * free block to the next, a page of the map.
 */
#ifndef VMCULL_PAGES_STRUCTS_H
#define VMCULL_PAGES_STRUCTS_H

#include "pages/memmap.h"

/* SIZE(page) is 64 on most kernels, 36 to 96 on some; facts_check() bounds it. */
#define STRUCT_PAGE_MAX 1024

/* A run of pfns from @start: with their struct pages, or why they have none. */
struct struct_span {
	vmc_pfn start;
	uint64_t count;
	enum memmap_kind kind;
	const uint8_t *bytes; /* count struct pages when PRESENT; valid until the next span */
	vmc_vaddr address;    /* of the first, when PRESENT */
};

struct structs {
	struct memmap *memmap;
	struct target_reader *reader;
	struct memmap_run run;
	struct struct_span span;
	uint64_t batch;                  /* struct pages that are asked for at once */
	uint8_t bounce[STRUCT_PAGE_MAX]; /* for a struct page that does not lie together */
	uint64_t unreadable;             /* struct pages that vanished while they were used */
	bool copies; /* the reader was made when a file had shrunk: it has no maps */
};

struct vmc_error *structs_init(struct structs *structs, struct memmap *memmap) VMC_MUST_CHECK;
void structs_deinit(struct structs *structs);

/* Sets *ret_span to a span that begins at @pfn. */
struct vmc_error *structs_span(struct structs *structs, vmc_pfn pfn,
			       struct struct_span *ret_span) VMC_MUST_CHECK;

/* Nothing is done with the span handed out last any more: finds out whether it vanished. */
struct vmc_error *structs_leave(struct structs *structs) VMC_MUST_CHECK;

/* Is the struct page of a pfn in the span handed out last? */
bool structs_has(const struct structs *structs, vmc_pfn pfn);

/* The struct page of one pfn, or NULL where there is none; cheap within the span handed out last.
 */
struct vmc_error *structs_at(struct structs *structs, vmc_pfn pfn,
			     const uint8_t **ret_bytes) VMC_MUST_CHECK;

#endif
