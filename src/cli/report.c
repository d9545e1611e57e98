/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "text.h"

#define FIELD_WIDTH 16

void report_table_init(struct report_table *table, const struct report_column *columns,
		       size_t column_count)
{
	*table = (struct report_table){.columns = columns, .column_count = column_count};
}

void report_table_deinit(struct report_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
}

static bool table_grow(struct report_table *table)
{
	size_t capacity = table->capacity ? 2 * table->capacity : 64;
	char **cells;

	if (table->count < table->capacity)
		return true;
	cells = reallocarray(table->cells, capacity, sizeof(*cells));
	if (!cells)
		return false;
	table->cells = cells;
	table->capacity = capacity;
	return true;
}

static char *format_printable(const char *format, va_list args) REPORT_PRINTF(1, 0);

/* Formats and escapes; NULL when out of memory. */
static char *format_printable(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return NULL;

	char *printable = text_printable(text);

	free(text);
	return printable;
}

void report_cell(struct report_table *table, const char *format, ...)
{
	va_list args;

	if (table->failed || !table_grow(table)) {
		table->failed = true;
		return;
	}
	va_start(args, format);

	char *text = format_printable(format, args);

	va_end(args);
	if (text)
		table->cells[table->count++] = text;
	else
		table->failed = true;
}

static size_t column_width(const struct report_table *table, size_t column)
{
	size_t width = strlen(table->columns[column].title);

	for (size_t i = column; i < table->count; i += table->column_count) {
		size_t length = strlen(table->cells[i]);

		width = length > width ? length : width;
	}
	return width;
}

static void print_cell(const struct report_table *table, FILE *stream, size_t column, size_t width,
		       const char *text, bool last)
{
	if (table->columns[column].right)
		fprintf(stream, "%*s", (int)width, text);
	else if (last)
		fputs(text, stream); /* no blanks at the end of a line */
	else
		fprintf(stream, "%-*s", (int)width, text);
	fputs(last ? "\n" : "  ", stream);
}

/* What is empty at the end of a row is left out. */
static void print_row(const struct report_table *table, FILE *stream, const size_t *widths,
		      char *const *cells)
{
	size_t count = table->column_count;

	while (count > 1 && !*cells[count - 1])
		count--;
	for (size_t i = 0; i < count; i++)
		print_cell(table, stream, i, widths[i], cells[i], i + 1 == count);
}

bool report_table_print(const struct report_table *table, FILE *stream)
{
	size_t columns = table->column_count;
	size_t *widths = table->failed ? NULL : calloc(columns, sizeof(*widths));

	if (!widths)
		return false;
	for (size_t i = 0; i < columns; i++) {
		widths[i] = column_width(table, i);
		print_cell(table, stream, i, widths[i], table->columns[i].title, i + 1 == columns);
	}
	for (size_t i = 0; i + columns <= table->count; i += columns)
		print_row(table, stream, widths, table->cells + i);
	free(widths);
	return true;
}

void report_field(FILE *stream, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);

	char *text = format_printable(format, args);

	va_end(args);
	fprintf(stream, "%-*s %s\n", FIELD_WIDTH, name, text ? text : "(out of memory)");
	free(text);
}

const char *report_size(char text[static REPORT_SIZE_LENGTH], uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(text, REPORT_SIZE_LENGTH, "%" PRIu64 " B", bytes);
		return text;
	}
	/* 1023.95 and more would be rounded to 1024.0 */
	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units)) {
		value /= 1024;
		unit++;
	}
	snprintf(text, REPORT_SIZE_LENGTH, "%.1f %s", value, units[unit]);
	return text;
}

const char *report_time(char text[static REPORT_TIME_LENGTH], int64_t seconds, bool iso)
{
	struct calendar date = calendar_from_seconds(seconds);

	text[0] = '\0';
	if (date.year < 0 || date.year > 9999)
		return text;
	snprintf(text, REPORT_TIME_LENGTH, "%04" PRId64 "-%02u-%02u%c%02u:%02u:%02u%s", date.year,
		 date.month, date.day, iso ? 'T' : ' ', date.hour, date.minute, date.second,
		 iso ? "Z" : " UTC");
	return text;
}
