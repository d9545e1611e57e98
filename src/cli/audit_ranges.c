/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges and counts as lines, written without a JSON library: there may be millions. */
#include <inttypes.h>
#include <stdio.h>

#include "audit_report.h"

static void print_attributes(uint32_t attributes, const char *quote, const char *between)
{
	bool more = false;

	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++) {
		if (!(attributes & VMC_ATTRIBUTE_BIT(i)))
			continue;
		printf("%s%s%s%s", more ? between : "", quote, vmc_attribute_name(i), quote);
		more = true;
	}
}

/* Names of zones are letters and digits. */
void audit_range_json(const struct vmc_audit *audit, const struct vmc_audit_range *range,
		      bool attributes)
{
	const struct vmc_audit_zone *zone =
		range->zone >= 0 ? vmc_audit_zone(audit, (size_t)range->zone) : NULL;

	printf("{\"pfn\":%" PRIu64 ",\"count\":%" PRIu64 ",\"state\":\"%s\",\"order\":%u,",
	       range->start, range->count, vmc_audit_state_name(range->state), range->order);
	if (zone)
		printf("\"node\":%d,\"zone\":\"%s\"", zone->node, zone->name);
	else
		fputs("\"node\":null,\"zone\":null", stdout);
	if (attributes || range->attributes) {
		fputs(",\"attributes\":[", stdout);
		print_attributes(range->attributes, "\"", ",");
		putchar(']');
	}
	if (attributes)
		printf(",\"content\":%s", range->content ? "true" : "false");
	if (range->migrate_type >= 0)
		printf(",\"migrate_type\":\"%s\"",
		       vmc_audit_migrate_type_name(audit, (unsigned int)range->migrate_type));
	puts("}");
}

void audit_range_csv_head(void)
{
	puts("pfn,count,state,order,node,zone,attributes");
}

void audit_range_csv(const struct vmc_audit *audit, const struct vmc_audit_range *range)
{
	const struct vmc_audit_zone *zone =
		range->zone >= 0 ? vmc_audit_zone(audit, (size_t)range->zone) : NULL;

	printf("%" PRIu64 ",%" PRIu64 ",%s,%u,", range->start, range->count,
	       vmc_audit_state_name(range->state), range->order);
	if (zone)
		printf("%d,%s,", zone->node, zone->name);
	else
		fputs(",,", stdout);
	print_attributes(range->attributes, "", " ");
	putchar('\n');
}

static void csv_counts(const struct audit_result *result, const struct vmc_audit_zone *zone,
		       const struct vmc_audit_counts *counts)
{
	uint64_t page_size = vmc_target_page_size(result->target);

	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		for (unsigned int order = 0; order < VMC_ORDERS; order++) {
			uint64_t pages = counts->orders[state][order];

			if (!pages)
				continue;
			if (zone)
				printf("%d,%s,", zone->node, zone->name);
			else
				fputs(",,", stdout);
			printf("%s,%u,%" PRIu64 ",%" PRIu64 "\n", vmc_audit_state_name(state),
			       order, pages, pages * page_size);
		}
	}
}

/* Pages of no known zone: what is in no row of a zone. */
static void csv_rest(const struct audit_result *result)
{
	struct vmc_audit_counts rest = *vmc_audit_counts(result->audit);
	const struct vmc_audit_zone *zone;

	for (size_t i = 0; (zone = vmc_audit_zone(result->audit, i)); i++) {
		for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
			for (unsigned int order = 0; order < VMC_ORDERS; order++)
				rest.orders[state][order] -= zone->counts.orders[state][order];
		}
	}
	csv_counts(result, NULL, &rest);
}

bool audit_report_csv(const struct audit_result *result)
{
	const struct vmc_audit_zone *zone;

	puts("node,zone,state,order,pages,bytes");
	for (size_t i = 0; (zone = vmc_audit_zone(result->audit, i)); i++)
		csv_counts(result, zone, &zone->counts);
	csv_rest(result);
	return true;
}
