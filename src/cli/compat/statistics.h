/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report of --show-stats. */
#ifndef VMCULL_CLI_COMPAT_STATISTICS_H
#define VMCULL_CLI_COMPAT_STATISTICS_H

#include <vmcull/vmcull.h>

/* @zero_excluded: pages of zeros count as left out.  @bytes: written in all. */
void statistics_print(const struct vmc_plan_counts *counts, uint64_t zero_excluded, vmc_pfn end_pfn,
		      uint64_t bytes);

#endif
