/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts out of a dump, as they go to a terminal and into JSON. */
#include <jansson.h>

#include "fuzz_input.h"
#include "json.h"
#include "text.h"

static void terminal(const char *bytes, size_t size)
{
	size_t written, left;
	char *text;
	FILE *stream = open_memstream(&text, &written);

	fuzz_require(stream);
	text_write(stream, bytes, size);
	fuzz_require(fclose(stream) == 0);
	fuzz_require(written >= size && written <= 4 * size);
	for (const char *at = text; at < text + written; at += utf8_length(at, left)) {
		left = (size_t)(text + written - at);
		fuzz_require(utf8_length(at, left) > 0);
		fuzz_require((uint8_t)*at >= ' ' && *at != '\x7f');
		/* C1 */
		fuzz_require((uint8_t)at[0] != 0xc2 || (uint8_t)at[1] >= 0xa0);
	}
	free(text);
}

/* jansson takes what we call UTF-8. */
static void json(const char *bytes, size_t size)
{
	json_t *value = json_text_sized(bytes, size), *again;
	char *text;

	fuzz_require(value);
	text = json_dumps(value, JSON_ENCODE_ANY);
	fuzz_require(text);
	again = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	fuzz_require(again && json_equal(value, again));
	json_decref(value);
	json_decref(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *printable, *text = malloc(size + 1);

	fuzz_require(text);
	memcpy(text, data, size);
	text[size] = '\0';
	terminal(text, size);
	json(text, size);
	printable = text_printable(text);
	fuzz_require(printable && strlen(printable) >= strlen(text));
	free(printable);
	free(text);
	return 0;
}
