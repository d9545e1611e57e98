/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of an audit, which its parts fill. */
#ifndef VMCULL_AUDIT_STATE_H
#define VMCULL_AUDIT_STATE_H

#include <vmcull/audit.h>

#include "audit/efi_table.h"
#include "audit/findings.h"
#include "base/extents.h"
#include "pages/blocks.h"
#include "pages/classifier.h"
#include "pages/memmap.h"
#include "pages/nodes.h"
#include "pages/pcp.h"
#include "pages/place.h"

struct vmc_audit {
	struct vmc_target *target;
	struct vmc_audit_options options;
	struct memmap *memmap;
	struct classifier classifier;

	struct zone *zone_list;       /* as the kernel has them */
	struct vmc_audit_zone *zones; /* the same, as they are told of */
	size_t zone_count;
	struct place place;

	struct vmc_audit_counts counts;
	uint32_t attributes;                    /* those that can be told */
	uint64_t content[VMC_PAGE_STATE_COUNT]; /* by the states of a walk */
	uint64_t zeros[VMC_PAGE_STATE_COUNT];   /* of these, filled with zeros */

	struct blocks free_listed; /* on free lists, with order and type */
	bool free_lists_walked;    /* all of them, and all of it is in free_listed */
	struct blocks unaccepted_listed;
	size_t unaccepted_lists; /* zones that have one */
	struct extents unaccepted_typed;
	struct pcp pcp;
	struct efi_table efi_table;
	struct vmc_unaccepted unaccepted;

	struct findings findings;
	const char *left_out[8];
	size_t left_out_count;
};

/* An error that is no lack of memory becomes a finding or is passed over. */
static inline struct vmc_error *unless_nomem(struct vmc_error *err)
{
	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	return NULL;
}

#endif
