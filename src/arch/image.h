/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel image is in physical memory.  Most kernels export a number that tells; where
 * they do not, the image is found by its init_uts_ns, which begins with "Linux".
 */
#ifndef VMCULL_ARCH_IMAGE_H
#define VMCULL_ARCH_IMAGE_H

#include "arch/arch.h"

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

/* Do the page tables of @arch map it there?  Proves how entries are to be read. */
struct vmc_error *image_check_mapped(const struct arch *arch, const struct phys_reader *reader,
				     uint64_t offset);

/* Of the errors of two layouts the one that tells more, to be returned when none is right; the
 * other is freed.  @first may be NULL. */
struct vmc_error *image_choose_error(struct vmc_error *first, struct vmc_error *second);

#endif
