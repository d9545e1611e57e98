/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain forms follow what makedumpfile 1.7.8 and vmcore-dmesg 2.0.25 were seen to print, but
 * for their mistakes.  makedumpfile shows bytes from 0x80 on as "\xffffffe2" where its char is
 * signed.  vmcore-dmesg takes the mark at the end of a buffer of records for a record.  Both copy
 * a flat buffer with whatever control characters are in it.
 */
#include "dmesg_text.h"

#include <assert.h>
#include <inttypes.h>

#include "command.h"
#include "message.h"
#include "report.h"

#define NSEC_PER_SEC 1000000000

#define COLOR_TIME   "\033[32m"
#define COLOR_DIRE   "\033[1;31m" /* emerg to crit */
#define COLOR_ERROR  "\033[31m"
#define COLOR_WARN   "\033[1m"
#define COLOR_NORMAL "\033[0m"

const char *dmesg_level_name(unsigned int level)
{
	static const char *const names[] = {"emerg", "alert",  "crit", "err",
					    "warn",  "notice", "info", "debug"};

	return level < sizeof(names) / sizeof(names[0]) ? names[level] : NULL;
}

const char *dmesg_facility_name(unsigned int facility)
{
	static const char *const names[] = {
		"kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
		"uucp",   "cron",   "authpriv", "ftp",    "res0",   "res1",   "res2",   "res3",
		"local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7",
	};

	return facility < sizeof(names) / sizeof(names[0]) ? names[facility] : NULL;
}

/* The time of a record since 1970. */
static int clock_write(FILE *stream, int64_t booted, uint64_t time)
{
	char text[REPORT_TIME_LENGTH];
	int64_t moment;

	if (__builtin_add_overflow(booted, time, &moment))
		return 0;

	int64_t rest = moment % NSEC_PER_SEC;

	if (rest < 0)
		rest += NSEC_PER_SEC;
	report_time(text, (moment - rest) / NSEC_PER_SEC, true);
	/* As dmesg(1) has it: the zone in full, and a comma before the fraction. */
	return fprintf(stream, "%.19s,%06" PRId64 "+00:00 ", text, rest / 1000);
}

static int record_time_write(struct dmesg_style *style, const struct vmc_dmesg_record *record,
			     FILE *stream)
{
	uint64_t before = style->more ? style->last_time : record->time, delta;

	if (!record->has_time)
		return 0;
	style->last_time = record->time;
	style->more = true;
	switch (style->time) {
	case DMESG_TIME_BOOT:
		return fprintf(stream, "[%5" PRIu64 ".%06" PRIu64 "] ", record->time / NSEC_PER_SEC,
			       record->time % NSEC_PER_SEC / 1000);
	case DMESG_TIME_ISO:
		return clock_write(stream, style->booted, record->time);
	case DMESG_TIME_DELTA:
		delta = record->time > before ? record->time - before : 0;
		return fprintf(stream, "[<%5" PRIu64 ".%06" PRIu64 ">] ", delta / NSEC_PER_SEC,
			       delta % NSEC_PER_SEC / 1000);
	case DMESG_TIME_NONE:
		break;
	}
	return 0;
}

static int caller_write(const struct vmc_dmesg_record *record, FILE *stream)
{
	char text[16];

	snprintf(text, sizeof(text), "%c%" PRIu32,
		 record->caller & VMC_DMESG_CALLER_CPU ? 'C' : 'T',
		 record->caller & ~VMC_DMESG_CALLER_CPU);
	return fprintf(stream, "[%8s] ", text);
}

static int decode_write(const struct vmc_dmesg_record *record, FILE *stream)
{
	const char *facility = dmesg_facility_name(record->facility);

	if (!record->has_level)
		return fprintf(stream, "%-6s:%-6s: ", "", "");
	return fprintf(stream, "%-6s:%-6s: ", facility ? facility : "?",
		       dmesg_level_name(record->level));
}

/* What goes before the text; returns its width. */
static int prefix_write(struct dmesg_style *style, const struct vmc_dmesg_record *record,
			FILE *stream)
{
	int width = 0;

	if (style->decode)
		width += decode_write(record, stream);
	if (style->color)
		fputs(COLOR_TIME, stream);
	width += record_time_write(style, record, stream);
	if (record->has_caller && !style->no_callers)
		width += caller_write(record, stream);
	if (style->color)
		fputs(COLOR_NORMAL, stream);
	return width;
}

static bool is_shown(const struct dmesg_style *style, unsigned char c)
{
	if (c >= 0x20 && c < 0x7f)
		return true;
	return c == '\t' || (!style->terminal && c >= '\n' && c <= '\r');
}

static void text_lines_write(const struct dmesg_style *style, const char *text, size_t size,
			     int indent, FILE *stream)
{
	assert(text || !size);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			fprintf(stream, "\n%*s", style->no_indent ? 0 : indent, "");
		else if (is_shown(style, c))
			putc(c, stream);
		else
			fprintf(stream, "\\x%02x", c);
	}
}

static const char *level_color(const struct vmc_dmesg_record *record)
{
	if (!record->has_level || record->level > 4)
		return NULL;
	return record->level == 4 ? COLOR_WARN : record->level == 3 ? COLOR_ERROR : COLOR_DIRE;
}

void dmesg_text_record(struct dmesg_style *style, const struct vmc_dmesg_record *record,
		       FILE *stream)
{
	const char *color = style->color ? level_color(record) : NULL;

	if (style->raw_lines && record->line) {
		text_lines_write(style, record->line, record->line_size, 0, stream);
		if (record->flags & VMC_DMESG_NEWLINE)
			putc('\n', stream);
		return;
	}
	if ((!record->text || record->is_empty_line) && !style->empty_lines)
		return;

	int indent = prefix_write(style, record, stream);

	if (color)
		fputs(color, stream);
	text_lines_write(style, record->text, record->size, indent, stream);
	if (color)
		fputs(COLOR_NORMAL, stream);
	putc('\n', stream);
}

int dmesg_text_write(struct vmc_target *target, const char *path, enum dmesg_plain plain,
		     bool since_clear, FILE *stream)
{
	bool bare = plain == DMESG_LIKE_VMCORE_DMESG;
	struct dmesg_style style = {
		.raw_lines = true, .no_callers = bare, .no_indent = bare, .empty_lines = bare};
	struct vmc_dmesg_options options = {.since_clear = since_clear};
	struct vmc_dmesg_record record;
	struct vmc_dmesg *dmesg;
	struct vmc_error *err = vmc_dmesg_open(target, &options, &dmesg);
	int status;

	if (err)
		return message_failure(err, path, NULL);
	while (vmc_dmesg_next(dmesg, &record))
		dmesg_text_record(&style, &record, stream);
	status = vmc_dmesg_damaged(dmesg) ? STATUS_PARTIAL : STATUS_DONE;
	vmc_dmesg_close(dmesg);
	return status;
}
