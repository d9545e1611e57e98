/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Basic types of libvmcull.
 *
 * Four kinds of number look alike and must not be mixed, so each has a name of its own.  All are
 * 64 bits wide whatever the word size of the host or of the dumped kernel.
 */
#ifndef VMCULL_TYPES_H
#define VMCULL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMC_API __attribute__((visibility("default")))

/* The result is an error object that somebody has to look at and free. */
#define VMC_MUST_CHECK __attribute__((warn_unused_result))

typedef uint64_t
	vmc_pfn; /* page frame number of the dumped machine: physical address / page size */
typedef uint64_t vmc_paddr; /* physical address, bytes */
typedef uint64_t vmc_vaddr; /* kernel virtual address, bytes; 32-bit kernels zero-extend */
typedef uint64_t vmc_foff;  /* offset in a file, bytes */

#endif
