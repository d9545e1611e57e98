/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types from the debug information of a vmlinux; see kernel/vmlinux.h. */
#ifndef VMCULL_KERNEL_DWARF_H
#define VMCULL_KERNEL_DWARF_H

#include <libelf.h>

#include "kernel/types.h"

/* Walks all compilation units once.  VMC_ERR_MISSING when there are none, VMC_ERR_CORRUPT when they
 * cannot be walked to their end.  The file must outlive the types. */
struct vmc_error *dwarf_types_create(Elf *elf, struct types **ret_types) VMC_MUST_CHECK;

#endif
