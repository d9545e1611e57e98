/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of memory that an audit reads. */
#ifndef VMCULL_AUDIT_STRIP_PARTS_H
#define VMCULL_AUDIT_STRIP_PARTS_H

#include "audit/strip/strip.h"

struct vmc_error *strip_tables(struct strip *strip) VMC_MUST_CHECK;
struct vmc_error *strip_map(struct strip *strip) VMC_MUST_CHECK;
struct vmc_error *strip_nodes(struct strip *strip) VMC_MUST_CHECK;

/* The audit itself, so that whatever it reads is kept, named by a part above or not. */
struct vmc_error *strip_audit(struct strip *strip) VMC_MUST_CHECK;

#endif
