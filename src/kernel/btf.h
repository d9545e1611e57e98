/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF, the type information that a kernel with CONFIG_DEBUG_INFO_BTF (5.2 and later) has in its
 * memory.  Read with libbpf, which changes the byte order of foreign data; a build without it
 * answers VMC_ERR_UNSUPPORTED.
 */
#ifndef VMCULL_KERNEL_BTF_H
#define VMCULL_KERNEL_BTF_H

#include "base/error.h"
#include "kernel/memory.h"
#include "kernel/types.h"

/* Kernels of distributions have 4 to 8 MiB. */
#define BTF_SIZE_MAX ((size_t)16 << 20)

/* VMC_ERR_UNSUPPORTED where it cannot be read at all, which is better known before megabytes of it
 * are fetched. */
struct vmc_error *btf_check_supported(void) VMC_MUST_CHECK;

/* The data is copied.  What this build cannot read rightly (kinds or member counts that need the
 * wider fields of 7.2) is VMC_ERR_UNSUPPORTED, what is damaged VMC_ERR_CORRUPT. */
struct vmc_error *btf_types_create(const void *data, size_t size,
				   struct types **ret_types) VMC_MUST_CHECK;

#endif
