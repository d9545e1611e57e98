/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stripped dumps: of all memory only what an audit reads, down to the byte, and nothing of what
 * users or the kernel's objects hold.
 */
#ifndef VMCULL_STRIP_H
#define VMCULL_STRIP_H

#include <vmcull/filter.h>

struct vmc_strip_options {
	bool no_btf;    /* without type information and symbol table; the facts learnt from them go
			   into a note all the same */
	bool no_log;    /* without the kernel's log */
	bool anonymous; /* without node name, domain name and command line, in the log too */
};

enum vmc_strip_part {
	VMC_STRIP_TABLES,   /* page tables of the kernel */
	VMC_STRIP_MAP,      /* sections and struct pages */
	VMC_STRIP_NODES,    /* nodes, zones, lists of CPUs */
	VMC_STRIP_NAMES,    /* init_uts_ns */
	VMC_STRIP_KALLSYMS, /* symbol table */
	VMC_STRIP_BTF,      /* type information */
	VMC_STRIP_LOG,      /* kernel log */
	VMC_STRIP_AUDIT,    /* what an audit reads besides */
	VMC_STRIP_PARTS
};

/* "page tables", "memory map", …; stable.  NULL from VMC_STRIP_PARTS on. */
VMC_API const char *vmc_strip_part_name(unsigned int part);

/* What was found to keep, before the states of pages were asked. */
struct vmc_strip_summary {
	struct {
		uint64_t bytes; /* that no part before has */
		uint64_t pages; /* that they touch and no part before does */
	} parts[VMC_STRIP_PARTS];
	uint64_t unreadable;                    /* bytes that should be kept but cannot be read */
	uint64_t refused[VMC_PAGE_STATE_COUNT]; /* bytes left out because of their page's state */
};

/* A plan for vmc_write() of a dump on which an audit gives the answers that it gives on this one.
 * All other bytes of the pages that are kept are zeros in the output.  The target is best opened
 * with type_information.  While it runs the dump may have no other readers.  @progress may be
 * NULL. */
VMC_API struct vmc_error *vmc_strip_plan(struct vmc_target *target,
					 const struct vmc_strip_options *options,
					 const struct vmc_progress *progress,
					 struct vmc_strip_summary *ret_summary,
					 struct vmc_plan **ret_plan) VMC_MUST_CHECK;

#endif
