/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/grow.h"

struct vmc_error *grow_array(void **array, size_t *capacity, size_t wanted, size_t size)
{
	if (wanted <= *capacity)
		return NULL;

	size_t larger = *capacity ? *capacity : 16;

	while (larger < wanted) {
		if (__builtin_mul_overflow(larger, (size_t)2, &larger))
			return error_nomem();
	}
	void *moved = reallocarray(*array, larger, size);

	if (!moved)
		return error_nomem();
	*array = moved;
	*capacity = larger;
	return NULL;
}
