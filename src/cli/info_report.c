/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "info_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "report.h"

struct memory_totals {
	uint64_t runs;
	uint64_t with_content, without_content; /* pages */
};

/* Gives the run after @previous, or the first when that is empty. */
static bool next_run(const struct vmc_dump *dump, struct vmc_memory_run *run)
{
	vmc_pfn from = run->start + run->count;
	struct vmc_memory_run next;

	if (!vmc_dump_next_run(dump, from, &next) || next.count == 0 || next.start < from)
		return false;
	*run = next;
	return true;
}

static struct memory_totals count_memory(const struct vmc_dump *dump)
{
	struct memory_totals totals = {0};
	struct vmc_memory_run run = {0};

	while (next_run(dump, &run)) {
		totals.runs++;
		if (run.kind == VMC_MEMORY_DATA)
			totals.with_content += run.count;
		else
			totals.without_content += run.count;
	}
	return totals;
}

struct content_totals {
	uint64_t ranges, bytes;
};

static struct content_totals count_content(const struct vmc_dump *dump)
{
	struct content_totals totals = {0};
	vmc_paddr from = 0, start;
	uint64_t size;

	/* A range up to the very end of the address space makes the sum 0 and is the last. */
	while (vmc_dump_next_range(dump, from, &start, &size) && size) {
		totals.ranges++;
		totals.bytes += size;
		if (start + size <= from)
			break;
		from = start + size;
	}
	return totals;
}

static void print_time(const struct vmc_target *target)
{
	int64_t seconds = vmc_target_crash_time(target);
	char text[REPORT_TIME_LENGTH];

	if (seconds == 0)
		report_field(stdout, "crash time", "unknown");
	else if (*report_time(text, seconds, false))
		report_field(stdout, "crash time", "%s", text);
	else
		report_field(stdout, "crash time", "%" PRId64 " s since 1970", seconds);
}

/* Nothing that a filter needs, but an audit tells more with it. */
static void print_type_information(const struct vmc_target *target)
{
	const char *missing = vmc_target_type_information(target);

	report_field(stdout, "symbols, types", "%s", missing && *missing ? missing : "read");
	if (missing && *missing)
		report_field(stdout, "",
			     "an audit knows less without: per-CPU free lists, names "
			     "of zones, flags of pages");
}

static void print_kernel(const struct vmc_target *target)
{
	const char *release = vmc_target_release(target);
	size_t vmcoreinfo_size;

	vmc_target_vmcoreinfo(target, &vmcoreinfo_size);
	report_field(stdout, "architecture", "%s", vmc_target_arch(target));
	report_field(stdout, "kernel release", "%s", *release ? release : "unknown");
	report_field(stdout, "page size", "%" PRIu32 " bytes", vmc_target_page_size(target));
	report_field(stdout, "CPUs", "%" PRIu32, vmc_target_cpus(target));
	print_time(target);
	report_field(stdout, "VMCOREINFO", "%s, %zu bytes", vmc_target_vmcoreinfo_origin(target),
		     vmcoreinfo_size);
	print_type_information(target);
}

static void print_pages(const struct info *info)
{
	struct memory_totals memory = count_memory(info->dump);
	char size[REPORT_SIZE_LENGTH];

	report_field(stdout, "memory", "%" PRIu64 " ranges", memory.runs);
	report_field(stdout, "with content", "%" PRIu64 " pages, %s", memory.with_content,
		     report_size(size, memory.with_content * vmc_target_page_size(info->target)));
	report_field(stdout, "without content", "%" PRIu64 " pages", memory.without_content);
}

/* Without a kernel there is no page size. */
static void print_bytes(const struct vmc_dump *dump)
{
	struct content_totals content = count_content(dump);
	char size[REPORT_SIZE_LENGTH];

	report_field(stdout, "memory", "%" PRIu64 " ranges with content, %s", content.ranges,
		     report_size(size, content.bytes));
}

/* What cannot be counted is none. */
static uint64_t count_compact(const struct vmc_dump *dump)
{
	uint64_t count = 0;

	vmc_error_free(vmc_dump_compact_pages(dump, &count));
	return count;
}

static void print_history(const struct vmc_dump *dump)
{
	struct vmc_dump_history history;

	vmc_dump_history(dump, &history);
	if (history.filtered && history.dump_level)
		report_field(stdout, "filtered", "yes, level %" PRIu32, history.dump_level);
	else
		report_field(stdout, "filtered", "%s", history.filtered ? "yes" : "no");
	if (history.map_only)
		report_field(stdout, "map only", "yes, nothing but what an audit reads");
	if (history.compact_map)
		report_field(stdout, "compact map", "yes, %" PRIu64 " of its pages",
			     count_compact(dump));
	if (history.partial_map)
		report_field(stdout, "partial map", "yes, pages of it were left out");
	if (history.split)
		report_field(stdout, "split",
			     "yes, this part has the pages 0x%" PRIx64 " to 0x%" PRIx64,
			     history.split_start, history.split_end);
	if (history.incomplete)
		report_field(stdout, "incomplete", "yes, the writer did not finish");
}

static void print_runs(const struct vmc_dump *dump)
{
	struct vmc_memory_run run = {0};

	printf("\n%-18s  %12s  content\n", "first pfn", "pages");
	while (next_run(dump, &run))
		printf("0x%-16" PRIx64 "  %12" PRIu64 "  %s\n", run.start, run.count,
		       run.kind == VMC_MEMORY_DATA ? "yes" : "no");
}

static void fact_cell(struct report_table *table, const struct vmc_fact *fact)
{
	if (fact->source == VMC_FACT_UNKNOWN)
		report_cell(table, "-");
	else if (fact->is_address)
		report_cell(table, "0x%" PRIx64, fact->value);
	else if (fact->is_signed)
		report_cell(table, "%" PRId64, (int64_t)fact->value);
	else
		report_cell(table, "%" PRIu64, fact->value);
}

static bool print_facts(const struct vmc_target *target)
{
	static const struct report_column columns[] = {
		{"fact", false},
		{"value", true},
		{"source", false},
	};
	struct report_table table;
	struct vmc_fact fact;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; vmc_target_fact(target, i, &fact); i++) {
		const char *source = vmc_fact_source_name(fact.source);

		report_cell(&table, "%s", fact.name);
		fact_cell(&table, &fact);
		if (fact.reason)
			report_cell(&table, "%s: %s", source, fact.reason);
		else
			report_cell(&table, "%s", source);
	}
	putchar('\n');

	bool printed = report_table_print(&table, stdout);

	report_table_deinit(&table);
	return printed;
}

static void print_format(const struct vmc_dump *dump)
{
	struct vmc_dump_history history;

	vmc_dump_history(dump, &history);
	report_field(stdout, "format", "%s%s", vmc_dump_format(dump),
		     history.flattened ? ", flattened" : "");
}

bool info_report_text(const struct info *info)
{
	uint64_t file_size = vmc_dump_file_size(info->dump);
	char size[REPORT_SIZE_LENGTH];

	report_field(stdout, "file", "%s", vmc_dump_path(info->dump));
	if (vmc_dump_file_count(info->dump) > 1)
		report_field(stdout, "", "and %zu more, which are one dump with it",
			     vmc_dump_file_count(info->dump) - 1);
	print_format(info->dump);
	if (file_size)
		report_field(stdout, "file size", "%" PRIu64 " bytes, %s", file_size,
			     report_size(size, file_size));
	report_field(stdout, "machine", "%s", vmc_dump_machine(info->dump));
	print_history(info->dump);
	if (info->target) {
		print_kernel(info->target);
		print_pages(info);
	} else {
		print_bytes(info->dump);
	}
	if (info->runs)
		print_runs(info->dump);
	return !info->facts || !info->target || print_facts(info->target);
}

static json_t *json_time(int64_t seconds)
{
	char text[REPORT_TIME_LENGTH];

	report_time(text, seconds, true);
	return json_text(seconds && *text ? text : NULL);
}

static json_t *json_kernel(const struct info *info)
{
	const struct vmc_target *target = info->target;
	const char *release;
	size_t size;

	if (!target)
		return json_null();
	release = vmc_target_release(target);

	const char *text = vmc_target_vmcoreinfo(target, &size);

	json_t *whole = info->vmcoreinfo ? json_text_sized(text, size) : json_null();

	json_t *object = json_object();

	object = json_with(object, "architecture", json_text(vmc_target_arch(target)));
	object = json_with(object, "release", json_text(*release ? release : NULL));
	object = json_with(object, "page_size", json_count(vmc_target_page_size(target)));
	object = json_with(object, "cpus", json_count(vmc_target_cpus(target)));
	object = json_with(object, "crash_time", json_integer(vmc_target_crash_time(target)));
	object = json_with(object, "crash_time_utc", json_time(vmc_target_crash_time(target)));
	object = json_with(object, "vmcoreinfo_origin",
			   json_text(vmc_target_vmcoreinfo_origin(target)));
	object = json_with(object, "vmcoreinfo_size", json_count(size));
	object = json_with(object, "type_information",
			   json_text(vmc_target_type_information(target)));
	object = json_with(object, "vmcoreinfo", whole);
	return object;
}

static json_t *json_split(const struct vmc_dump_history *history)
{
	json_t *object;

	if (!history->split)
		return json_null();
	object = json_with(json_object(), "start_pfn", json_count(history->split_start));
	return json_with(object, "end_pfn", json_count(history->split_end));
}

static json_t *json_history(const struct vmc_dump *dump)
{
	struct vmc_dump_history history;

	vmc_dump_history(dump, &history);
	json_t *object = json_object();

	object = json_with(object, "filtered", json_boolean(history.filtered));
	object = json_with(object, "dump_level", json_count(history.dump_level));
	object = json_with(object, "map_only", json_boolean(history.map_only));
	object = json_with(object, "compact_map", json_boolean(history.compact_map));
	object = json_with(object, "compact_pages", json_count(count_compact(dump)));
	object = json_with(object, "partial_map", json_boolean(history.partial_map));
	object = json_with(object, "incomplete", json_boolean(history.incomplete));
	object = json_with(object, "flattened", json_boolean(history.flattened));
	object = json_with(object, "split", json_split(&history));
	return object;
}

static json_t *json_memory(const struct info *info)
{
	struct content_totals content = count_content(info->dump);
	json_t *object = json_object();

	object = json_with(object, "ranges_with_content", json_count(content.ranges));
	object = json_with(object, "bytes_with_content", json_count(content.bytes));
	if (!info->target)
		return object;

	struct memory_totals totals = count_memory(info->dump);

	object = json_with(object, "end_pfn", json_count(vmc_dump_end_pfn(info->dump)));
	object = json_with(object, "runs", json_count(totals.runs));
	object = json_with(object, "pages_with_content", json_count(totals.with_content));
	return json_with(object, "pages_without_content", json_count(totals.without_content));
}

static void json_runs(struct json_document *document, const struct vmc_dump *dump)
{
	struct vmc_memory_run run = {0};

	json_document_array_begin(document, "runs");
	while (next_run(dump, &run)) {
		json_t *row = json_object();

		row = json_with(row, "pfn", json_count(run.start));
		row = json_with(row, "pages", json_count(run.count));
		row = json_with(row, "content", json_boolean(run.kind == VMC_MEMORY_DATA));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

static json_t *json_fact_value(const struct vmc_fact *fact)
{
	if (fact->source == VMC_FACT_UNKNOWN)
		return json_null();
	if (fact->is_address)
		return json_address(fact->value);
	return fact->is_signed ? json_integer((int64_t)fact->value) : json_count(fact->value);
}

static void json_facts(struct json_document *document, const struct vmc_target *target)
{
	struct vmc_fact fact;

	json_document_array_begin(document, "facts");
	for (size_t i = 0; target && vmc_target_fact(target, i, &fact); i++) {
		json_t *row = json_object();

		row = json_with(row, "name", json_text(fact.name));
		row = json_with(row, "value", json_fact_value(&fact));
		row = json_with(row, "source", json_text(vmc_fact_source_name(fact.source)));
		row = json_with(row, "reason", json_text(fact.reason));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

bool info_report_json(const struct info *info)
{
	struct json_document document;

	json_document_begin(&document, stdout, "vmcull.info/1");
	json_document_member(&document, "path", json_text(vmc_dump_path(info->dump)));
	json_document_member(&document, "format", json_text(vmc_dump_format(info->dump)));
	json_document_member(&document, "files", json_count(vmc_dump_file_count(info->dump)));
	json_document_member(&document, "file_size", json_count(vmc_dump_file_size(info->dump)));
	json_document_member(&document, "machine", json_text(vmc_dump_machine(info->dump)));
	json_document_member(&document, "history", json_history(info->dump));
	json_document_member(&document, "kernel", json_kernel(info));
	json_document_member(&document, "memory", json_memory(info));
	if (info->runs)
		json_runs(&document, info->dump);
	if (info->facts)
		json_facts(&document, info->target);
	json_document_member(&document, "error", json_text(info->error));
	return json_document_end(&document);
}
