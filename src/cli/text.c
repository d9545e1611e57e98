/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Table 3-7 of the Unicode standard: the second byte decides over overlong forms, surrogates and
 * what lies above U+10FFFF; the others are 80..BF. */
static bool second_byte_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

size_t utf8_length(const char *text, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t length;

	if (size == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (length > size || !second_byte_fits(bytes[0], bytes[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* C0 and C1 controls and DEL: terminals act on the latter two as well, C1 also as UTF-8. */
static bool is_control(const char *text, size_t length)
{
	const uint8_t *bytes = (const uint8_t *)text;

	if (length == 1)
		return bytes[0] < 0x20 || bytes[0] == 0x7f;
	return length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0;
}

void text_write(FILE *stream, const char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t length = utf8_length(text + i, size - i);

		if (length == 0 || is_control(text + i, length)) {
			fprintf(stream, "\\x%02x", (uint8_t)text[i]);
			i++;
			/* The rest of a control character is no character by itself: it follows
			 * escaped, too. */
			continue;
		}
		fwrite(text + i, 1, length, stream);
		i += length;
	}
}

char *text_printable(const char *text)
{
	char *printable = NULL;
	size_t size;
	FILE *stream = open_memstream(&printable, &size);

	if (!stream)
		return NULL;
	text_write(stream, text, strlen(text));

	bool failed = ferror(stream);

	if (fclose(stream) != 0 || failed) {
		free(printable);
		return NULL;
	}
	return printable;
}
