/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors.  A function that can fail returns a "struct vmc_error *": NULL is success, anything else
 * is owned by the caller, who passes it on or frees it.  The message gains context while the stack
 * unwinds ("vmcore: program header 3: …"); out of memory is a static object and needs no memory.
 */
#ifndef VMCULL_ERROR_H
#define VMCULL_ERROR_H

#include <vmcull/types.h>

struct vmc_error;

enum vmc_error_code {
	VMC_ERR_NOMEM = 1,   /* out of memory */
	VMC_ERR_SYSTEM,      /* a system call failed: vmc_error_errno() tells how */
	VMC_ERR_INVALID,     /* a wrong argument or option */
	VMC_ERR_FORMAT,      /* the file is of no format that this build knows */
	VMC_ERR_CORRUPT,     /* the file or the dumped memory contradicts itself */
	VMC_ERR_TRUNCATED,   /* the file ends before the data that its headers promise */
	VMC_ERR_UNSUPPORTED, /* understood, but this build cannot do it */
	VMC_ERR_MISSING,     /* a fact about the kernel that is needed is not known */
	VMC_ERR_NODATA,      /* the dump does not hold this memory */
	VMC_ERR_UNMAPPED,    /* the virtual address is not mapped */
	VMC_ERR_LIMIT,   /* a size or count is over the limit that protects us from hostile input */
	VMC_ERR_REFUSED, /* possible, but not done without being told to */
	VMC_ERR_INTERRUPTED,  /* the caller asked to stop */
	VMC_ERR_OTHER_KERNEL, /* a file about a kernel that is not the one of the dump */
};

/* Returns the code of @err, which must not be NULL. */
VMC_API enum vmc_error_code vmc_error_code(const struct vmc_error *err);

/* Returns errno of a VMC_ERR_SYSTEM, else 0. */
VMC_API int vmc_error_errno(const struct vmc_error *err);

/* Returns the text: one line, no newline, with the place (offset, pfn or address) where one is
 * known.  Valid until the error is freed. */
VMC_API const char *vmc_error_message(const struct vmc_error *err);

/* Frees @err; NULL is allowed. */
VMC_API void vmc_error_free(struct vmc_error *err);

#endif
