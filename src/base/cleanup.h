/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope-bound cleanup with the attribute that gcc and clang share:
 *
 *	_cleanup_free_ char *name = NULL;
 *	_cleanup_(io_file_close) struct io_file *file = NULL;
 *
 * A value is handed out of the scope with take_ptr().
 */
#ifndef VMCULL_BASE_CLEANUP_H
#define VMCULL_BASE_CLEANUP_H

#include <stdlib.h>

#define _cleanup_(fn)  __attribute__((cleanup(fn##_cleanup)))
#define _cleanup_free_ __attribute__((cleanup(free_cleanup)))

/* Defines what _cleanup_(fn) calls, for a destructor that takes a pointer of type @type, NULL too.
 */
#define DEFINE_CLEANUP(type, fn)                      \
	static inline void fn##_cleanup(type *object) \
	{                                             \
		if (*object)                          \
			fn(*object);                  \
	}                                             \
	struct cleanup_needs_a_semicolon

#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

static inline void free_cleanup(void *pointer)
{
	free(*(void **)pointer);
}

#endif
