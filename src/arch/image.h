/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel image is in physical memory.  Most kernels export a number that tells; where
 * they do not, the image is found by its init_uts_ns, which begins with "Linux".
 */
#ifndef VMCULL_ARCH_IMAGE_H
#define VMCULL_ARCH_IMAGE_H

#include "arch/arch.h"

/* The strings of struct new_utsname: 65 bytes each. */
enum {
	UTS_SYSNAME,
	UTS_NODENAME,
	UTS_RELEASE,
	UTS_VERSION,
	UTS_MACHINE,
	UTS_DOMAINNAME,
	UTS_COUNT
};
#define UTS_LENGTH 65

/* Of init_uts_ns.name; needs SYMBOL(init_uts_ns). */
vmc_vaddr image_uts_address(const struct arch *arch);

/* Is the kernel image where its virtual addresses are @offset above the physical ones? */
bool image_is_at(const struct arch *arch, const struct phys_reader *reader, uint64_t offset);

/* Looks for it in all memory of the dump, on multiples of @alignment.  VMC_ERR_MISSING when it is
 * nowhere, or memory must not be searched. */
struct vmc_error *image_search(const struct arch *arch, const struct vmc_dump *dump,
			       const struct phys_reader *reader, uint64_t alignment,
			       uint64_t *ret_offset);

/* Looks for it where the first memory of the dump is mapped at @base, then as image_search(). */
struct vmc_error *image_find(const struct arch *arch, const struct vmc_dump *dump,
			     const struct phys_reader *reader, vmc_vaddr base, uint64_t alignment,
			     uint64_t *ret_offset);

/* Do the page tables of @arch map it there?  Proves how entries are to be read.  Of layouts that
 * are tried one after the other *why has the error that tells most, to be returned when none is
 * right; NULL at first, and again when one is. */
bool image_is_mapped(const struct arch *arch, const struct phys_reader *reader, uint64_t offset,
		     struct vmc_error **why);

#endif
