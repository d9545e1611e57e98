/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "estimate_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "report.h"

/* Columns of sizes have one unit, so that they can be compared at a glance. */
struct unit {
	const char *name;
	double bytes;
};

enum estimate_fit estimate_fit(const struct vmc_estimate_figure *figure, uint64_t available)
{
	if (figure->bytes > available && figure->bytes - available > figure->error)
		return ESTIMATE_DOES_NOT_FIT;
	if (figure->bytes > available || available - figure->bytes < figure->error)
		return ESTIMATE_MAY_FIT;
	return ESTIMATE_FITS;
}

static bool wants_level(const struct estimate_result *result, int level)
{
	return result->args->levels >> level & 1;
}

/* The largest unit of which the largest size is at least ten. */
static struct unit choose_unit(const struct estimate_result *result)
{
	static const struct unit units[] = {{"TiB", 0x1p40}, {"GiB", 0x1p30}, {"MiB", 0x1p20}};
	struct vmc_estimate_figure figure;
	double most = 0;

	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++) {
		for (size_t i = 0; i < result->args->codec_count && wants_level(result, level);
		     i++) {
			vmc_estimate_figure(result->estimate, level, i, &figure);
			most = (double)figure.bytes > most ? (double)figure.bytes : most;
		}
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (most >= 10 * units[i].bytes)
			return units[i];
	}
	return (struct unit){"KiB", 1024};
}

/* As many digits behind the point as make three in all. */
static int digits_of(double value)
{
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

static void cell_size(struct report_table *table, const struct estimate_result *result,
		      struct unit unit, const struct vmc_estimate_figure *figure)
{
	static const char *const marks[] = {
		[ESTIMATE_FITS] = "",
		[ESTIMATE_MAY_FIT] = " ?",
		[ESTIMATE_DOES_NOT_FIT] = " !",
	};
	double size = (double)figure->bytes / unit.bytes;
	double error = (double)figure->error / unit.bytes;
	int digits = digits_of(size);

	report_cell(table, "%.*f +-%.*f%s", digits, size, digits, error,
		    marks[estimate_fit(figure, result->available)]);
}

static void cell_seconds(struct report_table *table, double seconds)
{
	if (seconds < 120)
		report_cell(table, "%.*f s", seconds < 9.95 ? 1 : 0, seconds);
	else if (seconds < 7200)
		report_cell(table, "%.0f min", seconds / 60);
	else
		report_cell(table, "%.1f h", seconds / 3600);
}

#define TITLE_LENGTH 32

/* The level only where it is not the one that goes without saying. */
static void codec_title(const struct vmc_codec_spec *spec, char title[static TITLE_LENGTH])
{
	const char *name = vmc_codec_name(spec->codec);

	if (spec->level == vmc_codec_level_default(spec->codec))
		snprintf(title, TITLE_LENGTH, "%s", name);
	else
		snprintf(title, TITLE_LENGTH, "%s:%d", name, spec->level);
}

/* What --compact-map takes off the level with the highest number. */
static void compact_row(struct report_table *table, const struct estimate_result *result,
			struct unit unit)
{
	struct vmc_estimate_figure figure;
	int level = VMC_ESTIMATE_LEVELS - 1;

	while (level && !wants_level(result, level))
		level--;
	report_cell(table, "compact map");
	for (size_t i = 0; i < result->args->codec_count; i++) {
		double size;

		vmc_estimate_figure(result->estimate, level, i, &figure);
		size = (double)figure.compact_bytes / unit.bytes;
		report_cell(table, "-%.*f", digits_of(size), size);
	}
}

/* A row a level, a column a codec. */
static bool print_table(const struct estimate_result *result, bool sizes)
{
	struct report_column columns[VMC_ESTIMATE_CODECS_MAX + 2];
	char titles[VMC_ESTIMATE_CODECS_MAX][TITLE_LENGTH];
	size_t codecs = result->args->codec_count, first = 0;
	struct unit unit = choose_unit(result);
	struct vmc_estimate_figure figure;
	char corner[16];
	struct report_table table;

	snprintf(corner, sizeof(corner), "%s", sizes ? unit.name : "time");
	columns[first++] = (struct report_column){corner, false};
	if (!sizes)
		columns[first++] = (struct report_column){"pages", true};
	for (size_t i = 0; i < codecs; i++) {
		codec_title(&result->args->codecs[i], titles[i]);
		columns[first + i] = (struct report_column){titles[i], true};
	}
	report_table_init(&table, columns, first + codecs);
	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++) {
		if (!wants_level(result, level))
			continue;
		report_cell(&table, "level %d", level);
		for (size_t i = 0; i < codecs; i++) {
			vmc_estimate_figure(result->estimate, level, i, &figure);
			if (!sizes && !i)
				report_cell(&table, "%" PRIu64, figure.pages);
			if (sizes)
				cell_size(&table, result, unit, &figure);
			else
				cell_seconds(&table, figure.seconds);
		}
	}
	if (sizes)
		compact_row(&table, result, unit);
	putchar('\n');

	bool good = report_table_print(&table, stdout);

	report_table_deinit(&table);
	return good;
}

static void print_fit(const struct estimate_result *result)
{
	size_t counts[ESTIMATE_DOES_NOT_FIT + 1] = {0};
	struct vmc_estimate_figure figure;
	size_t all = 0;

	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++) {
		for (size_t i = 0; i < result->args->codec_count && wants_level(result, level);
		     i++, all++) {
			vmc_estimate_figure(result->estimate, level, i, &figure);
			counts[estimate_fit(&figure, result->available)]++;
		}
	}
	if (counts[ESTIMATE_FITS] == all)
		puts("each fits");
	else if (counts[ESTIMATE_DOES_NOT_FIT] == all)
		puts("none fits");
	else
		printf("%s%s%s\n", counts[ESTIMATE_DOES_NOT_FIT] ? "! does not fit" : "",
		       counts[ESTIMATE_DOES_NOT_FIT] && counts[ESTIMATE_MAY_FIT] ? "   " : "",
		       counts[ESTIMATE_MAY_FIT] ? "? may not fit" : "");
}

bool estimate_report_text(const struct estimate_result *result)
{
	struct vmc_estimate_state state;
	char size[REPORT_SIZE_LENGTH];
	uint64_t sampled = 0, pages = 0, unreadable = 0;

	for (unsigned int i = 0; i < VMC_PAGE_STATE_COUNT; i++) {
		vmc_estimate_state(result->estimate, (enum vmc_page_state)i, &state);
		pages += state.pages;
		sampled += state.sampled;
		unreadable += state.unreadable;
	}
	report_field(stdout, "dump", "%s: %s, Linux %s, %s", result->args->input,
		     vmc_dump_format(result->dump), vmc_target_release(result->target),
		     vmc_target_arch(result->target));
	report_field(stdout, "sample", "%" PRIu64 " of %" PRIu64 " pages", sampled, pages);
	if (unreadable)
		report_field(stdout, "unreadable", "%" PRIu64 " pages of the sample", unreadable);
	report_field(stdout, "target", "%s: %s free", result->args->target,
		     report_size(size, result->available));
	if (!print_table(result, true))
		return false;
	print_fit(result);
	if (!print_table(result, false))
		return false;
	puts("\n+-: 19 of 20 times not further off; compact map: what --compact-map saves");
	puts("time: of one thread on this machine");
	return true;
}
