/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of an audit. */
#ifndef VMCULL_AUDIT_PARTS_H
#define VMCULL_AUDIT_PARTS_H

#include "audit/state.h"

/* In this order. */
struct vmc_error *audit_read_zones(struct vmc_audit *audit) VMC_MUST_CHECK;
struct vmc_error *audit_walk_lists(struct vmc_audit *audit) VMC_MUST_CHECK;
struct vmc_error *audit_sweep(struct vmc_audit *audit) VMC_MUST_CHECK;
void audit_check_totals(struct vmc_audit *audit);
struct vmc_error *audit_check_unaccepted(struct vmc_audit *audit) VMC_MUST_CHECK;

#endif
