/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "report.h"

static uint64_t bytes_of(const struct audit_result *result, uint64_t pages)
{
	return pages * vmc_target_page_size(result->target);
}

static bool table_end(struct report_table *table)
{
	bool printed = report_table_print(table, stdout);

	report_table_deinit(table);
	return printed;
}

static void cell_count(struct report_table *table, uint64_t count)
{
	if (count == UINT64_MAX)
		report_cell(table, "-");
	else
		report_cell(table, "%" PRIu64, count);
}

/* Pages that are memory in the dump. */
static uint64_t count_present(const struct vmc_audit_counts *counts)
{
	uint64_t pages = 0;

	for (unsigned int state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		pages += counts->pages[state];
	return pages;
}

static bool print_states(const struct audit_result *result)
{
	static const struct report_column columns[] = {
		{"state", false}, {"pages", true},        {"size", true},
		{"share", true},  {"with content", true},
	};
	const struct vmc_audit_counts *counts = vmc_audit_counts(result->audit);
	uint64_t present = count_present(counts);
	uint64_t content = 0;
	char size[REPORT_SIZE_LENGTH];
	struct report_table table;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		uint64_t pages = counts->pages[state];

		if (!pages)
			continue;
		report_cell(&table, "%s", vmc_audit_state_name(state));
		report_cell(&table, "%" PRIu64, pages);
		report_cell(&table, "%s", report_size(size, bytes_of(result, pages)));
		if (state == VMC_AUDIT_ABSENT || !present)
			report_cell(&table, "-");
		else
			report_cell(&table, "%.1f %%", 100.0 * (double)pages / (double)present);
		report_cell(&table, "%" PRIu64, counts->content[state]);
		content += counts->content[state];
	}
	report_cell(&table, "all memory");
	report_cell(&table, "%" PRIu64, present);
	report_cell(&table, "%s", report_size(size, bytes_of(result, present)));
	report_cell(&table, "100.0 %%");
	report_cell(&table, "%" PRIu64, content);
	return table_end(&table);
}

static bool print_attributes(const struct audit_result *result)
{
	static const struct report_column columns[] = {
		{"attribute", false}, {"pages", true}, {"of pages that are", false}};
	static const char *const of[VMC_ATTRIBUTE_COUNT] = {
		[VMC_ATTRIBUTE_SECTION] = "offline, with their memory block",
		[VMC_ATTRIBUTE_DOUBLE_TYPED] = "unaccepted, marked free and also offline",
		[VMC_ATTRIBUTE_ACCEPTED] = "listed as unaccepted",
		[VMC_ATTRIBUTE_REPORTED] = "free, and known to the hypervisor as that",
		[VMC_ATTRIBUTE_EXCLUSIVE] = "anonymous, of one process",
		[VMC_ATTRIBUTE_SHARED] = "anonymous, perhaps of several processes",
		[VMC_ATTRIBUTE_KSM] = "anonymous, merged with equal ones",
		[VMC_ATTRIBUTE_SWAPCACHE] = "user memory with a place in swap",
		[VMC_ATTRIBUTE_MLOCKED] = "user memory",
		[VMC_ATTRIBUTE_DIRTY] = "user memory",
		[VMC_ATTRIBUTE_ZERO] = "filled with zeros",
	};
	const struct vmc_audit_counts *counts = vmc_audit_counts(result->audit);
	struct report_table table;
	bool any = false;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++) {
		if (!counts->attributes[i])
			continue;
		report_cell(&table, "%s", vmc_attribute_name(i));
		report_cell(&table, "%" PRIu64, counts->attributes[i]);
		report_cell(&table, "%s", of[i]);
		any = true;
	}
	if (!any) {
		report_table_deinit(&table);
		return true;
	}
	putchar('\n');
	return table_end(&table);
}

static void cell_zone(struct report_table *table, const struct vmc_audit_zone *zone)
{
	report_cell(table, "node %d %s", zone->node, zone->name);
}

static void zone_row(struct report_table *table, const struct vmc_audit_zone *zone)
{
	const uint64_t *pages = zone->counts.pages;

	cell_zone(table, zone);
	if (zone->start_pfn == UINT64_MAX)
		report_cell(table, "-");
	else
		report_cell(table, "0x%" PRIx64, zone->start_pfn);
	cell_count(table, zone->spanned);
	cell_count(table, zone->managed);
	cell_count(table, pages[VMC_PAGE_FREE] + pages[VMC_PAGE_UNACCEPTED]);
	cell_count(table, zone->free_counted);
	cell_count(table, pages[VMC_PAGE_FREE_PCP]);
	cell_count(table, pages[VMC_PAGE_CACHE] + pages[VMC_PAGE_CACHE_PRIVATE]);
	cell_count(table, pages[VMC_PAGE_ANON] + pages[VMC_PAGE_HUGETLB]);
	cell_count(table, pages[VMC_PAGE_KERNEL] + pages[VMC_PAGE_SLAB] + pages[VMC_PAGE_TABLE]);
}

static bool print_zones(const struct audit_result *result)
{
	static const struct report_column columns[] = {
		{"zone", false}, {"start", true},   {"spanned", true}, {"managed", true},
		{"free", true},  {"counted", true}, {"per CPU", true}, {"cache", true},
		{"user", true},  {"kernel", true},
	};
	const struct vmc_audit_zone *zone;
	struct report_table table;

	if (!vmc_audit_zone(result->audit, 0))
		return true;
	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; (zone = vmc_audit_zone(result->audit, i)); i++)
		zone_row(&table, zone);
	putchar('\n');
	return table_end(&table);
}

/* How many orders there are free blocks of, in any zone. */
static unsigned int count_orders(const struct vmc_audit *audit)
{
	const struct vmc_audit_zone *zone;
	unsigned int orders = 0;

	for (size_t i = 0; (zone = vmc_audit_zone(audit, i)); i++) {
		for (unsigned int order = orders; order < VMC_ORDERS; order++) {
			if (zone->blocks_found[order])
				orders = order + 1;
		}
	}
	return orders;
}

/* A column an order. */
static bool print_free_blocks(const struct audit_result *result)
{
	struct report_column columns[VMC_ORDERS + 1] = {{"free blocks of order", false}};
	unsigned int orders = count_orders(result->audit);
	char titles[VMC_ORDERS][12];
	const struct vmc_audit_zone *zone;
	struct report_table table;

	for (unsigned int order = 0; order < orders; order++) {
		snprintf(titles[order], sizeof(titles[order]), "%u", order);
		columns[order + 1] = (struct report_column){titles[order], true};
	}
	report_table_init(&table, columns, orders + 1);
	for (size_t i = 0; orders && (zone = vmc_audit_zone(result->audit, i)); i++) {
		cell_zone(&table, zone);
		for (unsigned int order = 0; order < orders; order++)
			cell_count(&table, zone->blocks_found[order]);
	}
	if (!orders)
		return true;
	putchar('\n');
	return table_end(&table);
}

static bool print_levels(const struct audit_result *result)
{
	static const struct report_column columns[] = {
		{"dump level", true}, {"would leave", true}, {"size", true}, {"of zeros", true}};
	static const int levels[] = {0, 1, 2, 4, 8, 16, 31};
	char size[REPORT_SIZE_LENGTH];
	struct report_table table;

	report_table_init(&table, columns, result->zero ? 4 : 3);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		uint64_t pages = vmc_audit_level_pages(result->audit, levels[i]);

		report_cell(&table, "%d", levels[i]);
		report_cell(&table, "%" PRIu64, pages);
		report_cell(&table, "%s", report_size(size, bytes_of(result, pages)));
		if (result->zero)
			cell_count(&table, vmc_audit_level_zero_pages(result->audit, levels[i]));
	}
	putchar('\n');
	return table_end(&table);
}

static bool print_unaccepted(const struct audit_result *result)
{
	static const struct report_column columns[] = {
		{"unaccepted by", false}, {"pages", true}, {"source", false}};
	static const char *const names[VMC_UNACCEPTED_SOURCES] = {
		[VMC_UNACCEPTED_TYPE] = "page type",
		[VMC_UNACCEPTED_LIST] = "list",
		[VMC_UNACCEPTED_BITMAP] = "EFI bitmap",
	};
	const struct vmc_unaccepted *told = vmc_audit_unaccepted(result->audit);
	struct report_table table;
	bool any = false;

	report_table_init(&table, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < VMC_UNACCEPTED_SOURCES; i++) {
		any |= told->sources[i].pages;
		report_cell(&table, "%s", names[i]);
		cell_count(&table, told->sources[i].usable ? told->sources[i].pages : UINT64_MAX);
		report_cell(&table, "%s", told->sources[i].describe);
	}
	if (!any && !result->verbose) {
		report_table_deinit(&table);
		return true;
	}
	putchar('\n');
	return table_end(&table);
}

static void print_ranges(const struct vmc_finding *finding)
{
	size_t shown = finding->range_count < 8 ? finding->range_count : 8;

	if (!shown)
		return;
	fputs("    pfn", stdout);
	for (size_t i = 0; i < shown; i++) {
		vmc_pfn start = finding->ranges[i].start;

		if (finding->ranges[i].count == 1)
			printf(" 0x%" PRIx64, start);
		else
			printf(" 0x%" PRIx64 "-0x%" PRIx64, start,
			       start + finding->ranges[i].count - 1);
	}
	puts(shown < finding->range_count || finding->more_ranges ? " ..." : "");
}

static void print_findings(const struct audit_result *result)
{
	const struct vmc_finding *finding;
	const char *text;

	putchar('\n');
	if (!vmc_audit_finding(result->audit, 0))
		puts("no findings");
	for (size_t i = 0; (finding = vmc_audit_finding(result->audit, i)); i++) {
		printf("%s: %s: %s\n", vmc_severity_name(finding->severity), finding->name,
		       finding->message);
		print_ranges(finding);
		printf("    for a filter: %s\n", finding->meaning);
	}
	for (size_t i = 0; (text = vmc_audit_left_out(result->audit, i)); i++)
		printf("not checked: %s\n", text);
}

bool audit_report_text(const struct audit_result *result)
{
	const char *release = vmc_target_release(result->target);

	report_field(stdout, "dump", "%s, %s", result->input, vmc_dump_format(result->dump));
	report_field(stdout, "kernel", "Linux %s, %s, pages of %" PRIu32 " bytes", release,
		     vmc_target_arch(result->target), vmc_target_page_size(result->target));
	if (vmc_target_is_live(result->target))
		report_field(stdout, "running",
			     "yes: memory changes while it is read, so "
			     "contradictions are mere notes");
	putchar('\n');
	if (!print_states(result) || !print_attributes(result) || !print_zones(result) ||
	    !print_free_blocks(result) || !print_levels(result) || !print_unaccepted(result))
		return false;
	print_findings(result);
	return true;
}
