/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A random sample of pages that come one run after the other, nobody knows how many. */
#ifndef VMCULL_AUDIT_SAMPLE_H
#define VMCULL_AUDIT_SAMPLE_H

#include "base/error.h"

struct sample_page {
	vmc_pfn pfn;
	uint64_t follow; /* pages of the same run behind it */
};

struct sample {
	struct sample_page *pages;
	size_t wanted, count, capacity;
	uint64_t seen;   /* pages put */
	uint64_t random; /* state of the generator */
};

/* Each set of @wanted pages is as likely as any other; the same @seed gives the same. */
void sample_init(struct sample *sample, size_t wanted, uint64_t seed);
void sample_deinit(struct sample *sample);

struct vmc_error *sample_put(struct sample *sample, vmc_pfn start, uint64_t count) VMC_MUST_CHECK;

/* Puts the pages in order. */
void sample_sort(struct sample *sample);

#endif
