/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Architectures: virtual -> physical, as a table of functions.
 *
 * How to add an architecture:
 *   1. src/arch/NAME.c with a "const struct arch_ops arch_NAME" at its end; its head comment names
 * the kernel files that it follows and the kernels that it was tried with.
 *   2. A line in registry.c.
 *   3. Facts that only it needs: lines in src/kernel/facts.def.
 *   4. A stripped fixture of a real dump in testdata/, a row in the support table of README.md.
 */
#ifndef VMCULL_ARCH_ARCH_H
#define VMCULL_ARCH_ARCH_H

#include "base/error.h"
#include "base/layout.h"
#include "dump/dump.h"
#include "kernel/facts.h"

/* A range of virtual addresses [first, last], mapped contiguously or not mapped at all. */
struct va_range {
	vmc_vaddr first, last;
	bool mapped;
	vmc_paddr address; /* of first, when mapped */
};

/* Reads table entries; given by the target, which caches the pages they lie in. */
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

struct arch {
	const struct arch_ops *ops;
	const struct facts *facts;
	struct layout layout; /* of the kernel's memory */
	unsigned int page_shift;
	void *private;

	/* arm only, by init(): where RAM begins (PHYS_OFFSET).  Files of the kdump-compressed format
	 * number its pages from there (dump/kdump_layout.h). */
	vmc_paddr phys_offset;
};

struct arch_ops {
	const char *name;               /* as uname -m says: "x86_64" */
	uint16_t machine;               /* EM_* */
	uint8_t word_size;              /* bytes */
	bool big_endian, little_endian; /* which byte orders exist */
	unsigned int section_size_bits,
		max_physmem_bits; /* where the kernel does not export them */

	/* Reads what it needs from the facts (and @hint_dump: headers) into arch->private. */
	struct vmc_error *(*init)(struct arch *arch, const struct vmc_dump *dump);
	void (*deinit)(struct arch *arch);

	/* The largest range around @address that one look at the tables tells about: a hole, a huge
	 * page or a page in one step.  A table that cannot be read is an error, a hole is not. */
	struct vmc_error *(*translate)(const struct arch *arch, const struct phys_reader *reader,
				       vmc_vaddr address, struct va_range *ret_range);

	/* Reads every table that translate() may need for an address of the kernel, each once
	 * however often the tables above point to it (KASAN's shadow has millions of pointers to
	 * one).  Tables of user addresses are not among them. */
	struct vmc_error *(*visit_tables)(const struct arch *arch, const struct phys_reader *reader,
					  const struct table_visitor *visitor);
};

extern const struct arch_ops *const arch_list[]; /* NULL-terminated */

/* By EM_*; NULL when there is none. */
const struct arch_ops *arch_find(uint16_t machine);

#endif
