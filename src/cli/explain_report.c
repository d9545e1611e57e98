/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "text.h"

#define WIDTH  80
#define COLUMN 17 /* where values begin */

const char *explain_levels_text(char text[static EXPLAIN_LEVELS_SIZE], uint32_t levels)
{
	size_t used = 0;

	snprintf(text, EXPLAIN_LEVELS_SIZE, "none");
	for (unsigned int first = 0, last; first < 32; first = last + 1) {
		last = first;
		if (!(levels >> first & 1))
			continue;
		while (last < 31 && levels >> (last + 1) & 1)
			last++;
		used += (size_t)snprintf(text + used, EXPLAIN_LEVELS_SIZE - used,
					 first == last ? "%s%u" : "%s%u-%u", used ? ", " : "",
					 first, last);
		if (used >= EXPLAIN_LEVELS_SIZE)
			break;
	}
	return text;
}

/* From column @column on, in lines of WIDTH. */
static void print_wrapped(const char *text, size_t column)
{
	size_t used = column;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (used > column && used + 1 + length > WIDTH) {
			printf("\n%*s", (int)column, "");
			used = column;
		} else if (used > column) {
			putchar(' ');
			used++;
		}
		text_write(stdout, text, length);
		used += length;
		text += length;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void field(const char *name, const char *format, ...) REPORT_PRINTF(2, 3);

/* A line of the head of the report, or several. */
static void field(const char *name, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("%-*s", COLUMN, name);
	print_wrapped(text, COLUMN);
}

/* How the argument was understood, where that is not plain. */
static void print_location(const struct explained *explained)
{
	const struct vmc_location *location = explained->location;
	char size[REPORT_SIZE_LENGTH];

	switch (location->kind) {
	case VMC_LOCATION_PFN:
		break;
	case VMC_LOCATION_PHYSICAL:
		field("asked for",
		      "physical address 0x%" PRIx64 ", byte 0x%" PRIx64 " of the page%s",
		      location->value, location->offset,
		      location->guessed ? " (virt: for the virtual one)" : "");
		break;
	case VMC_LOCATION_VIRTUAL:
		field("asked for",
		      "virtual address 0x%" PRIx64 ", byte 0x%" PRIx64 " of the page%s",
		      location->value, location->offset,
		      location->guessed ? " (phys: for the physical one)" : "");
		field("mapped by", "%s from 0x%" PRIx64 ", physical 0x%" PRIx64,
		      report_size(size, location->last - location->first + 1), location->first,
		      location->physical);
		if (location->describes)
			field("holds", "memory map: the struct page of pfn 0x%" PRIx64,
			      location->described);
		break;
	case VMC_LOCATION_STRUCT_PAGE:
		field("asked for", "0x%" PRIx64 ", byte %" PRIu64 " of its struct page%s",
		      location->value, location->offset,
		      location->guessed ? " (virt: for the page that holds that)" : "");
		break;
	}
}

static void print_state(const struct vmc_explanation *page)
{
	char text[256];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", vmc_audit_state_name(page->state));
	const char *before = ": ";

	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++) {
		if (!(page->attributes & VMC_ATTRIBUTE_BIT(i)) || used >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", before,
					 vmc_attribute_name(i));
		before = ", ";
	}
	field("state", "%s", text);
	if (page->rule)
		field("decided by", "%s: %s [%s]", page->rule->name, page->rule->description,
		      page->rule->since);
}

static void print_content(const struct explained *explained)
{
	const struct vmc_explanation *page = explained->page;
	const char *text = "in the dump";

	if (!page->present)
		text = "the dump has no such memory";
	else if (page->memory == VMC_MEMORY_NODATA)
		text = "not in the dump, though it is memory";
	else if (page->forbidden)
		text = "in the dump, but must not be read";
	else if (explained->map_only)
		text = "in the dump in part: made by --map-only, zeros may stand for the rest";
	else if (page->zero >= 0)
		text = page->zero ? "in the dump: zeros" : "in the dump, not zeros";
	field("content", "%s", text);
}

static void print_levels(const struct explained *explained)
{
	const struct vmc_explanation *page = explained->page;
	char levels[EXPLAIN_LEVELS_SIZE];

	if (!page->present || explained->problem)
		return;
	if (page->forbidden) {
		field("dump levels", "left out by all, and never read");
	} else if (page->levels == UINT32_MAX) {
		field("dump levels", "kept by all");
	} else {
		field("kept by levels", "%s", explain_levels_text(levels, page->levels));
		field("left out by", "%s", explain_levels_text(levels, ~page->levels));
	}
}

static void print_place(const struct vmc_explanation *page)
{
	if (page->node >= 0)
		field("place", "node %d, zone %s", page->node, page->zone_name);
}

static void print_block(const struct vmc_explanation *page)
{
	uint64_t index = page->pfn - page->block_start;
	char order[32] = "";
	char which[32] = "";

	if (!page->present || !*page->block_why)
		return;
	if (page->block_count == 1) {
		field("block", "%s", page->block_why);
		return;
	}
	if (page->block_order)
		snprintf(order, sizeof(order), " (order %u)", page->block_order);
	if (index)
		snprintf(which, sizeof(which), "page %" PRIu64, index);
	field("block", "%s of %" PRIu64 " pages%s from pfn 0x%" PRIx64 ": this is its %s",
	      page->block_why, page->block_count, order, page->block_start,
	      index ? which : "first");
	if (page->block_state != page->state)
		field("", "as a whole %s", vmc_audit_state_name(page->block_state));
}

static void print_compound(const struct vmc_explanation *page)
{
	if (page->compound != VMC_COMPOUND_NONE && *page->compound_problem)
		field("compound page", "%s: %s", vmc_compound_name(page->compound),
		      page->compound_problem);
}

static void print_struct_page(const struct vmc_explanation *page, const char *problem)
{
	switch (page->struct_page) {
	case VMC_STRUCT_PAGE_READ:
		field("struct page", "0x%" PRIx64, page->struct_address);
		break;
	case VMC_STRUCT_PAGE_UNTRUSTED:
		field("struct page", "0x%" PRIx64 ", not to be trusted: its section is offline",
		      page->struct_address);
		break;
	case VMC_STRUCT_PAGE_NONE:
		field("struct page", "none: the kernel does not manage this page");
		break;
	case VMC_STRUCT_PAGE_UNREADABLE:
		if (page->struct_address)
			field("struct page", "0x%" PRIx64 ", which cannot be read",
			      page->struct_address);
		else
			field("struct page", "not known: the tables that lead to it "
					     "cannot be read");
		break;
	case VMC_STRUCT_PAGE_NO_MAP:
		field("struct page", "not known: %s", problem);
		break;
	}
}

static bool table_end(struct report_table *table)
{
	bool printed = report_table_print(table, stdout);

	report_table_deinit(table);
	return printed;
}

static bool has_aliases(const struct vmc_explanation *page)
{
	for (unsigned int i = 0; i < page->flag_count; i++) {
		if (page->flags[i].alias)
			return true;
	}
	return false;
}

static bool print_flags(const struct vmc_explanation *page)
{
	static const struct report_column columns[] = {
		{"bit", true}, {"flag", false}, {"meaning", false}};
	static const struct report_column columns_with_alias[] = {
		{"bit", true}, {"flag", false}, {"here", false}, {"meaning", false}};
	bool alias = has_aliases(page);
	struct report_table table;

	if (!~page->flags_word) {
		puts("\nAll bits of the flags word are set, as before it is initialised.");
		return true;
	}
	if (!page->flag_count)
		return true;
	putchar('\n');
	report_table_init(&table, alias ? columns_with_alias : columns, alias ? 4 : 3);
	for (unsigned int i = 0; i < page->flag_count; i++) {
		const struct vmc_page_flag *flag = &page->flags[i];

		report_cell(&table, "%u", flag->bit);
		report_cell(&table, "%s", flag->name ? flag->name : "?");
		if (alias)
			report_cell(&table, "%s", flag->alias ? flag->alias : "");
		report_cell(&table, "%s", flag->name ? flag->meaning : "its name is not known");
	}
	return table_end(&table);
}

static void field_value(struct report_table *table, const struct vmc_page_field *field)
{
	/* Words of 32-bit kernels have the width of counts. */
	if (field->width == 4 && field->name && strstr(field->name, "count"))
		report_cell(table, "%" PRId32, (int32_t)field->value);
	else
		report_cell(table, "0x%0*" PRIx64, (int)field->width * 2, field->value);
}

static bool print_fields(const struct vmc_explanation *page)
{
	static const struct report_column columns[] = {
		{"at", true}, {"field", false}, {"value", true}, {"meaning", false}};
	struct report_table table;

	putchar('\n');
	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int i = 0; i < page->field_count; i++) {
		const struct vmc_page_field *field = &page->fields[i];

		report_cell(&table, "%u", field->offset);
		report_cell(&table, "%s", field->name ? field->name : "-");
		field_value(&table, field);
		report_cell(&table, "%s", field->meaning);
	}
	return table_end(&table);
}

static void print_near(const struct vmc_explanation *page)
{
	if (!page->near_count)
		return;
	puts("\nRules that nearly decided");
	for (unsigned int i = 0; i < page->near_count; i++) {
		printf("%-*s", COLUMN, page->near[i].rule);
		if (strlen(page->near[i].rule) >= COLUMN)
			printf("\n%*s", COLUMN, "");
		print_wrapped(page->near[i].text, COLUMN);
	}
}

static bool has_struct(const struct vmc_explanation *page)
{
	return page->struct_page == VMC_STRUCT_PAGE_READ ||
	       page->struct_page == VMC_STRUCT_PAGE_UNTRUSTED;
}

bool explain_report_text(const struct explained *explained)
{
	const struct vmc_explanation *page = explained->page;

	field("page", "pfn %" PRIu64 " (0x%" PRIx64 "), physical address 0x%" PRIx64, page->pfn,
	      page->pfn, page->address);
	print_location(explained);
	print_state(page);
	print_content(explained);
	print_levels(explained);
	print_place(page);
	print_block(page);
	print_compound(page);
	print_struct_page(page, explained->problem);
	if (has_struct(page) && (!print_flags(page) || !print_fields(page)))
		return false;
	print_near(page);
	return true;
}
