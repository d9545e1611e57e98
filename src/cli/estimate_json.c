/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "estimate_report.h"
#include "json.h"

static json_t *json_dump(const struct estimate_result *result)
{
	const char *release = vmc_target_release(result->target);
	json_t *object = json_object();

	object = json_with(object, "path", json_text(result->args->input));
	object = json_with(object, "format", json_text(vmc_dump_format(result->dump)));
	object = json_with(object, "kernel_release", json_text(release));
	object = json_with(object, "architecture", json_text(vmc_target_arch(result->target)));
	return json_with(object, "page_size", json_count(vmc_target_page_size(result->target)));
}

static void json_states(struct json_document *document, const struct estimate_result *result)
{
	json_document_array_begin(document, "states");
	for (unsigned int i = 0; i < VMC_PAGE_STATE_COUNT; i++) {
		struct vmc_estimate_state state;
		json_t *row = json_object();

		vmc_estimate_state(result->estimate, (enum vmc_page_state)i, &state);
		row = json_with(row, "state",
				json_text(vmc_page_state_name((enum vmc_page_state)i)));
		row = json_with(row, "pages", json_count(state.pages));
		row = json_with(row, "sampled_pages", json_count(state.sampled));
		row = json_with(row, "zero_pages", json_count(state.zero));
		row = json_with(row, "unreadable_pages", json_count(state.unreadable));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

static json_t *json_figure(const struct estimate_result *result, int level, size_t codec)
{
	static const char *const fits[] = {
		[ESTIMATE_FITS] = "yes",
		[ESTIMATE_MAY_FIT] = "maybe",
		[ESTIMATE_DOES_NOT_FIT] = "no",
	};
	const struct vmc_codec_spec *spec = &result->args->codecs[codec];
	struct vmc_estimate_figure figure;
	json_t *row = json_object();

	vmc_estimate_figure(result->estimate, level, codec, &figure);
	row = json_with(row, "level", json_integer(level));
	row = json_with(row, "codec", json_text(vmc_codec_name(spec->codec)));
	row = json_with(row, "codec_level", json_integer(spec->level));
	row = json_with(row, "pages", json_count(figure.pages));
	row = json_with(row, "bytes", json_count(figure.bytes));
	row = json_with(row, "error_bytes", json_count(figure.error));
	row = json_with(row, "compact_map_saves_bytes", json_count(figure.compact_bytes));
	row = json_with(row, "seconds", json_real(figure.seconds));
	return json_with(row, "fits", json_text(fits[estimate_fit(&figure, result->available)]));
}

bool estimate_report_json(const struct estimate_result *result)
{
	struct json_document document;
	json_t *target = json_object();

	target = json_with(target, "path", json_text(result->args->target));
	target = json_with(target, "available_bytes", json_count(result->available));
	json_document_begin(&document, stdout, "vmcull.estimate/1");
	json_document_member(&document, "dump", json_dump(result));
	json_document_member(&document, "target", target);
	json_states(&document, result);
	json_document_array_begin(&document, "estimates");
	for (int level = 0; level < VMC_ESTIMATE_LEVELS; level++) {
		for (size_t i = 0; i < result->args->codec_count; i++) {
			if (result->args->levels >> level & 1)
				json_document_element(&document, json_figure(result, level, i));
		}
	}
	json_document_array_end(&document);
	json_document_member(&document, "warnings",
			     result->warnings ? json_incref(result->warnings) : json_array());
	json_document_member(&document, "seconds", json_real(result->seconds));
	return json_document_end(&document);
}
