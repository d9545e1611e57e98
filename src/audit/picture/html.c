/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of a report: html/page.html with something for each of its marks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/picture/page.h"
#include "audit/picture/palette.h"
#include "audit/picture/report.h"

/* What goes into a page. */
struct page {
	const struct vmc_report *report;
	const struct vmc_caption *caption;
	const struct vmc_audit *audit;
};

static const char *title_of(const struct vmc_caption *caption)
{
	return caption->title && *caption->title ? caption->title : "Physical memory by page state";
}

static struct vmc_error *put_title(const struct page *page, struct out *out)
{
	out_xml(out, title_of(page->caption));
	return NULL;
}

static struct vmc_error *put_subject(const struct page *page, struct out *out)
{
	const struct {
		const char *name, *text;
	} parts[] = {{"Kernel", page->caption->release},
		     {"Machine", page->caption->machine},
		     {"File", page->caption->file}};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!parts[i].text || !*parts[i].text)
			continue;
		out_format(out, "<div><dt>%s</dt><dd>", parts[i].name);
		out_xml(out, parts[i].text);
		out_text(out, "</dd></div>\n");
	}
	return NULL;
}

static struct vmc_error *put_style(const struct page *page, struct out *out)
{
	(void)page;
	out_text(out, style_css);
	return NULL;
}

static struct vmc_error *put_script(const struct page *page, struct out *out)
{
	(void)page;
	out_text(out, map_js);
	return NULL;
}

static struct vmc_error *put_data(const struct page *page, struct out *out)
{
	return report_data(page->report, page->audit, out);
}

static struct vmc_error *put_totals(const struct page *page, struct out *out)
{
	report_totals(page->report, page->audit, out);
	report_levels(page->report, page->audit, out);
	return NULL;
}

static struct vmc_error *put_findings(const struct page *page, struct out *out)
{
	report_findings(page->audit, out);
	return NULL;
}

static struct vmc_error *put_unaccepted(const struct page *page, struct out *out)
{
	report_unaccepted(page->report, page->audit, out);
	return NULL;
}

static struct vmc_error *put_zones(const struct page *page, struct out *out)
{
	report_zones(page->report, page->audit, out);
	return NULL;
}

static struct vmc_error *put_mixed(const struct page *page, struct out *out)
{
	char size[SIZE_TEXT];

	if (!page->report->shift)
		return NULL;
	size_text(1ULL << page->report->shift, page->report->page_size, size);
	out_format(
		out,
		"<p class=\"mixed\">This memory has more than %d runs of equal pages. To keep the "
		"page small, blocks of %s that hold several states are told as one run, which "
		"names those states and is drawn as the most frequent one, with a dot where "
		"unknown, hwpoison, offline or unaccepted is among them. The totals are "
		"exact.</p>\n",
		VMC_REPORT_RANGES, size);
	return NULL;
}

static const struct {
	const char *name;
	struct vmc_error *(*put)(const struct page *page, struct out *out);
} marks[] = {
	{"@TITLE@", put_title},       {"@SUBJECT@", put_subject},
	{"@STYLE@", put_style},       {"@SCRIPT@", put_script},
	{"@DATA@", put_data},         {"@TOTALS@", put_totals},
	{"@FINDINGS@", put_findings}, {"@UNACCEPTED@", put_unaccepted},
	{"@ZONES@", put_zones},       {"@MIXED@", put_mixed},
};

static struct vmc_error *put_mark(const struct page *page, const char **text, struct out *out)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t length = strlen(marks[i].name);

		if (strncmp(*text, marks[i].name, length))
			continue;
		*text += length;
		return marks[i].put(page, out);
	}
	out_bytes(out, (*text)++, 1);
	return NULL;
}

static struct vmc_error *put_page(const struct page *page, struct out *out)
{
	const char *text = page_html, *mark;

	while ((mark = strchr(text, '@'))) {
		out_bytes(out, text, (size_t)(mark - text));
		text = mark;
		TRY(put_mark(page, &text, out));
	}
	out_text(out, text);
	return NULL;
}

struct vmc_error *vmc_report_html(const struct vmc_report *report,
				  const struct vmc_caption *caption, const struct vmc_audit *audit,
				  const struct vmc_sink *sink)
{
	const struct page page = {report, caption, audit};
	struct vmc_error *err, *sink_err;
	struct out out;

	out_init(&out, sink);
	err = put_page(&page, &out);
	sink_err = out_finish(&out);
	if (!err)
		return sink_err;
	vmc_error_free(sink_err);
	return err;
}
