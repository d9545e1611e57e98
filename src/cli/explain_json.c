/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull.explain/1, which vmcull(5) describes. */
#include "explain_report.h"
#include "json.h"

static json_t *array_with(json_t *array, json_t *element)
{
	if (array && json_array_append_new(array, element) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *json_location(const struct vmc_location *location)
{
	bool is_virtual = location->kind == VMC_LOCATION_VIRTUAL;
	json_t *object = json_object();

	object = json_with(object, "kind", json_text(vmc_location_kind_name(location->kind)));
	object = json_with(object, "guessed", json_boolean(location->guessed));
	object = json_with(object, "offset", json_count(location->offset));
	object = json_with(object, "mapped_first",
			   is_virtual ? json_address(location->first) : json_null());
	object = json_with(object, "mapped_last",
			   is_virtual ? json_address(location->last) : json_null());
	object = json_with(object, "mapped_to",
			   is_virtual ? json_address(location->physical) : json_null());
	return json_with(object, "describes",
			 location->describes ? json_count(location->described) : json_null());
}

static json_t *json_attributes(uint32_t attributes)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++) {
		if (attributes & VMC_ATTRIBUTE_BIT(i))
			array = array_with(array, json_text(vmc_attribute_name(i)));
	}
	return array;
}

static json_t *json_rule(const struct vmc_page_rule *rule)
{
	json_t *object = rule ? json_object() : json_null();

	if (!rule)
		return object;
	object = json_with(object, "rule", json_text(rule->name));
	object = json_with(object, "description", json_text(rule->description));
	return json_with(object, "since", json_text(rule->since));
}

static json_t *json_levels(const struct explained *explained)
{
	const struct vmc_explanation *page = explained->page;
	json_t *array;

	if (!page->present || explained->problem)
		return json_null();
	array = json_array();
	for (int level = 0; level < 32; level++) {
		if (page->levels >> level & 1)
			array = array_with(array, json_integer(level));
	}
	return array;
}

static json_t *json_block(const struct vmc_explanation *page)
{
	json_t *object;

	if (!page->present)
		return json_null();
	object = json_object();
	object = json_with(object, "pfn", json_count(page->block_start));
	object = json_with(object, "pages", json_count(page->block_count));
	object = json_with(object, "order", json_count(page->block_order));
	object = json_with(object, "state", json_text(vmc_audit_state_name(page->block_state)));
	return json_with(object, "what", json_text(page->block_why));
}

static json_t *json_flags(const struct vmc_explanation *page)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < page->flag_count; i++) {
		const struct vmc_page_flag *flag = &page->flags[i];
		json_t *row = json_object();

		row = json_with(row, "bit", json_count(flag->bit));
		row = json_with(row, "name", json_text(flag->name));
		row = json_with(row, "alias", json_text(flag->alias));
		row = json_with(row, "meaning", json_text(flag->meaning));
		array = array_with(array, row);
	}
	return array;
}

static json_t *json_fields(const struct vmc_explanation *page)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < page->field_count; i++) {
		const struct vmc_page_field *field = &page->fields[i];
		json_t *row = json_object();

		row = json_with(row, "name", json_text(field->name));
		row = json_with(row, "offset", json_count(field->offset));
		row = json_with(row, "width", json_count(field->width));
		row = json_with(row, "value", json_address(field->value));
		row = json_with(row, "meaning", json_text(field->meaning));
		array = array_with(array, row);
	}
	return array;
}

static json_t *json_compound(const struct vmc_explanation *page)
{
	bool is_tail = page->compound == VMC_COMPOUND_TAIL;
	json_t *object;

	if (page->compound == VMC_COMPOUND_NONE)
		return json_null();
	object = json_object();
	object = json_with(object, "part", json_text(vmc_compound_name(page->compound)));
	object = json_with(object, "head", json_count(page->head));
	object = json_with(object, "order",
			   page->compound_sound ? json_count(page->order) : json_null());
	object = json_with(object, "encoding",
			   json_text(is_tail ? (page->head_by_mask ? "mask" : "pointer") : NULL));
	return json_with(object, "problem",
			 json_text(*page->compound_problem ? page->compound_problem : NULL));
}

static json_t *json_mapping(const struct vmc_explanation *page)
{
	json_t *object = json_object();

	object = json_with(object, "kind", json_text(vmc_mapping_name(page->mapping)));
	return json_with(object, "word", json_address(page->mapping_word));
}

static json_t *json_struct_page(const struct vmc_explanation *page)
{
	json_t *object = json_object();

	object = json_with(object, "status", json_text(vmc_struct_page_name(page->struct_page)));
	object = json_with(object, "address",
			   page->struct_address ? json_address(page->struct_address) : json_null());
	if (page->struct_page != VMC_STRUCT_PAGE_READ &&
	    page->struct_page != VMC_STRUCT_PAGE_UNTRUSTED)
		return object;
	object = json_with(object, "flags_word", json_address(page->flags_word));
	object = json_with(object, "flags", json_flags(page));
	object = json_with(object, "flags_end",
			   page->flags_end < 64 ? json_count(page->flags_end) : json_null());
	object = json_with(object, "type", json_text(page->type));
	object = json_with(object, "type_word",
			   page->has_type_word ? json_address(page->type_word) : json_null());
	object = json_with(object, "mapcount",
			   page->has_type_word && !page->type ? json_integer(page->mapcount)
							      : json_null());
	object = json_with(object, "refcount",
			   page->has_refcount ? json_integer(page->refcount) : json_null());
	object = json_with(object, "mapping", json_mapping(page));
	object = json_with(object, "compound", json_compound(page));
	return json_with(object, "fields", json_fields(page));
}

static json_t *json_near(const struct vmc_explanation *page)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < page->near_count; i++) {
		json_t *row = json_object();

		row = json_with(row, "name", json_text(page->near[i].name));
		row = json_with(row, "rule", json_text(page->near[i].rule));
		row = json_with(row, "why_not", json_text(page->near[i].text));
		array = array_with(array, row);
	}
	return array;
}

static json_t *json_page(const struct explained *explained)
{
	const struct vmc_explanation *page = explained->page;
	json_t *object = json_object();

	object = json_with(object, "pfn", json_count(page->pfn));
	object = json_with(object, "address", json_address(page->address));
	object = json_with(object, "state", json_text(vmc_audit_state_name(page->state)));
	object = json_with(object, "attributes", json_attributes(page->attributes));
	object = json_with(object, "decided_by", json_rule(page->rule));
	object = json_with(object, "nearly", json_near(page));
	object = json_with(object, "present", json_boolean(page->present));
	object = json_with(object, "content",
			   json_boolean(page->present && page->memory == VMC_MEMORY_DATA));
	object = json_with(object, "zero", page->zero < 0 ? json_null() : json_boolean(page->zero));
	object = json_with(object, "kept_by", json_levels(explained));
	object = json_with(object, "node", page->node < 0 ? json_null() : json_integer(page->node));
	object = json_with(object, "zone", json_text(page->node < 0 ? NULL : page->zone_name));
	object = json_with(object, "block", json_block(page));
	return json_with(object, "struct_page", json_struct_page(page));
}

json_t *explain_report_json(const struct explained *explained, const char *error)
{
	json_t *object = json_object();

	object = json_with(object, "argument", json_text(explained->argument));
	object = json_with(object, "error", json_text(error));
	object = json_with(object, "read_as",
			   explained->page ? json_location(explained->location) : json_null());
	return json_with(object, "page", explained->page ? json_page(explained) : json_null());
}
