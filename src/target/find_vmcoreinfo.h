/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a dump's VMCOREINFO is. */
#ifndef VMCULL_TARGET_FIND_VMCOREINFO_H
#define VMCULL_TARGET_FIND_VMCOREINFO_H

#include "target/target.h"

/* From a text file of the user. */
struct vmc_error *vmcoreinfo_from_file(const char *path, struct vmcoreinfo *ret) VMC_MUST_CHECK;

/* From the note of the dump; *ret_found is false when it has none. */
struct vmc_error *vmcoreinfo_from_note(struct vmc_dump *dump, struct vmcoreinfo *ret,
				       vmc_foff *ret_offset, bool *ret_found) VMC_MUST_CHECK;

/* From where the kernel leaves its address, if it does; *ret_found is false when none is there. */
struct vmc_error *vmcoreinfo_from_pointer(struct vmc_dump *dump, struct vmcoreinfo *ret,
					  bool *ret_found) VMC_MUST_CHECK;

/* Scans memory for copies of the note, which every kernel keeps in RAM, from *from on.  *from is
 * then where to go on looking when the one found is of another kernel (a stale one of the boot
 * before, or of the crash kernel). */
struct vmc_error *vmcoreinfo_from_memory(struct vmc_dump *dump, vmc_paddr *from,
					 struct vmcoreinfo *ret, bool *ret_found) VMC_MUST_CHECK;

#endif
