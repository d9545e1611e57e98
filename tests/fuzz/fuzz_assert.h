/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For headers of unit tests in fuzz targets: what they use of cmocka, which a target is without. */
#ifndef VMCULL_TESTS_FUZZ_ASSERT_H
#define VMCULL_TESTS_FUZZ_ASSERT_H

#include <stdio.h>
#include <stdlib.h>

#define fail_msg(...)                              \
	do {                                       \
		fprintf(stderr, "%s: ", __func__); \
		fprintf(stderr, __VA_ARGS__);      \
		fputc('\n', stderr);               \
		abort();                           \
	} while (0)

#define print_error(...)       fprintf(stderr, __VA_ARGS__)
#define assert_true(what)      ((what) ? (void)0 : fuzz_failed(#what, __FILE__, __LINE__))
#define assert_non_null(what)  assert_true((what) != NULL)
#define assert_int_equal(a, b) assert_true((uintmax_t)(a) == (uintmax_t)(b))

_Noreturn static inline void fuzz_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

#endif
