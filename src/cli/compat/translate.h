/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --vtop: where a virtual address of the kernel is in physical memory. */
#ifndef VMCULL_CLI_COMPAT_TRANSLATE_H
#define VMCULL_CLI_COMPAT_TRANSLATE_H

#include <vmcull/target.h>

/* Tells it, or why it cannot; neither ends the run. */
void translate_print(struct vmc_target *target, vmc_vaddr address);

#endif
