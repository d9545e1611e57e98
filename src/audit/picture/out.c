/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/picture/out.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void out_init(struct out *out, const struct vmc_sink *sink)
{
	out->sink = sink;
	out->written = 0;
	out->err = NULL;
	out->used = 0;
}

static void out_flush(struct out *out)
{
	if (out->sink && !out->err && out->used &&
	    !out->sink->write(out->sink->arg, out->buffer, out->used))
		out->err = error_system(errno, "picture");
	out->used = 0;
}

void out_bytes(struct out *out, const void *data, size_t size)
{
	const char *from = data;

	out->written += size;
	while (size) {
		size_t part = min_u64(size, sizeof(out->buffer) - out->used);

		memcpy(out->buffer + out->used, from, part);
		out->used += part;
		from += part;
		size -= part;
		if (out->used == sizeof(out->buffer))
			out_flush(out);
	}
}

void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_format(struct out *out, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	int length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert(length >= 0 && (size_t)length < sizeof(text));
	out_bytes(out, text, (size_t)length);
}

/* The length of the UTF-8 character that @text begins with; 0 when it is none that can be shown. */
static size_t character_length(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = *byte < 0x80 ? 1 : *byte < 0xe0 ? 2 : *byte < 0xf0 ? 3 : 4;
	uint32_t value = length == 1 ? *byte : *byte & (0x7fu >> length);
	static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};

	if ((*byte & 0xc0) == 0x80 || *byte > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (byte[i] & 0x3f);
	}
	if (value < least[length] || value == 0x7f || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff) || (value & 0xfffe) == 0xfffe)
		return 0;
	return length;
}

static void out_character(struct out *out, const char **text)
{
	size_t length = character_length(*text);

	if (length)
		out_bytes(out, *text, length);
	else
		out_text(out, REPLACEMENT);
	*text += length ? length : 1;
}

void out_xml(struct out *out, const char *text)
{
	while (*text) {
		const char *entity = *text == '&'   ? "&amp;"
				     : *text == '<' ? "&lt;"
				     : *text == '>' ? "&gt;"
				     : *text == '"' ? "&quot;"
						    : NULL;

		if (!entity) {
			out_character(out, &text);
			continue;
		}
		out_text(out, entity);
		text++;
	}
}

void out_json(struct out *out, const char *text)
{
	out_text(out, "\"");
	while (*text) {
		if (!strchr("\"\\<>&", *text)) {
			out_character(out, &text);
			continue;
		}
		out_format(out, "\\u%04x", (unsigned char)*text);
		text++;
	}
	out_text(out, "\"");
}

void out_plain(struct out *out, const char *text)
{
	for (; *text; text++)
		out_bytes(out, *text >= ' ' && *text <= '~' ? text : "?", 1);
}

struct vmc_error *out_finish(struct out *out)
{
	out_flush(out);
	return take_ptr(out->err);
}
