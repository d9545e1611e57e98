/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ranges of a report for the script of the page; the names in the data are those of map.js. */
#include <inttypes.h>
#include <string.h>

#include "audit/picture/palette.h"
#include "audit/picture/report.h"

static int compare_kinds(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Every kind once, in order. */
static struct vmc_error *collect_kinds(const struct vmc_report *report, uint64_t **ret_kinds,
				       size_t *ret_count)
{
	uint64_t *kinds = calloc(report->range_count + 1, sizeof(*kinds));
	size_t used = 0;

	if (!kinds)
		return error_nomem();
	for (size_t i = 0; i < report->range_count; i++)
		kinds[i] = report->ranges[i].kind;
	qsort(kinds, report->range_count, sizeof(*kinds), compare_kinds);
	for (size_t i = 0; i < report->range_count; i++)
		if (!used || kinds[used - 1] != kinds[i])
			kinds[used++] = kinds[i];
	*ret_kinds = kinds;
	*ret_count = used;
	return NULL;
}

static void data_states(struct out *out)
{
	out_text(out, ",\"states\":[");
	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		out_format(out, "%s[\"%s\",\"%s\",", state ? "," : "", vmc_audit_state_name(state),
			   vmc_audit_state_color(state));
		out_json(out, state_meaning(state));
		out_text(out, "]");
	}
	out_text(out, "],\"order\":[");
	for (size_t i = 0; i < STATES_DRAWN; i++)
		out_format(out, "%s%u", i ? "," : "", states_in_order[i]);
	out_format(out, "],\"rare\":%u,\"attributes\":[", STATES_RARE);
	for (unsigned int i = 0; i < VMC_ATTRIBUTE_COUNT; i++)
		out_format(out, "%s\"%s\"", i ? "," : "", vmc_attribute_name(i));
	out_text(out, "]");
}

static void data_zones(const struct vmc_audit *audit, struct out *out)
{
	const struct vmc_audit_zone *zone;

	out_text(out, ",\"zones\":[");
	for (size_t i = 0; i < MAP_ZONES && (zone = vmc_audit_zone(audit, i)); i++) {
		out_format(out, "%s[%d,", i ? "," : "", zone->node);
		out_json(out, zone->name);
		out_text(out, "]");
	}
	out_text(out, "]");
}

static void data_kinds(const uint64_t *kinds, size_t count, struct out *out)
{
	out_text(out, ",\n\"kinds\":[");
	for (size_t i = 0; i < count; i++)
		out_format(out, "%s[%u,%u,%d,%u,%u,%u]", i ? "," : "",
			   REPORT_GET(REPORT_STATE, kinds[i]), REPORT_GET(REPORT_ORDER, kinds[i]),
			   (int)REPORT_GET(REPORT_ZONE, kinds[i]) - 1,
			   REPORT_GET(REPORT_CONTENT, kinds[i]),
			   REPORT_GET(REPORT_ATTRIBUTES, kinds[i]),
			   REPORT_GET(REPORT_MIX, kinds[i]));
	out_text(out, "]");
}

/* Three numbers each: pages since the last one, pages, kind. */
static void data_ranges(const struct vmc_report *report, const uint64_t *kinds, size_t count,
			struct out *out)
{
	vmc_pfn end = 0;

	out_text(out, ",\n\"ranges\":[");
	for (size_t i = 0; i < report->range_count; i++) {
		const struct report_range *range = &report->ranges[i];
		const uint64_t *kind =
			bsearch(&range->kind, kinds, count, sizeof(*kinds), compare_kinds);

		out_format(out, "%s%" PRIu64 ",%" PRIu64 ",%zu", i ? "," : "", range->start - end,
			   range->count, (size_t)(kind - kinds));
		if (i % 16 == 15)
			out_text(out, "\n");
		end = range->start + range->count;
	}
	out_text(out, "]");
}

struct vmc_error *report_data(const struct vmc_report *report, const struct vmc_audit *audit,
			      struct out *out)
{
	_cleanup_free_ uint64_t *kinds = NULL;
	size_t count = 0;

	TRY(collect_kinds(report, &kinds, &count));
	out_format(out, "{\"pageSize\":%u,\"end\":%" PRIu64 ",\"mixed\":%u,\"content\":%s",
		   report->page_size, report->end, report->shift,
		   report->content ? "true" : "false");
	data_states(out);
	data_zones(audit, out);
	data_kinds(kinds, count, out);
	data_ranges(report, kinds, count, out);
	out_text(out, "}");
	return NULL;
}
