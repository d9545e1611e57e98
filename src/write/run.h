/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run through the planned pages: units from the encoder to a writer, in order. */
#ifndef VMCULL_WRITE_RUN_H
#define VMCULL_WRITE_RUN_H

#include "write/pipeline.h"
#include "write/writer.h"

struct run {
	const struct vmc_write_options *options;
	const struct writer_format *format;
	struct vmc_codec_spec codec;
	struct pipeline *pipeline;
	uint64_t memory; /* that the pipeline takes at most */
	uint64_t pages_done, pages_total;
	uint64_t losses; /* units with lost pages */
};

/* Makes what a run needs beside outputs, which are made after it: no failure here leaves a file. */
struct vmc_error *run_init(struct run *run, struct vmc_plan *plan,
			   const struct vmc_write_options *options) VMC_MUST_CHECK;
void run_deinit(struct run *run);
static inline void run_deinit_cleanup(struct run *run)
{
	run_deinit(run);
}

/* A file of this run, in the form that was asked for. */
struct vmc_error *run_create_output(const struct run *run, const char *path,
				    struct output **ret_output) VMC_MUST_CHECK;

/* A writer of this run to @output, whose size is limited as was asked for. */
struct writer run_writer(const struct run *run, const struct vmc_plan *plan, struct output *output);

/* Puts the pages that come next and lie below @end. */
struct vmc_error *run_save_pages(struct run *run, struct writer *writer,
				 vmc_pfn end) VMC_MUST_CHECK;

/* Is an output that ended early good for nothing? */
bool run_is_worthless(const struct run *run, const struct output *output, uint64_t pages_saved,
		      bool full);

/* Was it the disk or the limit that ended a run? */
bool run_is_full(const struct vmc_error *err);

/* Ends one output early: nothing that was saved is thrown away.  Failures are logged. */
void run_leave(struct writer *writer);

/* @complete: under its final name.  @left: there is an incomplete one. */
void run_fill_summary(const struct run *run, const struct writer *writer, bool complete, bool left,
		      struct vmc_write_summary *summary);

#endif
