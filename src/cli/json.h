/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: values by jansson, the document itself written member by member, so that a list of a
 * million runs needs the memory of one.
 *
 * Integers are exact.  Addresses are strings, "0xffffffff81000000", since many readers of JSON
 * keep numbers as doubles.
 */
#ifndef VMCULL_CLI_JSON_H
#define VMCULL_CLI_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A count or size.  What does not fit the 63 bits of jansson becomes a decimal string. */
json_t *json_count(uint64_t value);

json_t *json_address(uint64_t value);

/* A string, whose bytes that are no UTF-8 are shown as U+FFFD; NULL becomes null. */
json_t *json_text(const char *text);
json_t *json_text_sized(const char *text, size_t size);

/* Adds a member to @object and returns it.  Takes both; when either is NULL, for want of memory, so
 * is the result. */
json_t *json_with(json_t *object, const char *name, json_t *value);

/* An object, an array of objects in it and the end.  Calls nest one level deep only. */
struct json_document {
	FILE *stream;
	bool failed; /* out of memory: told by json_document_end() */
	bool more;   /* a member was written */
	bool more_elements;
};

/* Begins with the "schema" member. */
void json_document_begin(struct json_document *document, FILE *stream, const char *schema);

/* Takes @value, whose NULL means that memory ran out while it was made. */
void json_document_member(struct json_document *document, const char *name, json_t *value);

void json_document_array_begin(struct json_document *document, const char *name);
void json_document_element(struct json_document *document, json_t *value);
void json_document_array_end(struct json_document *document);

/* Returns false when anything was left out for want of memory. */
bool json_document_end(struct json_document *document);

#endif
