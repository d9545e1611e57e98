/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables: trees of tables whose entries are chosen by bits of the address.  What differs from
 * machine to machine is data: how many bits a level has, where an entry's address stands.
 */
#ifndef VMCULL_ARCH_PAGING_H
#define VMCULL_ARCH_PAGING_H

#include "base/error.h"
#include "base/layout.h"

#define PAGING_LEVELS_MAX 6

/* A range of virtual addresses [first, last], mapped contiguously or not mapped at all. */
struct va_range {
	vmc_vaddr first, last;
	bool mapped;
	vmc_paddr address; /* of first, when mapped */
};

/* Reads physical memory; given by the target, which caches the pages that tables lie in. */
struct phys_reader {
	struct vmc_error *(*read)(void *arg, vmc_paddr address, void *buffer, size_t size);
	void *arg;
};

/* Told of the tables that addresses of the kernel are translated by. */
struct table_visitor {
	/* *ret_enter is false when the table, at that level, was visited before. */
	struct vmc_error *(*visit)(void *arg, vmc_paddr table, unsigned int level, bool *ret_enter);
	/* It cannot be read: @err is the callee's, who returns an error to stop. */
	struct vmc_error *(*unreadable)(void *arg, vmc_paddr table, struct vmc_error *err);
	void *arg;
};

enum paging_kind {
	PAGING_NONE,  /* nothing is mapped there */
	PAGING_TABLE, /* address is that of the next table */
	PAGING_LEAF, /* address is that of the block of this level that the virtual address is in */
};

struct paging_entry {
	enum paging_kind kind;
	vmc_paddr address;
};

struct paging {
	vmc_paddr root;
	vmc_vaddr first, last; /* the addresses that the tables are about; others are not mapped */
	unsigned int levels;
	struct {
		uint8_t shift;      /* log2 of the bytes that one entry covers */
		uint8_t bits;       /* log2 of the number of entries */
	} level[PAGING_LEVELS_MAX]; /* [0] has the pages */
	struct layout entries;      /* byte order and size of an entry */

	/* What an entry of @level says of @address. */
	struct paging_entry (*decode)(const struct paging *paging, uint64_t entry,
				      unsigned int level, vmc_vaddr address);
	uint64_t address_mask; /* for decode(): the bits of an entry that are an address */
};

/* Levels from the top down, of so many index bits each; the last covers pages. */
void paging_set_levels(struct paging *paging, unsigned int page_shift, const uint8_t *bits,
		       unsigned int count);

/* Reads from a table: an error says that it is tables that are missing. */
struct vmc_error *paging_read(const struct phys_reader *reader, vmc_paddr address, void *buffer,
			      size_t size);

/* The largest range around @address that one look at the tables tells about: a hole, a huge page or
 * a page in one step.  A table that cannot be read is an error, a hole is not. */
struct vmc_error *paging_translate(const struct paging *paging, const struct phys_reader *reader,
				   vmc_vaddr address, struct va_range *ret_range);

/* Reads every table that paging_translate() may need, each once however often the tables above
 * point to it (KASAN's shadow has millions of pointers to one). */
struct vmc_error *paging_visit(const struct paging *paging, const struct phys_reader *reader,
			       const struct table_visitor *visitor);

#endif
