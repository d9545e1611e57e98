/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

json_t *json_count(uint64_t value)
{
	char digits[24];

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	return json_string(digits);
}

json_t *json_address(uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "0x%" PRIx64, value);
	return json_string(digits);
}

static json_t *json_repaired_text(const char *text, size_t size)
{
	/* Each byte can become three. */
	char *repaired = size <= SIZE_MAX / 3 ? malloc(3 * size + 1) : NULL;
	size_t used = 0;

	if (!repaired)
		return NULL;
	for (size_t i = 0; i < size;) {
		size_t length = utf8_length(text + i, size - i);

		if (length == 0) {
			memcpy(repaired + used, REPLACEMENT, 3);
			used += 3;
			i++;
			continue;
		}
		memcpy(repaired + used, text + i, length);
		used += length;
		i += length;
	}

	json_t *value = json_stringn(repaired, used);

	free(repaired);
	return value;
}

json_t *json_text_sized(const char *text, size_t size)
{
	json_t *value = json_stringn(text, size);

	return value ? value : json_repaired_text(text, size);
}

json_t *json_text(const char *text)
{
	return text ? json_text_sized(text, strlen(text)) : json_null();
}

json_t *json_with(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

void json_document_begin(struct json_document *document, FILE *stream, const char *schema)
{
	*document = (struct json_document){.stream = stream};
	fputs("{\n", stream);
	json_document_member(document, "schema", json_string(schema));
}

static void json_document_value(struct json_document *document, json_t *value)
{
	/* Want of memory is told here; a failed write shows when stdout is closed. */
	if (!value) {
		document->failed = true;
		fputs("null", document->stream);
		return;
	}
	if (json_dumpf(value, document->stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) < 0 &&
	    !ferror(document->stream))
		document->failed = true;
	json_decref(value);
}

static void json_document_name(struct json_document *document, const char *name)
{
	fprintf(document->stream, "%s  \"%s\": ", document->more ? ",\n" : "", name);
	document->more = true;
}

void json_document_member(struct json_document *document, const char *name, json_t *value)
{
	json_document_name(document, name);
	json_document_value(document, value);
}

void json_document_array_begin(struct json_document *document, const char *name)
{
	json_document_name(document, name);
	putc('[', document->stream);
	document->more_elements = false;
}

void json_document_element(struct json_document *document, json_t *value)
{
	fputs(document->more_elements ? ",\n    " : "\n    ", document->stream);
	document->more_elements = true;
	json_document_value(document, value);
}

void json_document_array_end(struct json_document *document)
{
	fputs(document->more_elements ? "\n  ]" : "]", document->stream);
}

bool json_document_end(struct json_document *document)
{
	fputs("\n}\n", document->stream);
	return !document->failed;
}
