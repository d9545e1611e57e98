/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which physical address lies where in an ELF file: a table without overlaps, sorted by address.
 *
 * The segments of a dump overlap (kexec-tools puts the kernel's text first, and once more with the
 * RAM around it) and come in any order.
 */
#ifndef VMCULL_DUMP_ELF_TABLE_H
#define VMCULL_DUMP_ELF_TABLE_H

#include <vmcull/dump.h>

/* In order of preference where segments overlap; among equals the first in the file goes first. */
enum elf_range_kind {
	ELF_RANGE_CONTENT, /* in the file */
	ELF_RANGE_LOST,    /* promised by a header, but beyond the end of the file */
	ELF_RANGE_NODATA,  /* memory whose content was left out: p_filesz < p_memsz */
};

struct elf_range {
	vmc_paddr start;
	uint64_t size;
	vmc_foff offset; /* of content and lost content */
	enum elf_range_kind kind;
	uint32_t order;  /* while the table is built */
};

struct elf_table {
	struct elf_range *ranges;
	size_t count, capacity;
};

void elf_table_deinit(struct elf_table *table);

/* Adds a range, in the order of the file.  start + size must not overflow. */
struct vmc_error *elf_table_add(struct elf_table *table,
				const struct elf_range *range) VMC_MUST_CHECK;

/* Sorts the ranges and resolves overlaps, once, after the last one was added. */
struct vmc_error *elf_table_resolve(struct elf_table *table) VMC_MUST_CHECK;

/* The index of the range that holds @address or the next above it; table->count: there is none. */
size_t elf_table_find(const struct elf_table *table, vmc_paddr address);

/* The table in pages.  A page is data if any byte of it has content and none is lost, and else
 * memory without data if any byte of it is memory. */
struct elf_runs {
	struct vmc_memory_run *list;
	size_t count, capacity;
};

void elf_runs_deinit(struct elf_runs *runs);
struct vmc_error *elf_runs_build(const struct elf_table *table, unsigned int page_shift,
				 struct elf_runs *ret_runs) VMC_MUST_CHECK;

/* As vmc_dump_next_run(). */
bool elf_runs_next(const struct elf_runs *runs, vmc_pfn from, struct vmc_memory_run *ret_run);

#endif
