/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of facts_check(). */
#ifndef VMCULL_KERNEL_CHECK_H
#define VMCULL_KERNEL_CHECK_H

#include "kernel/facts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int64_t check_value(const struct facts *facts, enum fact_id id);

/* VMC_ERR_CORRUPT with "NAME=value" of both, as VMCOREINFO spells it. */
struct vmc_error *check_contradiction(const struct facts *facts, enum fact_id a, enum fact_id b,
				      const char *why) VMC_MUST_CHECK;

struct vmc_error *check_page_flags(const struct facts *facts) VMC_MUST_CHECK;
struct vmc_error *check_page_types(const struct facts *facts) VMC_MUST_CHECK;

#endif
