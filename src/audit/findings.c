/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"

/* A damaged dump can give one for each zone and order. */
#define FINDINGS_MAX 1000

static const struct {
	const char *name;
	enum vmc_severity severity;
	const char *what, *meaning;
} kinds[FINDING_KINDS] = {
#define FINDING(id, name_, severity_, what_, meaning_) \
	[FINDING_##id] = {name_, VMC_SEVERITY_##severity_, what_, meaning_},
#include "audit/findings.def"
#undef FINDING
};

void findings_deinit(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){0};
}

static struct vmc_finding *new_finding(struct findings *findings, enum finding_kind kind)
{
	struct vmc_error *err = NULL;

	if (findings->failed || findings->count == FINDINGS_MAX)
		return NULL;
	err = grow_array((void **)&findings->list, &findings->capacity, findings->count + 1,
			 sizeof(*findings->list));
	if (err) {
		vmc_error_free(err);
		findings->failed = true;
		return NULL;
	}

	struct vmc_finding *finding = &findings->list[findings->count++];

	*finding = (struct vmc_finding){
		.name = kinds[kind].name,
		.severity = findings->is_live ? VMC_SEVERITY_NOTE : kinds[kind].severity,
		.meaning = kinds[kind].meaning,
	};
	return finding;
}

static void add_range(struct vmc_finding *finding, vmc_pfn start, uint64_t count)
{
	size_t last = finding->range_count - 1; /* one there is, unless range_count is 0 */

	if (finding->range_count &&
	    finding->ranges[last].start + finding->ranges[last].count == start) {
		finding->ranges[last].count += count;
	} else if (finding->range_count < VMC_FINDING_RANGES) {
		finding->ranges[finding->range_count].start = start;
		finding->ranges[finding->range_count++].count = count;
	} else {
		finding->more_ranges = true;
	}
}

void findings_add_pages(struct findings *findings, enum finding_kind kind, vmc_pfn start,
			uint64_t count)
{
	struct vmc_finding *finding;

	if (findings->of_pages[kind]) {
		finding = &findings->list[findings->of_pages[kind] - 1];
	} else {
		finding = new_finding(findings, kind);
		if (!finding)
			return;
		findings->of_pages[kind] = findings->count;
	}
	finding->pages += count;
	if (!finding->more_ranges)
		add_range(finding, start, count);
}

void findings_add(struct findings *findings, enum finding_kind kind, const char *format, ...)
{
	struct vmc_finding *finding = new_finding(findings, kind);
	va_list args;

	if (!finding)
		return;
	va_start(args, format);
	vsnprintf(finding->message, sizeof(finding->message), format, args);
	va_end(args);
}

static int compare_findings(const void *a, const void *b)
{
	const struct vmc_finding *left = a, *right = b;

	if (left->severity != right->severity)
		return left->severity < right->severity ? 1 : -1;
	return strcmp(left->name, right->name);
}

struct vmc_error *findings_finish(struct findings *findings)
{
	if (findings->failed)
		return error_nomem();
	for (size_t kind = 0; kind < FINDING_KINDS; kind++) {
		if (!findings->of_pages[kind])
			continue;

		struct vmc_finding *finding = &findings->list[findings->of_pages[kind] - 1];

		snprintf(finding->message, sizeof(finding->message), "%" PRIu64 " page%s %s",
			 finding->pages, finding->pages == 1 ? "" : "s", kinds[kind].what);
	}
	if (findings->count)
		qsort(findings->list, findings->count, sizeof(*findings->list), compare_findings);
	return NULL;
}
