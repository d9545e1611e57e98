/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "report.h"
#include "resources.h"

static const char *format_name(enum vmc_output_format format)
{
	return format == VMC_OUTPUT_ELF ? "elf" : "kdump";
}

static uint64_t input_pages(const struct convert_result *result)
{
	return result->counts->pages[VMC_PAGE_UNKNOWN];
}

bool convert_report_text(const struct convert_result *result)
{
	const struct vmc_write_summary *written = result->written;
	char size[REPORT_SIZE_LENGTH];

	report_field(stdout, "input", "%s: %" PRIu64 " pages, %s, %s", result->inputs.paths[0],
		     input_pages(result), vmc_dump_format(result->dump),
		     report_size(size, vmc_dump_file_size(result->dump)));
	if (result->inputs.count > 1)
		report_field(stdout, "parts", "%zu", result->inputs.count);
	report_field(stdout, "output", "%s: %" PRIu64 " pages, %s%s, %s", result->output,
		     written->pages_written, format_name(result->format),
		     result->flattened ? ", flattened" : "", report_size(size, written->bytes_out));
	if (written->incomplete)
		report_field(stdout, "incomplete", "%s has what was saved", written->path);
	if (result->parts)
		report_field(stdout, "split", "%zu parts, %s.1 and so on", result->parts,
			     result->output);
	if (result->format == VMC_OUTPUT_KDUMP) {
		report_field(stdout, "taken over", "%" PRIu64 " pages, as they were stored",
			     written->passed_pages);
		report_field(stdout, "zero pages", "%" PRIu64 ", stored once", written->zero_pages);
	}
	if (written->shared_pages)
		report_field(stdout, "shared", "%" PRIu64 " pages equal to others, which saves %s",
			     written->shared_pages, report_size(size, written->shared_bytes));
	if (written->compact_pages)
		report_field(stdout, "compact map", "%" PRIu64 " of its pages share a few blocks",
			     written->compact_pages);
	if (written->unreadable_pages)
		report_field(stdout, "unreadable", "%" PRIu64 " pages, missing in the output",
			     written->unreadable_pages);
	if (result->verbose)
		resources_report(stdout, written);
	report_field(stdout, "time", "%.1f s, %.0f MB/s", result->seconds,
		     result->seconds > 0 ? (double)written->bytes_in / result->seconds / 1e6 : 0);
	return true;
}

static json_t *json_paths(const struct convert_result *result)
{
	json_t *paths = json_array();

	for (size_t i = 0; paths && i < result->inputs.count; i++) {
		if (json_array_append_new(paths, json_text(result->inputs.paths[i]))) {
			json_decref(paths);
			return NULL;
		}
	}
	return paths;
}

static json_t *json_input(const struct convert_result *result)
{
	struct vmc_dump_history history;
	json_t *object = json_object();

	vmc_dump_history(result->dump, &history);
	object = json_with(object, "paths", json_paths(result));
	object = json_with(object, "format", json_text(vmc_dump_format(result->dump)));
	object = json_with(object, "bytes", json_count(vmc_dump_file_size(result->dump)));
	object = json_with(object, "pages", json_count(input_pages(result)));
	object = json_with(object, "pages_without_content", json_count(result->counts->nodata));
	object = json_with(object, "dump_level", json_integer(history.dump_level));
	object = json_with(object, "complete", json_boolean(!history.incomplete));
	return object;
}

static json_t *json_output(const struct convert_result *result)
{
	const struct vmc_write_summary *written = result->written;
	bool anew = result->stored == VMC_STORED_ENCODE;
	json_t *object = json_object();

	object = json_with(object, "path",
			   json_text(written->incomplete ? written->path : result->output));
	object = json_with(object, "complete", json_boolean(!written->incomplete));
	object = json_with(object, "format", json_text(format_name(result->format)));
	object = json_with(object, "flattened", json_boolean(result->flattened));
	object = json_with(object, "parts", json_count(result->parts));
	object = json_with(object, "codec",
			   json_text(anew ? vmc_codec_name(result->codec.codec) : NULL));
	object = json_with(object, "pages", json_count(written->pages_written));
	object = json_with(object, "passed_pages", json_count(written->passed_pages));
	object = json_with(object, "zero_pages", json_count(written->zero_pages));
	object = json_with(object, "raw_pages", json_count(written->raw_pages));
	object = json_with(object, "shared_pages", json_count(written->shared_pages));
	object = json_with(object, "shared_bytes", json_count(written->shared_bytes));
	object = json_with(object, "compact_pages", json_count(written->compact_pages));
	object = json_with(object, "unreadable_pages", json_count(written->unreadable_pages));
	object = json_with(object, "bytes", json_count(written->bytes_out));
	return resources_json(object, written);
}

bool convert_report_json(const struct convert_result *result)
{
	struct json_document document;

	json_document_begin(&document, stdout, "vmcull.convert/1");
	json_document_member(&document, "input", json_input(result));
	json_document_member(&document, "output", json_output(result));
	json_document_member(&document, "seconds", json_real(result->seconds));
	json_document_member(&document, "warnings",
			     result->warnings ? json_incref(result->warnings) : json_array());
	return json_document_end(&document);
}
