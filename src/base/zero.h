/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMCULL_BASE_ZERO_H
#define VMCULL_BASE_ZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Is a page all zeros?  Most pages that are not differ in their first words; the size is a multiple
 * of the step. */
static inline bool page_is_zero(const uint8_t *page, size_t size)
{
	for (size_t i = 0; i < size; i += 64) {
		uint64_t words[8];

		memcpy(words, page + i, sizeof(words));
		if (words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] |
		    words[7])
			return false;
	}
	return true;
}

#endif
