/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a plan, for the writers. */
#ifndef VMCULL_FILTER_PLAN_H
#define VMCULL_FILTER_PLAN_H

#include <vmcull/filter.h>

#include "base/extents.h"
#include "target/target.h"

struct vmc_plan {
	struct vmc_target *target;
	struct vmc_filter_policy policy;
	struct vmc_plan_counts counts;
	struct extents kept;  /* pfns */
	uint64_t free_in_map; /* free and unaccepted pages found, with content or not */
	char doubt[256];      /* "" when the totals are plausible */
	uint64_t understood;  /* pages in a state other than unknown */
};

DEFINE_CLEANUP(struct vmc_plan *, vmc_plan_destroy);

#endif
