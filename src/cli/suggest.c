/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest.h"

#include <stddef.h>
#include <string.h>

#define NAME_MAX_LENGTH 31

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters have to be put in, taken out, replaced or swapped with the next to make @b of
 * @a.  Both are at most NAME_MAX_LENGTH long. */
static unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int rows[3][NAME_MAX_LENGTH + 1]; /* of the table, the last three */
	size_t a_length = strlen(a), b_length = strlen(b);

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i - 1) % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_length; j++) {
			unsigned int differ = a[i - 1] != b[j - 1];

			row[j] = min3(row[j - 1] + 1, above[j] + 1, above[j - 1] + differ);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min3(row[j], rows[(i - 2) % 3][j - 2] + 1, row[j]);
		}
	}
	return rows[a_length % 3][b_length];
}

void suggestion_init(struct suggestion *suggestion, const char *typed)
{
	unsigned int third = (unsigned int)strlen(typed) / 3;

	/* One letter in three may be wrong, two at least: more is not a typing error. */
	*suggestion = (struct suggestion){
		.typed = typed,
		.distance = (third < 2 ? 2 : third) + 1,
	};
}

void suggestion_offer(struct suggestion *suggestion, const char *name)
{
	unsigned int distance;

	if (strlen(suggestion->typed) > NAME_MAX_LENGTH || strlen(name) > NAME_MAX_LENGTH)
		return;
	distance = edit_distance(suggestion->typed, name);
	/* Replacing every letter is not a typing error either. */
	if (distance < suggestion->distance && distance < strlen(name)) {
		suggestion->name = name;
		suggestion->distance = distance;
	}
}
