/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on numbers from a file: every function says false when the result does not fit. */
#ifndef VMCULL_BASE_CHECKED_H
#define VMCULL_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *ret_sum)
{
	return !__builtin_add_overflow(a, b, ret_sum);
}

static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *ret_product)
{
	return !__builtin_mul_overflow(a, b, ret_product);
}

static inline bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* @n must be a power of two for these two. */
static inline uint64_t align_down(uint64_t value, uint64_t n)
{
	return value & ~(n - 1);
}

static inline bool checked_align_up(uint64_t value, uint64_t n, uint64_t *ret_aligned)
{
	if (!checked_add(value, n - 1, ret_aligned))
		return false;
	*ret_aligned = align_down(*ret_aligned, n);
	return true;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
