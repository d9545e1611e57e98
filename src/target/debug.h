/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vmlinux that the user gave with a dump: does it belong to it, and what does it tell? */
#ifndef VMCULL_TARGET_DEBUG_H
#define VMCULL_TARGET_DEBUG_H

#include "target/target.h"

struct vmc_error *target_debug_open(struct vmc_target *target, const char *path) VMC_MUST_CHECK;
void target_debug_close(struct vmc_target *target);

/* Adds its facts to those of the target, whose VMCOREINFO is known by now.  VMC_ERR_OTHER_KERNEL
 * when the two are not of one kernel.  Nothing when there is none. */
struct vmc_error *target_debug_use(struct vmc_target *target) VMC_MUST_CHECK;

#endif
