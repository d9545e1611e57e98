/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of equal pages: counted, merged, and handed to whoever asked. */
#ifndef VMCULL_AUDIT_RANGES_H
#define VMCULL_AUDIT_RANGES_H

#include "audit/state.h"

struct ranges {
	struct vmc_audit *audit;
	uint32_t split; /* attributes that keep ranges apart */
	struct vmc_audit_range pending;
	vmc_pfn end; /* of what was put so far */
};

void ranges_init(struct ranges *ranges, struct vmc_audit *audit);

/* Adds a range; what lies between it and the one before is absent. */
struct vmc_error *ranges_put(struct ranges *ranges,
			     const struct vmc_audit_range *range) VMC_MUST_CHECK;

/* Hands out the last one. */
struct vmc_error *ranges_finish(struct ranges *ranges) VMC_MUST_CHECK;

#endif
