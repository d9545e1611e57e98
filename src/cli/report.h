/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports for people: aligned tables, sizes, times. */
#ifndef VMCULL_CLI_REPORT_H
#define VMCULL_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REPORT_PRINTF(at, first) __attribute__((format(printf, at, first)))

struct report_column {
	const char *title;
	bool right; /* aligned, for numbers */
};

/* A table whose columns are as wide as their widest cell. */
struct report_table {
	const struct report_column *columns;
	size_t column_count;
	char **cells; /* row by row */
	size_t count, capacity;
	bool failed; /* out of memory */
};

void report_table_init(struct report_table *table, const struct report_column *columns,
		       size_t column_count);
void report_table_deinit(struct report_table *table);

/* Adds the next cell of the current row. */
void report_cell(struct report_table *table, const char *format, ...) REPORT_PRINTF(2, 3);

/* Returns false when memory was short, having printed nothing. */
bool report_table_print(const struct report_table *table, FILE *stream);

/* "name             value"; the value is escaped for terminals. */
void report_field(FILE *stream, const char *name, const char *format, ...) REPORT_PRINTF(3, 4);

#define REPORT_SIZE_LENGTH 32

/* "807.0 MiB" into @text, which it returns. */
const char *report_size(char text[static REPORT_SIZE_LENGTH], uint64_t bytes);

/* "2026-11-21 08:18:02 UTC" (or with T and Z between, as ISO 8601 wants it), or "" for a time
 * whose year has more than four digits. */
#define REPORT_TIME_LENGTH 64
const char *report_time(char text[static REPORT_TIME_LENGTH], int64_t seconds, bool iso);

#endif
