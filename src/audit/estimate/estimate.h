/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of an estimate. */
#ifndef VMCULL_AUDIT_ESTIMATE_H
#define VMCULL_AUDIT_ESTIMATE_H

#include <vmcull/estimate.h>

#include "audit/estimate/sample.h"
#include "base/cleanup.h"
#include "target/target.h"

/* Of pages that are not filled with zeros: what a codec makes of them. */
struct measured {
	double sum, squares; /* of sizes, bytes */
	double compact;      /* of sizes of pages that a compact memory map has in blocks */
	double seconds;
};

struct free_map; /* pages/free_map.h */

/* The pages of one state. */
struct stratum {
	uint64_t pages;
	struct sample sample;
	uint64_t zero, unreadable;
	struct measured codecs[VMC_ESTIMATE_CODECS_MAX];
	double read_seconds; /* of pages read one after the other */
	uint64_t read_pages;
};

struct vmc_estimate {
	struct vmc_target *target;
	struct vmc_estimate_options options;
	struct vmc_codec_spec codecs[VMC_ESTIMATE_CODECS_MAX];
	uint32_t kept; /* VMC_STATE_BIT()s of states that some level keeps */
	struct stratum strata[VMC_PAGE_STATE_COUNT];
	struct free_map *free_map; /* NULL: it cannot be made compact */
	struct measured zero_page[VMC_ESTIMATE_CODECS_MAX];
	uint64_t pages[VMC_ESTIMATE_LEVELS];
	uint64_t head_bytes[VMC_ESTIMATE_LEVELS]; /* before the data */
	double walk_seconds;
	double read_seconds; /* a page, where nothing better is known */
};

DEFINE_CLEANUP(struct vmc_estimate *, vmc_estimate_destroy);

/* Reads and compresses the samples of all strata. */
struct vmc_error *estimate_measure(struct vmc_estimate *estimate) VMC_MUST_CHECK;

/* Mean and variance of a set of @count values of which @zeros are @zero_value and the others add up
 * to @sum, their squares to @squares.  The variance takes in two more values, 0 and @most: when all
 * of a sample were alike, not all others need be. */
struct estimate_mean {
	double mean, variance;
};

struct estimate_mean estimate_mean(uint64_t count, uint64_t zeros, double zero_value, double sum,
				   double squares, double most);

/* Seconds of a clock: CLOCK_MONOTONIC or CLOCK_THREAD_CPUTIME_ID. */
double estimate_clock(int id);

#endif
