/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "audit_report.h"
#include "json.h"

/* A number that the kernel does not tell is null. */
static json_t *known_count(uint64_t value)
{
	return value == UINT64_MAX ? json_null() : json_count(value);
}

static json_t *json_orders(const uint64_t orders[VMC_ORDERS])
{
	json_t *object = json_object();
	char name[8];

	for (unsigned int order = 0; order < VMC_ORDERS; order++) {
		if (!orders[order])
			continue;
		snprintf(name, sizeof(name), "%u", order);
		object = json_with(object, name, json_count(orders[order]));
	}
	return object;
}

static json_t *json_states(const struct vmc_audit_counts *counts, uint64_t page_size)
{
	json_t *array = json_array();

	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		json_t *row = json_object();

		if (state == VMC_PAGE_OFFLINE_SECTION) {
			json_decref(row);
			continue;
		}
		row = json_with(row, "state", json_text(vmc_audit_state_name(state)));
		row = json_with(row, "pages", json_count(counts->pages[state]));
		row = json_with(row, "bytes", json_count(counts->pages[state] * page_size));
		row = json_with(row, "content_pages", json_count(counts->content[state]));
		row = json_with(row, "orders", json_orders(counts->orders[state]));
		if (json_array_append_new(array, row) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *json_attributes(const struct vmc_audit *audit, const struct vmc_audit_counts *counts)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++) {
		bool known = vmc_audit_attribute_known(audit, i);

		object = json_with(object, vmc_attribute_name(i),
				   known ? json_count(counts->attributes[i]) : json_null());
	}
	return object;
}

static json_t *json_free_blocks(const struct audit_result *result,
				const struct vmc_audit_zone *zone, unsigned int order)
{
	json_t *types = json_object();
	json_t *row = json_object();

	for (unsigned int type = 0; type < VMC_MIGRATE_TYPES; type++) {
		if (zone->migrate_types[type][order])
			types = json_with(types, vmc_audit_migrate_type_name(result->audit, type),
					  json_count(zone->migrate_types[type][order]));
	}
	row = json_with(row, "order", json_integer(order));
	row = json_with(row, "counted", known_count(zone->blocks_counted[order]));
	row = json_with(row, "found", json_count(zone->blocks_found[order]));
	row = json_with(row, "listed",
			result->fast ? json_null() : json_count(zone->blocks_listed[order]));
	return json_with(row, "migrate_types", types);
}

static json_t *json_zone(const struct audit_result *result, const struct vmc_audit_zone *zone)
{
	uint64_t page_size = vmc_target_page_size(result->target);
	json_t *blocks = json_array();
	json_t *row = json_object();

	for (unsigned int order = 0; order < VMC_ORDERS && blocks; order++) {
		if ((zone->blocks_counted[order] == UINT64_MAX && !zone->blocks_found[order]) ||
		    json_array_append_new(blocks, json_free_blocks(result, zone, order)) == 0)
			continue;
		json_decref(blocks);
		blocks = NULL;
	}
	row = json_with(row, "node", json_integer(zone->node));
	row = json_with(row, "zone", json_text(zone->name));
	row = json_with(row, "index", json_integer(zone->index));
	row = json_with(row, "start_pfn", known_count(zone->start_pfn));
	row = json_with(row, "spanned_pages", json_count(zone->spanned));
	row = json_with(row, "present_pages", known_count(zone->present));
	row = json_with(row, "managed_pages", known_count(zone->managed));
	row = json_with(row, "free_counted", known_count(zone->free_counted));
	row = json_with(row, "free_absent", json_count(zone->free_absent));
	row = json_with(row, "unaccepted_counted", known_count(zone->unaccepted_counted));
	row = json_with(row, "states", json_states(&zone->counts, page_size));
	row = json_with(row, "attributes", json_attributes(result->audit, &zone->counts));
	return json_with(row, "free_blocks", blocks);
}

static void json_levels(struct json_document *document, const struct audit_result *result)
{
	uint64_t page_size = vmc_target_page_size(result->target);

	json_document_array_begin(document, "levels");
	for (int level = 0; level < 32; level++) {
		uint64_t pages = vmc_audit_level_pages(result->audit, level);
		uint64_t zeros = vmc_audit_level_zero_pages(result->audit, level);
		json_t *row = json_object();

		row = json_with(row, "level", json_integer(level));
		row = json_with(row, "pages", json_count(pages));
		row = json_with(row, "bytes", json_count(pages * page_size));
		row = json_with(row, "zero_pages", result->zero ? json_count(zeros) : json_null());
		json_document_element(document, row);
	}
	json_document_array_end(document);
}

static json_t *json_unaccepted(const struct vmc_unaccepted *told)
{
	static const char *const names[VMC_UNACCEPTED_SOURCES] = {
		[VMC_UNACCEPTED_TYPE] = "type",
		[VMC_UNACCEPTED_LIST] = "list",
		[VMC_UNACCEPTED_BITMAP] = "bitmap",
	};
	json_t *object = json_object();

	for (size_t i = 0; i < VMC_UNACCEPTED_SOURCES; i++) {
		json_t *source = json_object();
		uint64_t pages = told->sources[i].pages;

		source = json_with(source, "usable", json_boolean(told->sources[i].usable));
		source = json_with(source, "pages",
				   told->sources[i].usable ? json_count(pages) : json_null());
		source = json_with(source, "how", json_text(told->sources[i].describe));
		object = json_with(object, names[i], source);
	}
	object = json_with(object, "table", told->table ? json_address(told->table) : json_null());
	object = json_with(object, "unit_bytes", told->unit ? json_count(told->unit) : json_null());
	return json_with(object, "accepted_pages", json_count(told->listed_accepted));
}

static json_t *json_finding(const struct vmc_finding *finding)
{
	json_t *ranges = json_array();
	json_t *row = json_object();

	for (size_t i = 0; i < finding->range_count && ranges; i++) {
		json_t *range = json_object();

		range = json_with(range, "pfn", json_count(finding->ranges[i].start));
		range = json_with(range, "count", json_count(finding->ranges[i].count));
		if (json_array_append_new(ranges, range) < 0) {
			json_decref(ranges);
			ranges = NULL;
		}
	}
	row = json_with(row, "name", json_text(finding->name));
	row = json_with(row, "severity", json_text(vmc_severity_name(finding->severity)));
	row = json_with(row, "message", json_text(finding->message));
	row = json_with(row, "meaning", json_text(finding->meaning));
	row = json_with(row, "pages", json_count(finding->pages));
	row = json_with(row, "ranges", ranges);
	return json_with(row, "more_ranges", json_boolean(finding->more_ranges));
}

static json_t *json_dump(const struct audit_result *result)
{
	const char *release = vmc_target_release(result->target);
	json_t *object = json_object();

	object = json_with(object, "path", json_text(result->input));
	object = json_with(object, "format", json_text(vmc_dump_format(result->dump)));
	object = json_with(object, "kernel_release", json_text(release));
	object = json_with(object, "architecture", json_text(vmc_target_arch(result->target)));
	object = json_with(object, "page_size", json_count(vmc_target_page_size(result->target)));
	object = json_with(object, "running", json_boolean(vmc_target_is_live(result->target)));
	return json_with(object, "end_pfn", json_count(vmc_dump_end_pfn(result->dump)));
}

static void json_findings(struct json_document *document, const struct audit_result *result)
{
	const struct vmc_finding *finding;
	const char *text;

	json_document_array_begin(document, "findings");
	for (size_t i = 0; (finding = vmc_audit_finding(result->audit, i)); i++)
		json_document_element(document, json_finding(finding));
	json_document_array_end(document);
	json_document_array_begin(document, "left_out");
	for (size_t i = 0; (text = vmc_audit_left_out(result->audit, i)); i++)
		json_document_element(document, json_text(text));
	json_document_array_end(document);
}

bool audit_report_json(const struct audit_result *result)
{
	const struct vmc_audit_counts *counts = vmc_audit_counts(result->audit);
	uint64_t page_size = vmc_target_page_size(result->target);
	const struct vmc_audit_zone *zone;
	struct json_document document;

	json_document_begin(&document, stdout, "vmcull.audit/1");
	json_document_member(&document, "dump", json_dump(result));
	json_document_member(&document, "fast", json_boolean(result->fast));
	json_document_member(&document, "states", json_states(counts, page_size));
	json_document_member(&document, "attributes", json_attributes(result->audit, counts));
	json_document_array_begin(&document, "zones");
	for (size_t i = 0; (zone = vmc_audit_zone(result->audit, i)); i++)
		json_document_element(&document, json_zone(result, zone));
	json_document_array_end(&document);
	json_levels(&document, result);
	json_document_member(&document, "unaccepted",
			     json_unaccepted(vmc_audit_unaccepted(result->audit)));
	json_findings(&document, result);
	json_document_member(&document, "warnings",
			     result->warnings ? json_incref(result->warnings) : json_array());
	json_document_member(&document, "seconds", json_real(result->seconds));
	return json_document_end(&document);
}
