/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings.  How to add one: a row in findings.def, the check that raises it, a row in
 * vmcull-audit(8), and a dump in the tests that was damaged in that way.
 */
#ifndef VMCULL_AUDIT_FINDINGS_H
#define VMCULL_AUDIT_FINDINGS_H

#include <vmcull/audit.h>

#include "base/error.h"

enum finding_kind {
#define FINDING(id, name, severity, what, meaning) FINDING_##id,
#include "audit/findings.def"
#undef FINDING
	FINDING_KINDS
};

struct findings {
	struct vmc_finding *list;
	size_t count, capacity;
	size_t of_pages[FINDING_KINDS]; /* index + 1 of the finding that gathers pages; 0: none */
	bool is_live; /* memory changed while it was read: contradictions prove nothing */
	bool failed;  /* out of memory */
};

void findings_deinit(struct findings *findings);

/* Pages that share a finding are gathered: one finding a kind, however many pages.  Memory that
 * runs out is told by findings_finish(). */
void findings_add_pages(struct findings *findings, enum finding_kind kind, vmc_pfn start,
			uint64_t count);

/* A finding with a text of its own, about no pages. */
void findings_add(struct findings *findings, enum finding_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts the texts of gathered pages together and sorts by severity. */
struct vmc_error *findings_finish(struct findings *findings) VMC_MUST_CHECK;

#endif
