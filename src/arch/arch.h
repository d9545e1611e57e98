/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Architectures: virtual -> physical addresses, from what the kernel says of itself.
 *
 * An architecture is a table of functions; of those init() does nearly all: it describes the
 * address space as windows, which are mapped by arithmetic, and one tree of page tables, and
 * translation itself is common code.  Where the tables map everything, as on x86_64, arm64 and
 * riscv64, there are no windows: fewer facts are needed, and that init_uts_ns can be read then
 * proves that the tables are there and are understood.
 *
 * How to add an architecture:
 *   1. src/arch/NAME.c with a "const struct arch_ops arch_NAME" at its end; its head comment names
 *      the kernel files that it follows and the kernels that it was tried with.
 *   2. A line in registry.h and one in registry.c.
 *   3. Facts that only it needs: lines in src/kernel/facts.def, what they mean in
 *      vmcoreinfo/README.md; its names for machine_from_name() in src/dump/machine.c.
 *   4. tests/unit/test_NAME.c, with tables made there.
 *   5. A stripped fixture of a real dump in testdata/arch/, and a row in the table of README.md.
 */
#ifndef VMCULL_ARCH_ARCH_H
#define VMCULL_ARCH_ARCH_H

#include "arch/paging.h"
#include "dump/dump.h"
#include "kernel/facts.h"

#define ARCH_WINDOWS_MAX 6

struct arch {
	const struct arch_ops *ops;
	const struct facts *facts;
	struct layout layout; /* of the kernel's memory */
	unsigned int page_shift;
	bool may_scan; /* init() may look for the kernel in all memory of the dump */

	/* For init() to fill in. */
	struct va_range windows[ARCH_WINDOWS_MAX]; /* the first that has an address holds */
	unsigned int window_count;
	struct paging paging;  /* for addresses in no window; no levels: there is none */
	vmc_paddr phys_offset; /* of the first page frame in kdump files: where RAM begins on arm */
	void *private;
};

struct arch_ops {
	const char *name;               /* as uname -m says: "x86_64" */
	const char *name_little_endian; /* where that is another: "ppc64le" */
	uint16_t machine;               /* EM_* */
	uint8_t word_size;              /* bytes */
	uint32_t page_sizes; /* bytes; all that exist, which are powers of two, added up */
	bool big_endian, little_endian; /* which byte orders exist */
	unsigned int section_size_bits,
		max_physmem_bits; /* where the kernel does not export them; 0: not known */

	/* Where the kernel leaves the physical address (8 bytes) of its VMCOREINFO note, since some
	 * dumpers do not look into memory; 0: nowhere. */
	vmc_paddr vmcoreinfo_pointer;

	/* Describes the address space, from facts, from headers of @dump, from memory. */
	struct vmc_error *(*init)(struct arch *arch, const struct vmc_dump *dump,
				  const struct phys_reader *reader);
	void (*deinit)(struct arch *arch); /* NULL: nothing to do */

	/* Looks up addresses that neither a window nor paging has (NULL: those are not mapped), in
	 * what init() read into private. */
	struct vmc_error *(*find)(const struct arch *arch, const struct phys_reader *reader,
				  vmc_vaddr address, struct va_range *ret_range);
};

extern const struct arch_ops *const arch_list[]; /* NULL-terminated */

/* By EM_*; NULL when there is none. */
const struct arch_ops *arch_find(uint16_t machine);

/* @arch has ops, facts, layout and page_shift.  On failure nothing is left to deinit. */
struct vmc_error *arch_init(struct arch *arch, const struct vmc_dump *dump,
			    const struct phys_reader *reader) VMC_MUST_CHECK;
void arch_deinit(struct arch *arch);

/* Adds addresses [first, last] that are mapped from @address on. */
void arch_add_window(struct arch *arch, vmc_vaddr first, vmc_vaddr last, vmc_paddr address);

/* As paging_translate(), for every address. */
struct vmc_error *arch_translate(const struct arch *arch, const struct phys_reader *reader,
				 vmc_vaddr address, struct va_range *ret_range) VMC_MUST_CHECK;

/* As paging_visit(). */
struct vmc_error *arch_visit_tables(const struct arch *arch, const struct phys_reader *reader,
				    const struct table_visitor *visitor) VMC_MUST_CHECK;

#endif
