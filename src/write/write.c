/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a dump: units from the encoder to the writer, in order, and what to do when that ends
 * early. */
#include <vmcull/write.h>

#include <stdio.h>

#include "write/writer.h"

/* How many losses are told one by one. */
#define LOSSES_TOLD 8

struct run {
	struct writer *writer;
	struct encoder *encoder;
	struct unit *unit;
	const struct vmc_progress *progress;
	uint64_t pages_total;
	uint64_t losses; /* units with lost pages */
};

static struct vmc_error *report_progress(const struct run *run)
{
	const struct writer_totals *totals = &run->writer->totals;

	if (run->progress && run->progress->step &&
	    !run->progress->step(run->progress->arg, "Saving pages",
				 totals->pages + totals->lost_pages, run->pages_total))
		return error_create(VMC_ERR_INTERRUPTED, "stopped before all pages were saved");
	return NULL;
}

static void tell_loss(struct run *run)
{
	const struct vmc_log *log = &run->writer->plan->target->dump->log;

	if (!run->unit->first_loss || run->losses++ >= LOSSES_TOLD)
		return;
	log_warning(log, "a page cannot be read and is left out: %s",
		    vmc_error_message(run->unit->first_loss));
}

static struct vmc_error *save_pages(struct run *run)
{
	vmc_pfn pfn = 0;

	for (;;) {
		TRY(report_progress(run));
		TRY(encoder_fill(run->encoder, &pfn, run->unit));
		if (!run->unit->page_count)
			return NULL;
		tell_loss(run);
		TRY(run->writer->format->put(run->writer, run->unit));
	}
}

/* Ends early: nothing that was saved is thrown away.  Returns what ended it. */
static struct vmc_error *end_incomplete(struct writer *writer, struct vmc_error *reason)
{
	struct vmc_error *err = writer->totals.pages ? writer->format->finish(writer, false) : NULL;

	if (!writer->totals.pages) {
		output_discard(writer->output);
		return reason;
	}
	if (!err)
		err = output_leave(writer->output);
	if (err) {
		log_warning(&writer->plan->target->dump->log,
			    "the incomplete dump may be damaged: %s", vmc_error_message(err));
		vmc_error_free(err);
	}
	return reason;
}

static void fill_summary(const struct writer *writer, bool complete,
			 struct vmc_write_summary *summary)
{
	const struct writer_totals *totals = &writer->totals;

	*summary = (struct vmc_write_summary){
		.pages_written = totals->pages,
		.zero_pages = totals->zero_pages,
		.raw_pages = totals->raw_pages,
		.unreadable_pages = totals->lost_pages,
		.bytes_in = totals->pages * writer->plan->target->dump->page_size,
		.bytes_out = totals->file_size,
		.incomplete = !complete && totals->pages,
	};
	snprintf(summary->path, sizeof(summary->path), "%s",
		 complete ? writer->output->path : writer->output->unfinished);
}

static struct vmc_error *save(struct run *run, struct vmc_write_summary *ret_summary)
{
	struct writer *writer = run->writer;
	struct vmc_error *err = writer->format->begin(writer);

	if (err) {
		output_discard(writer->output);
		return err;
	}
	err = save_pages(run);
	if (!err)
		err = writer->format->finish(writer, true);
	if (err)
		err = end_incomplete(writer, err);
	else
		err = output_commit(writer->output);
	fill_summary(writer, !err, ret_summary);
	return err;
}

struct vmc_error *vmc_write(struct vmc_plan *plan, const char *path,
			    const struct vmc_write_options *options,
			    struct vmc_write_summary *ret_summary)
{
	_cleanup_(encoder_destroy) struct encoder *encoder = NULL;
	_cleanup_(unit_destroy) struct unit *unit = NULL;
	_cleanup_(output_destroy) struct output *output = NULL;
	struct writer writer = {.format = &writer_kdump, .plan = plan, .codec = options->codec};
	struct run run = {
		.writer = &writer,
		.progress = options->progress,
		.pages_total = extents_total(&plan->kept),
	};

	*ret_summary = (struct vmc_write_summary){0};
	TRY(encoder_create(plan, options->codec, &encoder));
	TRY(unit_create(&unit));
	TRY(output_create(path, options->replace, &output));
	writer.output = output;
	run.encoder = encoder;
	run.unit = unit;

	struct vmc_error *err = save(&run, ret_summary);

	writer.format->destroy(&writer);
	return err;
}
