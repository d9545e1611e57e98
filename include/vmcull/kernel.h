/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the dumped kernel: a table of facts (addresses, sizes, offsets, numbers), each
 * with its source.
 */
#ifndef VMCULL_KERNEL_H
#define VMCULL_KERNEL_H

#include <vmcull/error.h>

enum vmc_fact_source {
	VMC_FACT_UNKNOWN,    /* not known */
	VMC_FACT_USER,       /* a VMCOREINFO file that the user gave */
	VMC_FACT_VMCOREINFO, /* the VMCOREINFO of the dump */
	VMC_FACT_KALLSYMS,   /* the symbol table in the dumped kernel's memory */
	VMC_FACT_BTF,        /* type information in the dumped kernel */
	VMC_FACT_DWARF,      /* debug information of a vmlinux */
	VMC_FACT_INFERRED,   /* follows from other facts; vmc_fact.reason tells how */
};

struct vmc_fact {
	const char *name; /* as VMCOREINFO spells it: "OFFSET(page.lru)", "NUMBER(PG_lru)" */
	uint64_t value;   /* NUMBERs are signed: cast to int64_t */
	bool is_signed;
	bool is_address; /* show in hexadecimal */
	enum vmc_fact_source source;
	const char *reason; /* for inferred facts, else NULL */
};

/* "vmcoreinfo", "btf", … */
VMC_API const char *vmc_fact_source_name(enum vmc_fact_source source);

#endif
