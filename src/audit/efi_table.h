/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of unaccepted memory that the EFI stub of the kernel (6.5) leaves to it:
 * LINUX_EFI_UNACCEPTED_MEM_TABLE, a header and a bitmap, one bit a unit of 2 MiB, set while the
 * unit is not accepted.  It lies in ACPI memory, which a kdump does not hold and a dump of QEMU
 * does.
 */
#ifndef VMCULL_AUDIT_EFI_TABLE_H
#define VMCULL_AUDIT_EFI_TABLE_H

#include "pages/classifier.h"
#include "pages/memmap.h"

struct efi_table {
	const char *describe; /* how it was found, or why not; static */
	vmc_paddr address;    /* 0: not known */
	vmc_paddr base;       /* of what the first bit stands for */
	uint64_t unit;        /* bytes a bit */
	uint8_t *bits;        /* NULL: not readable */
	uint64_t units;
};

/* Looks for the table: by the kernel's variable "efi" where symbols and types tell, else by its
 * GUID in memory that is the firmware's.  Not finding it is no error. */
struct vmc_error *efi_table_find(struct efi_table *table, struct memmap *memmap,
				 const struct classifier *classifier, bool may_scan) VMC_MUST_CHECK;
void efi_table_deinit(struct efi_table *table);

/* Is @pfn unaccepted?  *ret_count: how many pages from there on share the answer. */
bool efi_table_unaccepted(const struct efi_table *table, unsigned int page_shift, vmc_pfn pfn,
			  uint64_t *ret_count);

#endif
