/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "report.h"

static json_t *json_finding(const struct vmc_verify_finding *finding)
{
	json_t *row = json_object();

	row = json_with(row, "kind", json_text(vmc_verify_kind_name(finding->kind)));
	row = json_with(row, "pfn", finding->has_pfn ? json_count(finding->pfn) : json_null());
	row = json_with(row, "offset",
			finding->has_offset ? json_count(finding->offset) : json_null());
	return json_with(row, "text", json_text(finding->text));
}

void verify_list_add(void *arg, const struct vmc_verify_finding *finding)
{
	struct verify_list *list = arg;

	if (list->limit && list->told >= list->limit)
		return;
	list->told++;
	if (!list->json)
		report_field(stdout, vmc_verify_kind_name(finding->kind), "%s", finding->text);
	else if (json_array_append_new(list->json, json_finding(finding)))
		list->failed = true;
}

static void print_checked(const struct verify_result *result)
{
	const struct vmc_verify_summary *summary = result->summary;

	report_field(stdout, "pages", "%" PRIu64 " read, %" PRIu64 " of them with a checksum",
		     summary->pages, summary->checked_pages);
	if (summary->checked_headers)
		report_field(stdout, "headers", "bitmaps and descriptors, too, have checksums");
	if (summary->absent_pages)
		report_field(stdout, "incomplete", "%" PRIu64 " pages were never written",
			     summary->absent_pages);
	if (summary->overlapping)
		report_field(stdout, "overlapping", "%" PRIu64 " pages lie in several segments",
			     summary->overlapping);
	if (result->against) {
		report_field(stdout, "equal", "%" PRIu64 " pages, to those of %s",
			     summary->equal_pages, result->against);
		report_field(stdout, "missing", "%" PRIu64 " pages of %s", summary->missing_pages,
			     result->against);
	}
}

void verify_report_text(const struct verify_result *result)
{
	uint64_t total = vmc_verify_total(result->summary);

	if (total > result->list->told)
		report_field(stdout, "and", "%" PRIu64 " more", total - result->list->told);
	if (result->dump)
		print_checked(result);
	if (result->error)
		report_field(stdout, "result", "%s: damaged: %s", result->path, result->error);
	else if (total)
		report_field(stdout, "result", "%s: %" PRIu64 " finding%s", result->path, total,
			     total == 1 ? "" : "s");
	else
		report_field(stdout, "result", "%s: good", result->path);
}

static json_t *json_totals(const struct vmc_verify_summary *summary)
{
	json_t *object = json_object();

	for (int kind = 0; kind < VMC_VERIFY_KIND_COUNT; kind++)
		object = json_with(object, vmc_verify_kind_name((enum vmc_verify_kind)kind),
				   json_count(summary->findings[kind]));
	return object;
}

json_t *verify_report_json(const struct verify_result *result)
{
	const struct vmc_verify_summary *summary = result->summary;
	bool good = !result->error && !vmc_verify_total(summary);
	json_t *object = json_object();

	object = json_with(object, "path", json_text(result->path));
	object = json_with(object, "format",
			   json_text(result->dump ? vmc_dump_format(result->dump) : NULL));
	object = json_with(object, "good", json_boolean(good));
	object = json_with(object, "error", json_text(result->error));
	object = json_with(object, "pages", json_count(summary->pages));
	object = json_with(object, "checked_pages", json_count(summary->checked_pages));
	object = json_with(object, "checked_headers", json_boolean(summary->checked_headers));
	object = json_with(object, "absent_pages", json_count(summary->absent_pages));
	object = json_with(object, "overlapping_pages", json_count(summary->overlapping));
	object = json_with(object, "against", json_text(result->against));
	object = json_with(object, "equal_pages", json_count(summary->equal_pages));
	object = json_with(object, "missing_pages", json_count(summary->missing_pages));
	object = json_with(object, "totals", json_totals(summary));
	return json_with(object, "findings", result->list->failed ? NULL : result->list->json);
}
