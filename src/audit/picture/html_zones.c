/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of a report: zones by state, and the free blocks of each. */
#include <inttypes.h>
#include <string.h>

#include "audit/picture/palette.h"
#include "audit/picture/report.h"

static uint64_t zone_pages(const struct vmc_audit_zone *zone, unsigned int state)
{
	uint64_t section =
		state == VMC_PAGE_OFFLINE ? zone->counts.pages[VMC_PAGE_OFFLINE_SECTION] : 0;

	return zone->counts.pages[state] + section;
}

/* Those that any zone has pages of. */
static uint32_t states_in_zones(const struct vmc_audit *audit)
{
	const struct vmc_audit_zone *zone;
	uint32_t states = 0;

	for (size_t i = 0; (zone = vmc_audit_zone(audit, i)); i++)
		for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
			if (zone_pages(zone, state))
				states |= VMC_STATE_BIT(state);
	return states;
}

static void zone_head(const struct vmc_audit_zone *zone, struct out *out)
{
	out_format(out, "node %d ", zone->node);
	out_xml(out, zone->name);
}

/* Zones as rows, the states that there are as columns. */
static void zone_states(const struct vmc_report *report, const struct vmc_audit *audit,
			struct out *out)
{
	const struct vmc_audit_zone *zone;
	uint32_t states = states_in_zones(audit);

	out_text(out,
		 "<div class=\"wide\"><table><caption>Pages by zone and state</caption><thead><tr>"
		 "<th scope=\"col\">Zone</th><th scope=\"col\">First pfn</th>"
		 "<th scope=\"col\">Present</th>");
	for (size_t i = 0; i < STATES_DRAWN; i++) {
		if (!(states >> states_in_order[i] & 1))
			continue;
		out_text(out, "<th scope=\"col\">");
		html_state_head(out, states_in_order[i]);
		out_text(out, "</th>");
	}
	out_text(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; (zone = vmc_audit_zone(audit, i)); i++) {
		out_text(out, "<tr><th scope=\"row\">");
		zone_head(zone, out);
		out_text(out, "</th>");
		if (zone->start_pfn == UINT64_MAX)
			out_text(out, "<td class=\"number none\">not known</td>");
		else
			out_format(out,
				   "<td class=\"number\"><a href=\"#pfn=%" PRIx64 "\">0x%" PRIx64
				   "</a></td>",
				   zone->start_pfn, zone->start_pfn);
		html_size(out, zone->present, report->page_size);
		for (size_t j = 0; j < STATES_DRAWN; j++)
			if (states >> states_in_order[j] & 1)
				html_number(out, zone_pages(zone, states_in_order[j]));
		out_text(out, "</tr>\n");
	}
	out_text(out, "</tbody></table></div>\n");
}

static bool type_used(const struct vmc_audit_zone *zone, unsigned int type)
{
	for (size_t order = 0; order < VMC_ORDERS; order++)
		if (zone->migrate_types[type][order] &&
		    zone->migrate_types[type][order] != UINT64_MAX)
			return true;
	return false;
}

/* The highest order of which there may be blocks, and 1. */
static unsigned int zone_orders(const struct vmc_audit_zone *zone)
{
	unsigned int end = 0;

	for (unsigned int order = 0; order < VMC_ORDERS; order++)
		if ((zone->blocks_counted[order] && zone->blocks_counted[order] != UINT64_MAX) ||
		    zone->blocks_found[order])
			end = order + 1;
	return end;
}

static void order_row(const struct vmc_report *report, const struct vmc_audit_zone *zone,
		      unsigned int order, uint64_t free_pages, struct out *out)
{
	uint64_t found = zone->blocks_found[order];
	double share = found == UINT64_MAX || !free_pages
			       ? 0
			       : 100.0 * (double)(found << order) / (double)free_pages;

	out_format(out, "<tr><th scope=\"row\">%u</th>", order);
	html_size(out, 1ULL << order, report->page_size);
	html_number(out, found);
	out_text(out, "<td class=\"bar\">");
	if (share > 0)
		out_format(out, "<i style=\"width:%.2f%%;background:var(--accent)\"></i>",
			   share > 100 ? 100 : share);
	out_text(out, "</td>");
	html_number(out, zone->blocks_counted[order]);
	html_number(out, zone->blocks_listed[order]);
	for (unsigned int type = 0; type < VMC_MIGRATE_TYPES; type++)
		if (type_used(zone, type))
			html_number(out, zone->migrate_types[type][order]);
	out_text(out, "</tr>\n");
}

static uint64_t free_in_blocks(const struct vmc_audit_zone *zone, unsigned int orders)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < orders; order++)
		if (zone->blocks_found[order] != UINT64_MAX)
			pages += zone->blocks_found[order] << order;
	return pages;
}

static void zone_counters(const struct vmc_audit_zone *zone, struct out *out)
{
	out_text(out, "<table><tbody>\n<tr><th scope=\"row\">free, as the zone counts</th>");
	html_number(out, zone->free_counted);
	out_text(out, "</tr>\n<tr><th scope=\"row\">free, found</th>");
	html_number(out, zone_pages(zone, VMC_PAGE_FREE));
	out_text(out, "</tr>\n<tr><th scope=\"row\">unaccepted, as the zone counts</th>");
	html_number(out, zone->unaccepted_counted);
	out_text(out, "</tr>\n<tr><th scope=\"row\">unaccepted, found</th>");
	html_number(out, zone_pages(zone, VMC_PAGE_UNACCEPTED));
	out_text(out, "</tr>\n</tbody></table>\n");
}

static void zone_blocks(const struct vmc_report *report, const struct vmc_audit *audit,
			const struct vmc_audit_zone *zone, bool open, struct out *out)
{
	unsigned int orders = zone_orders(zone);
	uint64_t free_pages = free_in_blocks(zone, orders);

	out_format(out, "<details%s><summary>Free blocks of ", open ? " open" : "");
	zone_head(zone, out);
	out_text(out, "</summary>\n");
	zone_counters(zone, out);
	out_text(out, "<table><thead><tr><th scope=\"col\">Order</th><th scope=\"col\">Block</th>"
		      "<th scope=\"col\">Found</th><th scope=\"col\">Share of free pages</th>"
		      "<th scope=\"col\">Counted</th><th scope=\"col\">Listed</th>");
	for (unsigned int type = 0; type < VMC_MIGRATE_TYPES; type++) {
		if (!type_used(zone, type))
			continue;
		out_text(out, "<th scope=\"col\">");
		out_xml(out, vmc_audit_migrate_type_name(audit, type));
		out_text(out, "</th>");
	}
	out_text(out, "</tr></thead><tbody>\n");
	for (unsigned int order = 0; order < orders; order++)
		order_row(report, zone, order, free_pages, out);
	out_text(out, "</tbody></table></details>\n");
}

void report_zones(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out)
{
	const struct vmc_audit_zone *zone;

	if (!vmc_audit_zone(audit, 0)) {
		out_text(out, "<p>No zone was found.</p>\n");
		return;
	}
	zone_states(report, audit, out);
	for (size_t i = 0; (zone = vmc_audit_zone(audit, i)); i++)
		zone_blocks(report, audit, zone, i < 4, out);
}
