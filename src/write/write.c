/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a dump: units from the encoder to the writer, in order, and what to do when that ends
 * early. */
#include <vmcull/write.h>

#include <errno.h>
#include <stdio.h>

#include "write/writer.h"

/* How many losses are told one by one. */
#define LOSSES_TOLD 8

static const struct writer_format *const formats[] = {
	[VMC_OUTPUT_KDUMP] = &writer_kdump,
};

struct run {
	struct writer *writer;
	struct encoder *encoder;
	struct unit *unit;
	const struct vmc_write_options *options;
	uint64_t pages_total;
	uint64_t losses; /* units with lost pages */
};

static struct vmc_error *report_progress(const struct run *run)
{
	const struct writer_totals *totals = &run->writer->totals;
	const struct vmc_progress *progress = run->options->progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Saving pages", totals->pages + totals->lost_pages,
			    run->pages_total))
		return error_create(VMC_ERR_INTERRUPTED, "stopped before all pages were saved");
	return NULL;
}

static void tell_loss(struct run *run)
{
	const struct vmc_log *log = &run->writer->plan->dump->log;

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

static bool is_full(const struct vmc_error *err)
{
	int number = vmc_error_errno(err);

	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* Ends early: nothing that was saved is thrown away.  Returns what ended it. */
static struct vmc_error *end_incomplete(struct writer *writer, struct vmc_error *reason)
{
	struct vmc_error *err = writer->format->finish(writer, false);

	if (!err)
		err = output_leave(writer->output);
	if (err) {
		log_warning(&writer->plan->dump->log, "the incomplete dump may be damaged: %s",
			    vmc_error_message(err));
		vmc_error_free(err);
	}
	return reason;
}

static void fill_summary(const struct writer *writer, bool complete, bool left,
			 struct vmc_write_summary *summary)
{
	const struct writer_totals *totals = &writer->totals;

	*summary = (struct vmc_write_summary){
		.pages_written = totals->pages,
		.zero_pages = totals->zero_pages,
		.raw_pages = totals->raw_pages,
		.passed_pages = totals->passed_pages,
		.unreadable_pages = totals->lost_pages,
		.bytes_in = totals->pages * writer->plan->dump->page_size,
		.bytes_out = totals->file_size,
		.incomplete = left,
	};
	snprintf(summary->path, sizeof(summary->path), "%s",
		 complete ? writer->output->path : writer->output->unfinished);
}

static struct vmc_error *save(struct run *run, struct vmc_write_summary *ret_summary)
{
	struct writer *writer = run->writer;
	struct vmc_error *err = writer->format->begin(writer);

	if (!err)
		err = save_pages(run);
	if (!err)
		err = writer->format->finish(writer, true);

	bool full = err && is_full(err);
	bool worthless = !writer->totals.pages || (full && run->options->discard_when_full);

	if (!err)
		err = output_commit(writer->output);
	else if (worthless)
		output_discard(writer->output);
	else
		err = end_incomplete(writer, err);
	fill_summary(writer, !err, err && !worthless, ret_summary);
	ret_summary->full = full;
	return err;
}

/* What a run needs beside its output, which is made last: no failure here leaves a file. */
static struct vmc_error *run_init(struct run *run, struct vmc_plan *plan)
{
	const struct encoder_options encoder_options = {
		.codec = run->options->codec,
		.stored = run->options->stored,
		.checksums = !run->options->no_checksums,
	};

	if (run->options->format >= sizeof(formats) / sizeof(formats[0]))
		return error_create(VMC_ERR_UNSUPPORTED, "this format cannot be written");
	run->pages_total = extents_total(&plan->kept);
	TRY(encoder_create(plan, &encoder_options, &run->encoder));
	return unit_create(&run->unit);
}

static void run_deinit_cleanup(struct run *run)
{
	encoder_destroy(run->encoder);
	unit_destroy(run->unit);
}

static struct vmc_error *run_save(struct run *run, struct vmc_plan *plan, struct output *output,
				  struct vmc_write_summary *ret_summary)
{
	struct writer writer = {
		.format = formats[run->options->format],
		.plan = plan,
		.output = output,
		.codec = run->options->codec,
		.keep_codecs = run->options->stored == VMC_STORED_PASS,
		.checksums = !run->options->no_checksums,
	};

	if (run->options->size_limit)
		output->limit = run->options->size_limit;
	run->writer = &writer;

	struct vmc_error *err = save(run, ret_summary);

	writer.format->destroy(&writer);
	return err;
}

struct vmc_error *vmc_write(struct vmc_plan *plan, const char *path,
			    const struct vmc_write_options *options,
			    struct vmc_write_summary *ret_summary)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	_cleanup_(run_deinit) struct run run = {.options = options};

	*ret_summary = (struct vmc_write_summary){0};
	TRY(run_init(&run, plan));
	if (options->dry_run)
		TRY(output_create_nothing(path, &output));
	else
		TRY(output_create_file(path, options->replace, options->in_place, &output));
	return run_save(&run, plan, output, ret_summary);
}

struct vmc_error *vmc_write_stream(struct vmc_plan *plan, int fd, const char *name,
				   const struct vmc_write_options *options,
				   struct vmc_write_summary *ret_summary)
{
	_cleanup_(output_destroy) struct output *output = NULL;
	_cleanup_(run_deinit) struct run run = {.options = options};

	*ret_summary = (struct vmc_write_summary){0};
	TRY(run_init(&run, plan));
	if (options->dry_run)
		TRY(output_create_nothing(name, &output));
	else
		TRY(output_create_stream(fd, name, &output));
	return run_save(&run, plan, output, ret_summary);
}
