/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory map: pfn -> address of its struct page.
 *
 * Memory models are tables of functions: sparse (mem_section; with or without a virtual memmap) and
 * flat (an array a node).  The map itself is never copied.
 */
#ifndef VMCULL_PAGES_MEMMAP_H
#define VMCULL_PAGES_MEMMAP_H

#include "target/target.h"

enum memmap_kind {
	MEMMAP_PRESENT,    /* struct pages exist */
	MEMMAP_NONE,       /* no struct pages: a hole for the kernel, firmware, hot-removed */
	MEMMAP_OFFLINE,    /* the section is offline: its struct pages may be uninitialised */
	MEMMAP_UNREADABLE, /* the tables that lead there cannot be read */
};

/* A run of pfns whose struct pages lie one behind the other. */
struct memmap_run {
	vmc_pfn start;
	uint64_t count;
	enum memmap_kind kind;
	vmc_vaddr structs; /* of start's struct page */
};

struct memmap {
	const struct memmap_model *model;
	struct target_reader *reader;
	uint64_t struct_size;      /* SIZE(page), bytes; need not be a power of two */
	unsigned int section_bits; /* top bits of page.flags with the section's number; 0: none, or
				    * not known */
	void *private;             /* the model's; its init() alone changes it: copies share it */
	bool is_copy;
	struct {
		uint64_t key; /* 0: nothing */
		vmc_vaddr value;
	} remembered; /* by the model, of what it read last */
};

struct memmap_model {
	const char *name;
	bool (*applies)(const struct facts *facts);
	struct vmc_error *(*init)(struct memmap *memmap);
	void (*deinit)(struct memmap *memmap);

	/* The run that holds @pfn.  A part of the tables that cannot be read gives UNREADABLE, and
	 * an error only when memory is short. */
	struct vmc_error *(*find)(struct memmap *memmap, vmc_pfn pfn, struct memmap_run *ret_run);

	/* A pfn of the run that a struct page at @address would be in, which need not be right.
	 * *ret_known is false when all runs are one array: then any will do. */
	struct vmc_error *(*guess)(struct memmap *memmap, vmc_vaddr address, bool *ret_known,
				   vmc_pfn *ret_pfn);
};

extern const struct memmap_model memmap_sparse;
extern const struct memmap_model memmap_flat;

struct vmc_error *memmap_create(struct vmc_target *target,
				struct memmap **ret_memmap) VMC_MUST_CHECK;
void memmap_destroy(struct memmap *memmap);
DEFINE_CLEANUP(struct memmap *, memmap_destroy);

/* The same map for another thread; goes before the one it is a copy of. */
struct vmc_error *memmap_copy(const struct memmap *memmap, struct memmap **ret_copy) VMC_MUST_CHECK;

struct vmc_error *memmap_find(struct memmap *memmap, vmc_pfn pfn,
			      struct memmap_run *ret_run) VMC_MUST_CHECK;

/* The first page of the dump's memory that has a struct page; *ret_pfn is left alone when none
 * has. */
struct vmc_error *memmap_first(struct memmap *memmap, vmc_pfn *ret_pfn) VMC_MUST_CHECK;

/* The way back: the pfn of the struct page at @address, given a pfn near it to start from.
 * *ret_known is false when no struct page lies exactly there. */
struct vmc_error *memmap_pfn(struct memmap *memmap, vmc_vaddr address, vmc_pfn near,
			     bool *ret_known, vmc_pfn *ret_pfn) VMC_MUST_CHECK;

#endif
