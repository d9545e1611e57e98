/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erase_report.h"

#include <inttypes.h>

#include "report.h"

bool erase_is_whole(const struct vmc_erase *erase)
{
	struct vmc_erase_rule rule;

	for (size_t i = 0; erase && vmc_erase_rule(erase, i, &rule); i++) {
		if (rule.problem || !rule.objects)
			return false;
	}
	return true;
}

void erase_report_text(FILE *stream, const struct vmc_erase *erase)
{
	struct vmc_erase_rule rule;

	if (!erase)
		return;
	report_field(stream, "erased", "%" PRIu64 " bytes", vmc_erase_bytes(erase));
	for (size_t i = 0; vmc_erase_rule(erase, i, &rule); i++) {
		report_field(stream, "", "%" PRIu64 " bytes in %" PRIu64 " places: line %u, %s%s",
			     rule.bytes, rule.objects, rule.line, rule.text,
			     rule.problem || !rule.objects ? " (see the warning)" : "");
	}
}

void erase_report_json(struct json_document *document, const struct vmc_erase *erase)
{
	struct vmc_erase_rule rule;

	json_document_array_begin(document, "erased");
	for (size_t i = 0; erase && vmc_erase_rule(erase, i, &rule); i++) {
		json_t *row = json_object();

		row = json_with(row, "line", json_count(rule.line));
		row = json_with(row, "module", json_text(rule.module));
		row = json_with(row, "rule", json_text(rule.text));
		row = json_with(row, "objects", json_count(rule.objects));
		row = json_with(row, "bytes", json_count(rule.bytes));
		row = json_with(row, "problem", json_text(rule.problem));
		json_document_element(document, row);
	}
	json_document_array_end(document);
}
