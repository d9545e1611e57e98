/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of facts_infer(). */
#ifndef VMCULL_KERNEL_INFER_H
#define VMCULL_KERNEL_INFER_H

#include "kernel/facts.h"

bool fact_is(const struct facts *facts, enum fact_id id, uint64_t value);

/* Unless any source knows it. */
void fact_infer(struct facts *facts, enum fact_id id, int64_t value, const char *reason);

/* Numbers of page flags that are not exported, from those that are. */
void infer_flag_order(struct facts *facts);

/* Members of zone and free_area, lists of free blocks.  @since_4_18: page types are as in one of
 * the releases since then. */
void infer_zone(struct facts *facts, bool since_4_18);

#endif
