/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes of single pages, out of flags whose meaning hangs on the state of the page. */
#ifndef VMCULL_AUDIT_ATTRIBUTES_H
#define VMCULL_AUDIT_ATTRIBUTES_H

#include <vmcull/audit.h>

#include "pages/classifier.h"
#include "pages/structs.h"

/* Masks of flags that no rule needs; 0 where the kernel has or tells no such flag. */
struct attribute_masks {
	uint64_t reported, exclusive, mlocked, dirty;
	uint64_t entire_mapcount; /* OFFSET(folio._entire_mapcount); 0: not known */
};

/* What pages of one folio share. */
struct folio {
	vmc_pfn head;
	uint64_t flags, mapping;
	bool exclusive_as_whole; /* the flag of the head speaks for all */
};

/* VMC_ATTRIBUTE_BIT()s of single pages that can be told. */
uint32_t attributes_known(const struct attribute_masks *masks, const struct classifier *c);

void attribute_masks_init(struct attribute_masks *masks, const struct facts *facts);

/* Reads what the head at @head says of the 1 << @order pages of its folio. */
struct vmc_error *folio_read(const struct attribute_masks *masks, const struct classifier *c,
			     struct structs *structs, vmc_pfn head, unsigned int order,
			     enum vmc_page_state state, struct folio *ret_folio) VMC_MUST_CHECK;

/* VMC_ATTRIBUTE_BIT()s.  @folio: of the page, or of itself when it is single. */
uint32_t page_attributes(const struct attribute_masks *masks, const struct classifier *c,
			 enum vmc_page_state state, uint64_t flags, const struct folio *folio);

#endif
