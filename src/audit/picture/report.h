/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of HTML and the ranges in it. */
#ifndef VMCULL_AUDIT_PICTURE_REPORT_H
#define VMCULL_AUDIT_PICTURE_REPORT_H

#include "audit/picture/map.h"
#include "audit/picture/out.h"

/* Pages that are equal, or a block of mixed ones. */
struct report_range {
	vmc_pfn start;
	uint64_t count;
	uint64_t kind; /* REPORT_… below */
	uint64_t most; /* pages of its state */
};

/* Fields of a kind: first bit and how many. */
#define REPORT_STATE      0, 4
#define REPORT_ORDER      4, 5
#define REPORT_CONTENT    9, 1
#define REPORT_ZONE       10, 13 /* 0: not known, else 1 and more */
#define REPORT_ATTRIBUTES 23, 16
#define REPORT_MIX        39, 16 /* states of a mixed block, else 0 */

static inline uint64_t report_bits(unsigned int shift, unsigned int bits, uint64_t value)
{
	return (value & ((1ULL << bits) - 1)) << shift;
}

static inline unsigned int report_field(unsigned int shift, unsigned int bits, uint64_t kind)
{
	return (unsigned int)(kind >> shift & ((1ULL << bits) - 1));
}

#define REPORT_PUT(field, value) report_bits(field, value)
#define REPORT_GET(field, kind)  report_field(field, kind)

struct vmc_report {
	vmc_pfn end;
	uint32_t page_size;
	bool content;       /* told of ranges */
	unsigned int shift; /* mixed blocks have 1 << shift pages; 0: there are none */
	struct report_range *ranges;
	size_t range_count, range_capacity;
	vmc_pfn next;

	/* Pages of the block that the last range is or ends in, by state. */
	uint64_t block[VMC_AUDIT_STATE_COUNT];
};

DEFINE_CLEANUP(struct vmc_report *, vmc_report_destroy);

/* What the script draws the map from, as JSON. */
struct vmc_error *report_data(const struct vmc_report *report, const struct vmc_audit *audit,
			      struct out *out) VMC_MUST_CHECK;

/* The tables of the page. */
void report_totals(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out);
void report_levels(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out);
void report_findings(const struct vmc_audit *audit, struct out *out);
void report_unaccepted(const struct vmc_report *report, const struct vmc_audit *audit,
		       struct out *out);
void report_zones(const struct vmc_report *report, const struct vmc_audit *audit, struct out *out);

/* Cells of a table: "<td class=number>1,234"; "not known" for UINT64_MAX. */
void html_number(struct out *out, uint64_t number);
void html_size(struct out *out, uint64_t pages, uint32_t page_size);
void html_state_head(struct out *out, unsigned int state);

#endif
