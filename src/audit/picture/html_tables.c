/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of a report: totals, levels, findings, sources of unaccepted memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/picture/palette.h"
#include "audit/picture/report.h"

#define LEVELS 32

void html_number(struct out *out, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	if (number == UINT64_MAX) {
		out_text(out, "<td class=\"number none\">not known</td>");
		return;
	}
	out_text(out, number ? "<td class=\"number\">" : "<td class=\"number none\">");
	for (int i = 0; i < length; i++) {
		out_bytes(out, &digits[i], 1);
		if ((length - i) % 3 == 1 && i + 1 < length)
			out_text(out, ",");
	}
	out_text(out, "</td>");
}

void html_size(struct out *out, uint64_t pages, uint32_t page_size)
{
	char size[SIZE_TEXT];

	if (pages == UINT64_MAX) {
		out_text(out, "<td class=\"number none\">not known</td>");
		return;
	}
	size_text(pages, page_size, size);
	out_format(out, "<td class=\"number%s\">%s</td>", pages ? "" : " none", size);
}

void html_state_head(struct out *out, unsigned int state)
{
	out_format(out, "<i class=\"swatch\" style=\"background:%s\"></i>%s",
		   vmc_audit_state_color(state), vmc_audit_state_name(state));
}

static uint64_t present_pages(const struct vmc_audit_counts *counts)
{
	uint64_t present = 0;

	for (size_t state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		present += counts->pages[state];
	return present;
}

/* States of the same name are one. */
static uint64_t state_count(const uint64_t pages[VMC_AUDIT_STATE_COUNT], unsigned int state)
{
	uint64_t section = state == VMC_PAGE_OFFLINE ? pages[VMC_PAGE_OFFLINE_SECTION] : 0;

	return pages[state] + section;
}

static void html_bar(struct out *out, uint64_t part, uint64_t whole, const char *color)
{
	char share[SHARE_TEXT];

	share_text(part, whole, share);
	out_format(out, "<td class=\"number%s\">%s</td><td class=\"bar\">", part ? "" : " none",
		   share);
	if (part && whole)
		out_format(out, "<i style=\"width:%.2f%%;background:%s\"></i>",
			   100.0 * (double)part / (double)whole, color);
	out_text(out, "</td>");
}

static void totals_row(const struct vmc_report *report, const struct vmc_audit_counts *counts,
		       unsigned int state, struct out *out)
{
	uint64_t pages = state_count(counts->pages, state);
	uint64_t content = state_count(counts->content, state);

	out_format(out, "<tr data-state=\"%u\"><th scope=\"row\">", state);
	html_state_head(out, state);
	out_text(out, "</th>");
	html_number(out, pages);
	html_size(out, pages, report->page_size);
	if (state == VMC_AUDIT_ABSENT)
		out_text(out, "<td></td><td></td><td></td>");
	else {
		html_bar(out, pages, present_pages(counts), vmc_audit_state_color(state));
		html_number(out, content);
	}
	out_text(out, "<td class=\"meaning\">");
	out_xml(out, state_meaning(state));
	out_text(out, "</td></tr>\n");
}

void report_totals(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out)
{
	const struct vmc_audit_counts *counts = vmc_audit_counts(audit);

	out_text(out,
		 "<table id=\"totals\"><caption>Pages by state</caption><thead><tr>"
		 "<th scope=\"col\">State</th><th scope=\"col\">Pages</th>"
		 "<th scope=\"col\">Size</th><th scope=\"col\" colspan=\"2\">Share of memory</th>"
		 "<th scope=\"col\">With content in the dump</th><th scope=\"col\">Meaning</th>"
		 "</tr></thead><tbody>\n");
	for (size_t i = 0; i < STATES_DRAWN; i++)
		totals_row(report, counts, states_in_order[i], out);
	out_text(out, "</tbody><tfoot><tr><th scope=\"row\">present</th>");
	html_number(out, present_pages(counts));
	html_size(out, present_pages(counts), report->page_size);
	out_text(out, "<td colspan=\"4\"></td></tr></tfoot></table>\n");
}

void report_levels(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out)
{
	uint64_t all = vmc_audit_level_pages(audit, 0);

	out_text(out,
		 "<details><summary>What each dump level would keep</summary>"
		 "<table><thead><tr><th scope=\"col\">Level</th><th scope=\"col\">Pages</th>"
		 "<th scope=\"col\">Size</th><th scope=\"col\" colspan=\"2\">Of level 0</th></tr>"
		 "</thead><tbody>\n");
	for (int level = 0; level < LEVELS; level++) {
		uint64_t pages = vmc_audit_level_pages(audit, level);

		out_format(out, "<tr><th scope=\"row\">%d</th>", level);
		html_number(out, pages);
		html_size(out, pages, report->page_size);
		html_bar(out, pages, all, "var(--accent)");
		out_text(out, "</tr>\n");
	}
	out_text(out, "</tbody></table></details>\n");
}

static void finding_ranges(const struct vmc_finding *finding, struct out *out)
{
	if (!finding->range_count)
		return;
	out_text(out, "<p class=\"ranges\">pfn ");
	for (size_t i = 0; i < finding->range_count && i < VMC_FINDING_RANGES; i++) {
		vmc_pfn start = finding->ranges[i].start;
		uint64_t count = finding->ranges[i].count;

		out_format(out, "%s<a href=\"#pfn=%" PRIx64 "\">0x%" PRIx64, i ? ", " : "", start,
			   start);
		if (count > 1)
			out_format(out, "&#8211;0x%" PRIx64, start + count - 1);
		out_text(out, "</a>");
	}
	out_text(out, finding->more_ranges ? ", &#8230;</p>" : "</p>");
}

static void finding_item(const struct vmc_finding *finding, struct out *out)
{
	out_format(out, "<li class=\"%s\"><p><b class=\"severity\">%s</b> <code>",
		   vmc_severity_name(finding->severity), vmc_severity_name(finding->severity));
	out_xml(out, finding->name);
	out_text(out, "</code> ");
	out_xml(out, finding->message);
	out_text(out, "</p>");
	if (finding->meaning) {
		out_text(out, "<p class=\"meaning\">");
		out_xml(out, finding->meaning);
		out_text(out, "</p>");
	}
	finding_ranges(finding, out);
	out_text(out, "</li>\n");
}

void report_findings(const struct vmc_audit *audit, struct out *out)
{
	const struct vmc_finding *finding = vmc_audit_finding(audit, 0);
	const char *left_out = vmc_audit_left_out(audit, 0);

	if (!finding)
		out_text(out, "<p>None: everything that was checked adds up.</p>\n");
	else
		out_text(out, "<ul class=\"findings\">\n");
	for (size_t i = 0; finding; finding = vmc_audit_finding(audit, ++i))
		finding_item(finding, out);
	if (vmc_audit_finding(audit, 0))
		out_text(out, "</ul>\n");
	if (!left_out)
		return;
	out_text(out, "<p>Checks that were left out:</p><ul class=\"left-out\">\n");
	for (size_t i = 0; left_out; left_out = vmc_audit_left_out(audit, ++i)) {
		out_text(out, "<li>");
		out_xml(out, left_out);
		out_text(out, "</li>\n");
	}
	out_text(out, "</ul>\n");
}

void report_unaccepted(const struct vmc_report *report, const struct vmc_audit *audit,
		       struct out *out)
{
	static const char *const names[VMC_UNACCEPTED_SOURCES] = {
		[VMC_UNACCEPTED_TYPE] = "page type",
		[VMC_UNACCEPTED_LIST] = "lists of the zones",
		[VMC_UNACCEPTED_BITMAP] = "EFI bitmap",
	};
	const struct vmc_unaccepted *unaccepted = vmc_audit_unaccepted(audit);

	out_text(out,
		 "<table><thead><tr><th scope=\"col\">Source</th><th scope=\"col\">Pages</th>"
		 "<th scope=\"col\">Size</th><th scope=\"col\">How it is known</th></tr></thead>"
		 "<tbody>\n");
	for (size_t i = 0; unaccepted && i < VMC_UNACCEPTED_SOURCES; i++) {
		uint64_t pages =
			unaccepted->sources[i].usable ? unaccepted->sources[i].pages : UINT64_MAX;
		const char *describe = unaccepted->sources[i].describe;

		out_format(out, "<tr><th scope=\"row\">%s</th>", names[i]);
		html_number(out, pages);
		html_size(out, pages, report->page_size);
		out_text(out, "<td>");
		out_xml(out, describe ? describe : "");
		out_text(out, "</td></tr>\n");
	}
	out_text(out, "</tbody></table>\n");
	if (unaccepted && unaccepted->table)
		out_format(out, "<p>EFI table at 0x%" PRIx64 ", %" PRIu64 " bytes a bit.</p>\n",
			   unaccepted->table, unaccepted->unit);
	if (unaccepted && unaccepted->listed_accepted)
		out_format(out,
			   "<p>%" PRIu64
			   " pages are listed or typed as unaccepted, but accepted by "
			   "the bitmap.</p>\n",
			   unaccepted->listed_accepted);
}
