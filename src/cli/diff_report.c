/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff_report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "json.h"
#include "report.h"

/* Dumps of two boots have dozens of changes; beyond these lie a few percent of the pages. */
#define CHANGES_SHOWN 20

#define CHANGES_MAX (VMC_AUDIT_STATE_COUNT * VMC_AUDIT_STATE_COUNT)

/* Pages that went from one state to another. */
struct change {
	unsigned int from, to;
	uint64_t pages;
};

/* Largest first; those that stay what they are come last. */
static int compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if ((x->from == x->to) != (y->from == y->to))
		return x->from == x->to ? 1 : -1;
	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return x->from != y->from ? (int)x->from - (int)y->from : (int)x->to - (int)y->to;
}

static size_t list_changes(const struct vmc_diff_counts *counts, struct change *changes)
{
	size_t count = 0;

	for (unsigned int from = 0; from < VMC_AUDIT_STATE_COUNT; from++) {
		for (unsigned int to = 0; to < VMC_AUDIT_STATE_COUNT; to++) {
			uint64_t pages = counts->pages[from][to];

			/* What neither has is not worth a word. */
			if (pages && (from != VMC_AUDIT_ABSENT || to != VMC_AUDIT_ABSENT))
				changes[count++] = (struct change){from, to, pages};
		}
	}
	qsort(changes, count, sizeof(*changes), compare_changes);
	return count;
}

static uint64_t bytes_of(const struct diff_result *result, uint64_t pages)
{
	return pages * vmc_target_page_size(result->opened[0].target);
}

static void row(const struct diff_result *result, struct report_table *table, uint64_t pages)
{
	char size[REPORT_SIZE_LENGTH];

	report_cell(table, "%" PRIu64, pages);
	report_cell(table, "%s", report_size(size, bytes_of(result, pages)));
}

static bool table_end(struct report_table *table)
{
	bool good = report_table_print(table, stdout);

	report_table_deinit(table);
	return good;
}

static bool print_changes(const struct diff_result *result)
{
	static const struct report_column columns[] = {
		{"state", false}, {"pages", true}, {"size", true}};
	struct change changes[CHANGES_MAX];
	size_t count = list_changes(result->counts, changes), others = 0;
	uint64_t same = 0, other_pages = 0;
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < count; i++) {
		if (changes[i].from == changes[i].to) {
			same += changes[i].pages;
		} else if (i >= CHANGES_SHOWN && !result->verbose) {
			other_pages += changes[i].pages;
			others++;
		} else {
			report_cell(&table, "%s -> %s", vmc_audit_state_name(changes[i].from),
				    vmc_audit_state_name(changes[i].to));
			row(result, &table, changes[i].pages);
		}
	}
	if (others) {
		report_cell(&table, "%zu more (-v)", others);
		row(result, &table, other_pages);
	}
	report_cell(&table, "the same");
	row(result, &table, same);
	putchar('\n');
	return table_end(&table);
}

static void add_content(const struct diff_result *result, struct report_table *table,
			const char *what, const uint64_t *pages)
{
	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		if (!pages[state])
			continue;
		report_cell(table, "%s", what);
		report_cell(table, "%s", vmc_audit_state_name(state));
		row(result, table, pages[state]);
	}
}

static void add_total(const struct diff_result *result, struct report_table *table,
		      const char *what, const uint64_t *pages, const uint64_t *except)
{
	uint64_t total = 0;

	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
		total += pages[state] - (except ? except[state] : 0);
	report_cell(table, "%s", what);
	report_cell(table, "all");
	row(result, table, total);
}

static bool print_content(const struct diff_result *result)
{
	static const struct report_column columns[] = {
		{"content", false}, {"of", false}, {"pages", true}, {"size", true}};
	const struct vmc_diff_counts *counts = result->counts;
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	add_content(result, &table, "only in the first", counts->gone);
	add_content(result, &table, "only in the second", counts->appeared);
	add_content(result, &table, "not the same", counts->different);
	add_content(result, &table, "cannot be read", counts->unreadable);
	if (result->content)
		add_total(result, &table, "the same", counts->compared, counts->different);
	if (!table.count && !table.failed) {
		report_table_deinit(&table);
		return true;
	}
	putchar('\n');
	return table_end(&table);
}

bool diff_report_text(const struct diff_result *result)
{
	static const char *const titles[] = {"first", "second"};

	for (size_t i = 0; i < 2; i++)
		report_field(stdout, titles[i], "%s: %s, Linux %s, %s", result->inputs[i],
			     vmc_dump_format(result->opened[i].dump),
			     vmc_target_release(result->opened[i].target),
			     vmc_target_arch(result->opened[i].target));
	return print_changes(result) && print_content(result);
}

static json_t *json_dump(const struct diff_result *result, size_t which)
{
	const struct vmc_target *target = result->opened[which].target;
	json_t *object = json_object();

	object = json_with(object, "path", json_text(result->inputs[which]));
	object =
		json_with(object, "format", json_text(vmc_dump_format(result->opened[which].dump)));
	object = json_with(object, "kernel_release", json_text(vmc_target_release(target)));
	object = json_with(object, "architecture", json_text(vmc_target_arch(target)));
	return json_with(object, "end_pfn",
			 json_count(vmc_dump_end_pfn(result->opened[which].dump)));
}

static void json_changes(struct json_document *document, const struct diff_result *result)
{
	struct change changes[CHANGES_MAX];
	size_t count = list_changes(result->counts, changes);

	json_document_array_begin(document, "states");
	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();

		object =
			json_with(object, "from", json_text(vmc_audit_state_name(changes[i].from)));
		object = json_with(object, "to", json_text(vmc_audit_state_name(changes[i].to)));
		object = json_with(object, "pages", json_count(changes[i].pages));
		object = json_with(object, "bytes", json_count(bytes_of(result, changes[i].pages)));
		json_document_element(document, object);
	}
	json_document_array_end(document);
}

static void json_content(struct json_document *document, const struct diff_result *result)
{
	const struct vmc_diff_counts *counts = result->counts;

	json_document_array_begin(document, "content");
	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		const struct {
			const char *name;
			uint64_t pages;
			bool compared;
		} members[] = {
			{"only_first_pages", counts->gone[state], false},
			{"only_second_pages", counts->appeared[state], false},
			{"compared_pages", counts->compared[state], true},
			{"different_pages", counts->different[state], true},
			{"unreadable_pages", counts->unreadable[state], true},
		};
		json_t *object;

		if (state == VMC_PAGE_OFFLINE_SECTION || state == VMC_AUDIT_ABSENT)
			continue;
		object = json_with(json_object(), "state", json_text(vmc_audit_state_name(state)));
		for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
			object = json_with(object, members[i].name,
					   members[i].compared && !result->content
						   ? json_null()
						   : json_count(members[i].pages));
		json_document_element(document, object);
	}
	json_document_array_end(document);
}

bool diff_report_json(const struct diff_result *result)
{
	struct json_document document;

	json_document_begin(&document, stdout, "vmcull.diff/1");
	json_document_member(&document, "first", json_dump(result, 0));
	json_document_member(&document, "second", json_dump(result, 1));
	json_document_member(&document, "page_size",
			     json_count(vmc_target_page_size(result->opened[0].target)));
	json_document_member(&document, "equal_pages", json_count(result->counts->equal));
	json_document_member(&document, "different_pages", json_count(result->counts->differs));
	json_changes(&document, result);
	json_content(&document, result);
	json_document_member(&document, "warnings",
			     result->warnings ? json_incref(result->warnings) : json_array());
	json_document_member(&document, "seconds", json_real(result->seconds));
	return json_document_end(&document);
}

void diff_range_json(const struct vmc_diff_range *range, bool content)
{
	static const char *const names[] = {
		[VMC_DIFF_NOT_COMPARED] = "null",
		[VMC_DIFF_SAME] = "\"same\"",
		[VMC_DIFF_DIFFERENT] = "\"different\"",
		[VMC_DIFF_UNREADABLE] = "\"unreadable\"",
	};

	printf("{\"pfn\":%" PRIu64 ",\"count\":%" PRIu64 ",\"from\":\"%s\",\"to\":\"%s\","
	       "\"from_content\":%s,\"to_content\":%s",
	       range->start, range->count, vmc_audit_state_name(range->from),
	       vmc_audit_state_name(range->to), range->from_content ? "true" : "false",
	       range->to_content ? "true" : "false");
	if (content)
		printf(",\"content\":%s", names[range->content]);
	puts("}");
}
