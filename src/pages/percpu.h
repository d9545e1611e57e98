/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables that exist once for each CPU. */
#ifndef VMCULL_PAGES_PERCPU_H
#define VMCULL_PAGES_PERCPU_H

#include "target/target.h"

/* NR_CPUS is 8192 at most (CONFIG_MAXSMP). */
#define PERCPU_CPUS_MAX 16384

struct percpu {
	uint64_t *offsets; /* by CPU: added to a per-CPU pointer */
	uint64_t mask;     /* of an address: the sum wraps */
	uint32_t count;    /* 0: the kernel does not tell */
};

/* Reads __per_cpu_offset[0 … nr_cpu_ids - 1]. */
struct vmc_error *percpu_init(struct percpu *percpu, struct target_reader *reader) VMC_MUST_CHECK;
void percpu_deinit(struct percpu *percpu);

/* Where @cpu has what @pointer names. */
static inline vmc_vaddr percpu_address(const struct percpu *percpu, vmc_vaddr pointer, uint32_t cpu)
{
	return (pointer + percpu->offsets[cpu]) & percpu->mask;
}

#endif
