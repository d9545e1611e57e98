/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* strtoull() takes blanks and signs as well. */
static bool number_begin(const char *text, int base, uint64_t *ret_number, char **ret_end)
{
	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ret_number = strtoull(text, ret_end, base);
	return !errno && *ret_end != text;
}

bool compat_number(const char *text, int base, uint64_t max, uint64_t *ret_number)
{
	uint64_t number;
	char *end;

	if (!number_begin(text, base, &number, &end) || *end || number > max)
		return false;
	*ret_number = number;
	return true;
}

bool compat_size(const char *text, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMGTPE";
	unsigned int shift = 0;
	uint64_t number;
	char *end;

	if (!number_begin(text, 0, &number, &end) || !number)
		return false;
	if (*end) {
		const char *suffix = strchr(suffixes, toupper((unsigned char)*end));

		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	if (number > UINT64_MAX >> shift)
		return false;
	*ret_bytes = number << shift;
	return true;
}
