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
	char *text;                       /* as it was, up to the first NUL, and a NUL behind it */
	size_t size;                      /* of text, without that NUL */
	char *strings;                    /* a copy, cut into the keys and values of the entries */
	struct vmcoreinfo_entry *entries; /* sorted by key; of equal keys the last in the text */
	size_t count;
	bool truncated; /* the last line had no newline and was left out */
};

/* Takes ownership of nothing.  The text ends at the first NUL byte, if there is one.  Lines without
 * "=" or with nothing before it are skipped.  A last line without newline is left out and flagged:
 * the kernel ends every line and cuts the text where its buffer is full, so such a line may lack
 * digits.  A text without an entry is VMC_ERR_CORRUPT, one above VMCOREINFO_SIZE_MAX VMC_ERR_LIMIT;
 * after an error *ret needs no vmcoreinfo_deinit(). */
struct vmc_error *vmcoreinfo_parse(const char *text, size_t size,
				   struct vmcoreinfo *ret) VMC_MUST_CHECK;
void vmcoreinfo_deinit(struct vmcoreinfo *vmcoreinfo);

/* The value of a key spelled in full ("OSRELEASE", "SYMBOL(mem_section)"), or NULL. */
const char *vmcoreinfo_string(const struct vmcoreinfo *vmcoreinfo, const char *key);

/* Typed access.  *ret_known tells whether the key is there; a value that is no number of its kind
 * is VMC_ERR_CORRUPT and names the key.
 *
 *	hex       SYMBOL and KERNELOFFSET-like keys: hexadecimal, a 0x before it is allowed
 *	unsigned  SIZE, OFFSET, LENGTH: decimal
 *	number    NUMBER: signed decimal ("%ld"), or hexadecimal with 0x as some architectures print
 *	          it; values from 2^63 on come out as the negative number of the same bits */
struct vmc_error *vmcoreinfo_hex(const struct vmcoreinfo *vmcoreinfo, const char *key,
				 bool *ret_known, uint64_t *ret_value) VMC_MUST_CHECK;
struct vmc_error *vmcoreinfo_unsigned(const struct vmcoreinfo *vmcoreinfo, const char *key,
				      bool *ret_known, uint64_t *ret_value) VMC_MUST_CHECK;
struct vmc_error *vmcoreinfo_number(const struct vmcoreinfo *vmcoreinfo, const char *key,
				    bool *ret_known, int64_t *ret_value) VMC_MUST_CHECK;

#endif
