/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/registry.h"

const struct arch_ops *const arch_list[] = {
	&arch_x86_64, &arch_arm64, &arch_riscv64, &arch_loongarch64, &arch_s390x, &arch_ppc64,
	&arch_arm,    &arch_i386,  &arch_mips64,  &arch_sparc64,     NULL,
};

const struct arch_ops *arch_find(uint16_t machine)
{
	for (const struct arch_ops *const *ops = arch_list; *ops; ops++) {
		if ((*ops)->machine == machine)
			return *ops;
	}
	return NULL;
}
