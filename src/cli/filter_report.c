/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "erase_report.h"
#include "json.h"
#include "report.h"
#include "resources.h"

struct filter_totals {
	uint64_t pages, kept;
};

static struct filter_totals count_totals(const struct vmc_plan_counts *counts)
{
	struct filter_totals totals = {0};

	for (int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		totals.pages += counts->pages[state];
		totals.kept += counts->kept[state];
	}
	return totals;
}

static uint64_t bytes_of(const struct filter_result *result, uint64_t pages)
{
	return pages * result->page_size;
}

static double per_second(const struct filter_result *result, uint64_t bytes)
{
	return result->seconds > 0 ? (double)bytes / result->seconds : 0;
}

/* How many bytes of memory one byte of the output stands for. */
static double ratio(const struct filter_result *result, uint64_t bytes_in)
{
	uint64_t bytes_out = result->written->bytes_out;

	return bytes_out ? (double)bytes_in / (double)bytes_out : 0;
}

static void state_row(struct report_table *table, const struct filter_result *result,
		      const char *name, uint64_t pages, uint64_t kept)
{
	char size[REPORT_SIZE_LENGTH];

	report_cell(table, "%s", name);
	report_cell(table, "%" PRIu64, pages);
	report_cell(table, "%" PRIu64, kept);
	report_cell(table, "%" PRIu64, pages - kept);
	report_cell(table, "%s", report_size(size, bytes_of(result, pages - kept)));
}

static bool print_states(const struct filter_result *result)
{
	static const struct report_column columns[] = {
		{"state", false},  {"pages", true},        {"kept", true},
		{"dropped", true}, {"dropped size", true},
	};
	const struct vmc_plan_counts *counts = result->counts;
	struct filter_totals totals = count_totals(counts);
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		if (counts->pages[state])
			state_row(&table, result, vmc_page_state_name((enum vmc_page_state)state),
				  counts->pages[state], counts->kept[state]);
	state_row(&table, result, "total", totals.pages, totals.kept);

	bool printed = report_table_print(&table, result->stream);

	report_table_deinit(&table);
	return printed;
}

/* Which rule told the state of how many pages. */
static bool print_rules(const struct filter_result *result)
{
	static const struct report_column columns[] = {
		{"rule", false},
		{"pages", true},
		{"because", false},
		{"as kernels do since", false},
	};
	const struct vmc_page_rule *rule;
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int i = 0; (rule = vmc_page_rule(i)); i++) {
		if (!result->counts->decided[i])
			continue;
		report_cell(&table, "%s", rule->name);
		report_cell(&table, "%" PRIu64, result->counts->decided[i]);
		report_cell(&table, "%s", rule->description);
		report_cell(&table, "%s", rule->since);
	}
	putc('\n', result->stream);

	bool printed = report_table_print(&table, result->stream);

	report_table_deinit(&table);
	return printed;
}

/* What --map-only found to keep. */
static bool print_parts(const struct filter_result *result)
{
	static const struct report_column columns[] = {
		{"part", false},
		{"pages", true},
		{"bytes", true},
		{"size", true},
	};
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int i = 0; i < VMC_STRIP_PARTS; i++) {
		char size[REPORT_SIZE_LENGTH];
		uint64_t bytes = result->stripped->parts[i].bytes;

		report_cell(&table, "%s", vmc_strip_part_name(i));
		report_cell(&table, "%" PRIu64, result->stripped->parts[i].pages);
		report_cell(&table, "%" PRIu64, bytes);
		report_cell(&table, "%s", report_size(size, bytes));
	}
	putc('\n', result->stream);

	bool printed = report_table_print(&table, result->stream);

	report_table_deinit(&table);
	return printed;
}

static uint64_t refused_bytes(const struct vmc_strip_summary *stripped)
{
	uint64_t sum = 0;

	for (int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		sum += stripped->refused[state];
	return sum;
}

static void print_doubts(const struct filter_result *result)
{
	const struct vmc_plan_counts *counts = result->counts;

	if (counts->nodata)
		report_field(result->stream, "not in input", "%" PRIu64 " pages", counts->nodata);
	if (counts->unreadable_map)
		report_field(result->stream, "unreadable map",
			     "of %" PRIu64 " pages, which were kept", counts->unreadable_map);
	if (result->written->unreadable_pages)
		report_field(result->stream, "unreadable",
			     "%" PRIu64 " pages, missing in the output",
			     result->written->unreadable_pages);
	if (result->written->incomplete)
		report_field(result->stream, "incomplete", "%" PRIu64 " of %" PRIu64 " pages saved",
			     result->written->pages_written, count_totals(counts).kept);
}

static const char *zeros_text(const struct filter_result *result)
{
	if (!result->policy.drop_zero)
		return "";
	return result->format == VMC_OUTPUT_ELF ? ", holes of the file" : ", stored once";
}

static void print_output(const struct filter_result *result)
{
	const struct vmc_write_summary *written = result->written;
	char size[REPORT_SIZE_LENGTH];

	report_size(size, written->bytes_out);
	if (result->format == VMC_OUTPUT_ELF)
		report_field(result->stream, "output", "%s: %" PRIu64 " pages, %s, ELF",
			     written->path, written->pages_written, size);
	else
		report_field(result->stream, "output", "%s: %" PRIu64 " pages, %s, %s level %d",
			     written->path, written->pages_written, size,
			     vmc_codec_name(result->codec.codec), result->codec.level);
	if (result->parts)
		report_field(result->stream, "parts", "%zu, %s.1 and so on", result->parts,
			     written->path);
	if (result->dry_run)
		report_field(result->stream, "dry run", "nothing was written");
}

bool filter_report_text(const struct filter_result *result)
{
	const struct vmc_write_summary *written = result->written;
	struct filter_totals totals = count_totals(result->counts);
	uint64_t bytes_in = bytes_of(result, totals.pages);
	char size[REPORT_SIZE_LENGTH];

	if (!print_states(result) || (result->verbose && !print_rules(result)))
		return false;
	if (result->stripped && !print_parts(result))
		return false;
	putc('\n', result->stream);
	report_field(result->stream, "input", "%s: %" PRIu64 " pages, %s", result->input,
		     totals.pages, report_size(size, bytes_in));
	print_output(result);
	report_field(result->stream, "zero pages", "%" PRIu64 "%s", written->zero_pages,
		     zeros_text(result));
	if (written->shared_pages)
		report_field(result->stream, "shared",
			     "%" PRIu64 " pages equal to others, which saves %s",
			     written->shared_pages, report_size(size, written->shared_bytes));
	if (written->compact_pages)
		report_field(result->stream, "compact map",
			     "%" PRIu64 " of its pages share a few blocks", written->compact_pages);
	if (result->stripped && refused_bytes(result->stripped))
		report_field(result->stream, "refused",
			     "%" PRIu64 " bytes, in pages that are not kept",
			     refused_bytes(result->stripped));
	print_doubts(result);
	erase_report_text(result->stream, result->erase);
	if (result->verbose)
		resources_report(result->stream, written);
	report_field(result->stream, "ratio", "%.1f", ratio(result, bytes_in));
	if (result->verbose)
		report_field(result->stream, "planning", "%.1f s to choose the pages",
			     result->seconds_planning);
	report_field(result->stream, "time", "%.1f s, %.0f MB/s", result->seconds,
		     per_second(result, bytes_in) / 1e6);
	return true;
}

static void json_states(struct json_document *document, const struct filter_result *result)
{
	json_document_array_begin(document, "states");
	for (int state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		uint64_t pages = result->counts->pages[state];
		uint64_t kept = result->counts->kept[state];
		uint64_t bytes = bytes_of(result, pages - kept);
		const char *name = vmc_page_state_name((enum vmc_page_state)state);

		json_t *row = json_object();

		row = json_with(row, "state", json_text(name));
		row = json_with(row, "pages", json_count(pages));
		row = json_with(row, "kept", json_count(kept));
		row = json_with(row, "dropped", json_count(pages - kept));
		row = json_with(row, "dropped_bytes", json_count(bytes));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

static void json_rules(struct json_document *document, const struct filter_result *result)
{
	const struct vmc_page_rule *rule;

	json_document_array_begin(document, "rules");
	for (unsigned int i = 0; (rule = vmc_page_rule(i)); i++) {
		json_t *row = json_object();

		row = json_with(row, "rule", json_text(rule->name));
		row = json_with(row, "pages", json_count(result->counts->decided[i]));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

/* null unless --map-only was given. */
static json_t *json_stripped(const struct vmc_strip_summary *stripped)
{
	json_t *parts, *object;

	if (!stripped)
		return json_null();
	parts = json_array();
	for (unsigned int i = 0; i < VMC_STRIP_PARTS; i++) {
		json_t *row = json_object();

		row = json_with(row, "part", json_text(vmc_strip_part_name(i)));
		row = json_with(row, "pages", json_count(stripped->parts[i].pages));
		row = json_with(row, "bytes", json_count(stripped->parts[i].bytes));
		if (!parts || json_array_append_new(parts, row)) {
			json_decref(parts);
			return NULL;
		}
	}
	object = json_with(json_object(), "parts", parts);
	object = json_with(object, "refused_bytes", json_count(refused_bytes(stripped)));
	return json_with(object, "unreadable_bytes", json_count(stripped->unreadable));
}

static json_t *json_input(const struct filter_result *result)
{
	struct filter_totals totals = count_totals(result->counts);

	json_t *object = json_object();

	object = json_with(object, "path", json_text(result->input));
	object = json_with(object, "page_size", json_count(result->page_size));
	object = json_with(object, "pages", json_count(totals.pages));
	object = json_with(object, "bytes", json_count(bytes_of(result, totals.pages)));
	object = json_with(object, "pages_without_content", json_count(result->counts->nodata));
	object = json_with(object, "pages_with_unreadable_map",
			   json_count(result->counts->unreadable_map));
	return object;
}

static json_t *json_output(const struct filter_result *result)
{
	const struct vmc_write_summary *written = result->written;
	bool elf = result->format == VMC_OUTPUT_ELF;

	json_t *object = json_object();

	object = json_with(object, "path", json_text(written->path));
	object = json_with(object, "format", json_text(elf ? "elf" : "kdump"));
	object = json_with(object, "flattened", json_boolean(result->flattened));
	object = json_with(object, "parts", json_count(result->parts));
	object = json_with(object, "dry_run", json_boolean(result->dry_run));
	object = json_with(object, "codec",
			   json_text(elf ? "none" : vmc_codec_name(result->codec.codec)));
	object = json_with(object, "codec_level", json_integer(elf ? 0 : result->codec.level));
	object = json_with(object, "dump_level",
			   json_integer(vmc_filter_policy_level(&result->policy)));
	object = json_with(object, "pages", json_count(written->pages_written));
	object = json_with(object, "zero_pages", json_count(written->zero_pages));
	object = json_with(object, "raw_pages", json_count(written->raw_pages));
	object = json_with(object, "passed_pages", json_count(written->passed_pages));
	object = json_with(object, "shared_pages", json_count(written->shared_pages));
	object = json_with(object, "shared_bytes", json_count(written->shared_bytes));
	object = json_with(object, "compact_pages", json_count(written->compact_pages));
	object = json_with(object, "unreadable_pages", json_count(written->unreadable_pages));
	object = json_with(object, "bytes_in", json_count(written->bytes_in));
	object = json_with(object, "bytes", json_count(written->bytes_out));
	object = json_with(object, "complete", json_boolean(!written->incomplete));
	return resources_json(object, written);
}

bool filter_report_json(const struct filter_result *result)
{
	uint64_t bytes_in = bytes_of(result, count_totals(result->counts).pages);
	struct json_document document;

	json_document_begin(&document, result->stream, "vmcull.filter/1");
	json_document_member(&document, "input", json_input(result));
	json_document_member(&document, "output", json_output(result));
	json_states(&document, result);
	json_rules(&document, result);
	json_document_member(&document, "map_only", json_stripped(result->stripped));
	erase_report_json(&document, result->erase);
	json_document_member(&document, "ratio", json_real(ratio(result, bytes_in)));
	json_document_member(&document, "seconds", json_real(result->seconds));
	json_document_member(&document, "seconds_planning", json_real(result->seconds_planning));
	json_document_member(&document, "bytes_per_second",
			     json_count((uint64_t)per_second(result, bytes_in)));
	json_document_member(&document, "error", json_text(result->error));
	json_document_member(&document, "warnings",
			     result->warnings ? json_incref(result->warnings) : json_array());
	return json_document_end(&document);
}
