/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that the files of this folder end with. */
#ifndef VMCULL_ARCH_REGISTRY_H
#define VMCULL_ARCH_REGISTRY_H

#include "arch/arch.h"

extern const struct arch_ops arch_arm;
extern const struct arch_ops arch_arm64;
extern const struct arch_ops arch_i386;
extern const struct arch_ops arch_mips64;
extern const struct arch_ops arch_sparc64;
extern const struct arch_ops arch_loongarch64;
extern const struct arch_ops arch_ppc64;
extern const struct arch_ops arch_riscv64;
extern const struct arch_ops arch_s390x;
extern const struct arch_ops arch_x86_64;

#endif
