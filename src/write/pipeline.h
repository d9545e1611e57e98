/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units on their way from the plan to a writer: planned and handed over in order by the caller's
 * thread, filled by several others, each with its own encoder.  With one thread none is started.
 *
 * The caller only plans and writes while others compress.  It sleeps most of the time, so that it
 * is not counted: N threads keep N CPUs busy.  (That it fills units too, beside N - 1 others, was
 * tried: no faster with two, and with more of them they wait for it.)
 */
#ifndef VMCULL_WRITE_PIPELINE_H
#define VMCULL_WRITE_PIPELINE_H

#include "write/encoder.h"

struct pipeline;

/* Memory, bytes, at most, of a pipeline with so many threads. */
uint64_t pipeline_memory(const struct vmc_plan *plan, const struct encoder_options *options,
			 unsigned int threads);

/* How many threads, @most at most, @bytes of memory are enough for; 0: not even for one. */
unsigned int pipeline_threads_in(const struct vmc_plan *plan, const struct encoder_options *options,
				 uint64_t bytes, unsigned int most);

/* Has @threads threads, or fewer where no more can be had.  What is logged comes from the caller's
 * thread. */
struct vmc_error *pipeline_create(const struct vmc_plan *plan,
				  const struct encoder_options *options, unsigned int threads,
				  struct pipeline **ret_pipeline) VMC_MUST_CHECK;

/* Ends and joins all threads. */
void pipeline_destroy(struct pipeline *pipeline);
DEFINE_CLEANUP(struct pipeline *, pipeline_destroy);

/* How many threads compress: 1 when it is the caller's. */
unsigned int pipeline_threads(const struct pipeline *pipeline);

/* Gives the next unit of kept pages below @end, filled, valid until the next call; NULL when there
 * is none.  A later call may have a higher @end.  The errors are those of unit_plan() and
 * encoder_fill(), in the order of units; after one there is nothing more to ask for. */
struct vmc_error *pipeline_next(struct pipeline *pipeline, vmc_pfn end,
				const struct unit **ret_unit) VMC_MUST_CHECK;

#endif
