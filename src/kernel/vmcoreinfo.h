/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMCOREINFO text: "KEY=value" lines that a kernel leaves for those who read its dump.
 * Real texts, one a kernel and architecture, are in vmcoreinfo/ at the top of the tree.
 */
#ifndef VMCULL_KERNEL_VMCOREINFO_H
#define VMCULL_KERNEL_VMCOREINFO_H

#include "base/error.h"

/* The kernel's own buffer is one page, 64 KiB at most; a file from makedumpfile -g is smaller. */
#define VMCOREINFO_SIZE_MAX ((size_t)1 << 20)

struct vmcoreinfo_entry {
	const char *key;
	const char *value;
};

struct vmcoreinfo {
	char *text;                       /* the entries point into it */
	struct vmcoreinfo_entry *entries; /* sorted by key; of equal keys the last in the text */
	size_t count;
	bool truncated;                   /* the last line had no newline and was left out */
};

/* Takes ownership of nothing.  Tolerates NUL bytes at the end and a truncated last line; lines
 * without "=" are skipped.  An empty text or one with no entry is VMC_ERR_CORRUPT. */
struct vmc_error *vmcoreinfo_parse(const char *text, size_t size, struct vmcoreinfo *ret) VMC_MUST_CHECK;
void vmcoreinfo_deinit(struct vmcoreinfo *vmcoreinfo);

/* The value of a key spelled in full ("OSRELEASE", "SYMBOL(mem_section)"), or NULL. */
const char *vmcoreinfo_string(const struct vmcoreinfo *vmcoreinfo, const char *key);

/* Typed access.  *ret_known tells whether the key is there; a value that is no number of its kind is
 * VMC_ERR_CORRUPT and names the key.  SYMBOL and KERNELOFFSET-like keys are hexadecimal without 0x;
 * SIZE, OFFSET, LENGTH unsigned decimal; NUMBER signed decimal, or hexadecimal with 0x. */
struct vmc_error *vmcoreinfo_hex(const struct vmcoreinfo *vmcoreinfo, const char *key, bool *ret_known,
				 uint64_t *ret_value) VMC_MUST_CHECK;
struct vmc_error *vmcoreinfo_unsigned(const struct vmcoreinfo *vmcoreinfo, const char *key,
				      bool *ret_known, uint64_t *ret_value) VMC_MUST_CHECK;
struct vmc_error *vmcoreinfo_number(const struct vmcoreinfo *vmcoreinfo, const char *key,
				    bool *ret_known, int64_t *ret_value) VMC_MUST_CHECK;

#endif
