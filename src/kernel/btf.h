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

/* Kernels of distributions have 4 to 8 MiB. */
#define BTF_SIZE_MAX ((size_t)16 << 20)

struct btf_types;

struct btf_field {
	uint64_t offset;   /* bytes, from the start of the outermost structure */
	uint64_t size;     /* bytes; 0 when it has none */
	uint64_t elements; /* of an array; 0 for others */
};

/* VMC_ERR_UNSUPPORTED where it cannot be read at all, which is better known before megabytes of it
 * are fetched. */
struct vmc_error *btf_check_supported(void) VMC_MUST_CHECK;

/* The data is copied.  What this build cannot read rightly (kinds or member counts that need the
 * wider fields of 7.2) is VMC_ERR_UNSUPPORTED, what is damaged VMC_ERR_CORRUPT. */
struct vmc_error *btf_types_create(const void *data, size_t size,
				   struct btf_types **ret_types) VMC_MUST_CHECK;
void btf_types_destroy(struct btf_types *types);
DEFINE_CLEANUP(struct btf_types *, btf_types_destroy);

/* The size of a struct, union or typedef.  Like the others false when there is no such thing. */
bool btf_types_size(const struct btf_types *types, const char *name, uint64_t *ret_size);

/* A member by "type.member" or "type.member.member", also of unnamed members inside; no bit
 * field. */
bool btf_types_field(const struct btf_types *types, const char *path, struct btf_field *ret_field);

bool btf_types_enumerator(const struct btf_types *types, const char *enum_name, const char *name,
			  int64_t *ret_value);

#endif
