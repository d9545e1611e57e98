/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making errors and adding context to them; the public half is <vmcull/error.h>. */
#ifndef VMCULL_BASE_ERROR_H
#define VMCULL_BASE_ERROR_H

#include <vmcull/error.h>

#include "base/cleanup.h"

enum error_place {
	ERROR_PLACE_NONE,
	ERROR_AT_OFFSET, /* vmc_foff */
	ERROR_AT_PFN,    /* vmc_pfn */
	ERROR_AT_PADDR,  /* vmc_paddr */
	ERROR_AT_VADDR,  /* vmc_vaddr */
};

#define ERROR_PRINTF(format_index, first_arg) \
	__attribute__((format(printf, format_index, first_arg)))
/* There is an error in any case, if only the one that says that memory is out. */
#define ERROR_NEVER_NULL __attribute__((returns_nonnull))

struct vmc_error *error_create(enum vmc_error_code code, const char *format, ...)
	ERROR_PRINTF(2, 3) ERROR_NEVER_NULL VMC_MUST_CHECK;

/* An error at a place; "(at offset 0x40)" or the like is added to the message. */
struct vmc_error *error_create_at(enum vmc_error_code code, enum error_place place, uint64_t where,
				  const char *format, ...)
	ERROR_PRINTF(4, 5) ERROR_NEVER_NULL VMC_MUST_CHECK;

/* VMC_ERR_SYSTEM with the given errno; its text is added to the message. */
struct vmc_error *error_system(int error_number, const char *format, ...)
	ERROR_PRINTF(2, 3) ERROR_NEVER_NULL VMC_MUST_CHECK;

/* Returns the static out-of-memory error. */
struct vmc_error *error_nomem(void) ERROR_NEVER_NULL VMC_MUST_CHECK;

/* Prepends "context: " to @err (NULL stays NULL) and returns it. */
struct vmc_error *error_context(struct vmc_error *err, const char *format, ...)
	ERROR_PRINTF(2, 3) VMC_MUST_CHECK;

/* Replaces the code of @err, for a caller who knows better what the failure means. */
struct vmc_error *error_recode(struct vmc_error *err, enum vmc_error_code code) VMC_MUST_CHECK;

DEFINE_CLEANUP(struct vmc_error *, vmc_error_free);

#ifdef __clang_analyzer__
/* clang looks at one file at a time.  Here it sees that an error is made, and that none stays
 * none. */
#define ERROR_IS_MADE(call)                       \
	({                                        \
		struct vmc_error *made_ = (call); \
		if (!made_)                       \
			__builtin_unreachable();  \
		made_;                            \
	})
#define error_create(...)    ERROR_IS_MADE(error_create(__VA_ARGS__))
#define error_create_at(...) ERROR_IS_MADE(error_create_at(__VA_ARGS__))
#define error_system(...)    ERROR_IS_MADE(error_system(__VA_ARGS__))
#define error_nomem()        ERROR_IS_MADE(error_nomem())
#define error_context(err, ...)                                              \
	({                                                                   \
		struct vmc_error *of_ = (err);                               \
		of_ ? ERROR_IS_MADE(error_context(of_, __VA_ARGS__)) : NULL; \
	})
#endif

/* Returns from the calling function when @expression is an error. */
#define TRY(expression)                                   \
	do {                                              \
		struct vmc_error *try_err = (expression); \
		if (try_err)                              \
			return try_err;                   \
	} while (0)

#endif
