/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/run.h"

#include <errno.h>
#include <stdio.h>

/* How many losses are told one by one. */
#define LOSSES_TOLD 8

static const struct writer_format *const formats[] = {
	[VMC_OUTPUT_KDUMP] = &writer_kdump,
	[VMC_OUTPUT_ELF] = &writer_elf,
};

/* Pages of a compact memory map and their blocks are made anew: with the codec that all others
 * keep. */
static struct vmc_error *keep_codec(struct run *run, const struct vmc_plan *plan)
{
	const struct vmc_dump *dump = plan->dump;
	const struct vmc_codec *codec = codec_for_format((enum codec_format)dump->said.codecs);

	if (run->options->stored != VMC_STORED_PASS ||
	    (!dump->history.compact_map && !plan->free_map) || !dump->said.codecs || !codec ||
	    codec->format == run->codec.codec->format)
		return NULL;
	return vmc_codec_parse(codec->name, &run->codec);
}

struct vmc_error *run_init(struct run *run, struct vmc_plan *plan,
			   const struct vmc_write_options *options)
{
	if (options->format >= sizeof(formats) / sizeof(formats[0]))
		return error_create(VMC_ERR_UNSUPPORTED, "this format cannot be written");
	*run = (struct run){
		.options = options,
		.format = formats[options->format],
		.codec = options->codec,
		.pages_total = extents_total(&plan->kept),
	};

	struct encoder_options encoder_options = {
		.stored = options->stored,
		.find_zeros = plan->policy.drop_zero,
		.checksums = !options->no_checksums,
	};

	if (plan->free_map && (run->format->uncompressed || options->no_checksums))
		return error_create(VMC_ERR_INVALID,
				    "a compact memory map needs a kdump file with checksums");
	TRY(keep_codec(run, plan));
	if (run->format->uncompressed) {
		TRY(vmc_codec_parse("none", &run->codec));
		/* Zeros are holes of the file, whether or not they were to be stored once. */
		encoder_options = (struct encoder_options){
			.stored = VMC_STORED_ENCODE,
			.find_zeros = true,
		};
	}
	encoder_options.codec = run->codec;
	TRY(encoder_create(plan, &encoder_options, &run->encoder));
	return unit_create(&run->unit);
}

void run_deinit(struct run *run)
{
	encoder_destroy(run->encoder);
	unit_destroy(run->unit);
}

struct vmc_error *run_create_output(const struct run *run, const char *path,
				    struct output **ret_output)
{
	const struct vmc_write_options *options = run->options;

	if (options->dry_run)
		return output_create_nothing(path, ret_output);
	if (options->flattened)
		return output_create_stream_file(path, options->replace, options->in_place,
						 ret_output);
	return output_create_file(path, options->replace, options->in_place, ret_output);
}

struct writer run_writer(const struct run *run, const struct vmc_plan *plan, struct output *output)
{
	if (run->options->size_limit)
		output->limit = run->options->size_limit;
	return (struct writer){
		.format = run->format,
		.plan = plan,
		.output = output,
		.codec = run->codec,
		.keep_codecs = run->options->stored == VMC_STORED_PASS,
		.checksums = !run->options->no_checksums,
	};
}

static struct vmc_error *report_progress(const struct run *run)
{
	const struct vmc_progress *progress = run->options->progress;

	if (progress && progress->step &&
	    !progress->step(progress->arg, "Saving pages", run->pages_done, run->pages_total))
		return error_create(VMC_ERR_INTERRUPTED, "stopped before all pages were saved");
	return NULL;
}

static void tell_loss(struct run *run, const struct writer *writer)
{
	const struct vmc_log *log = &writer->plan->dump->log;

	if (!run->unit->first_loss || run->losses++ >= LOSSES_TOLD)
		return;
	log_warning(log, "a page cannot be read and is left out: %s",
		    vmc_error_message(run->unit->first_loss));
}

struct vmc_error *run_save_pages(struct run *run, struct writer *writer, vmc_pfn end)
{
	for (;;) {
		TRY(report_progress(run));
		unit_plan(run->unit, writer->plan, &run->pfn, end);
		if (!run->unit->page_count)
			return NULL;
		TRY(encoder_fill(run->encoder, run->unit));
		tell_loss(run, writer);
		TRY(writer->format->put(writer, run->unit));
		run->pages_done += run->unit->page_count;
	}
}

bool run_is_full(const struct vmc_error *err)
{
	int number = vmc_error_errno(err);

	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

bool run_is_worthless(const struct run *run, const struct output *output, uint64_t pages_saved,
		      bool full)
{
	/* Nobody reads a stream without its end. */
	return !pages_saved || output->ops->sequential || (full && run->options->discard_when_full);
}

void run_leave(struct writer *writer)
{
	struct vmc_error *err = writer->format->finish(writer, false);

	if (!err)
		err = output_leave(writer->output);
	if (err) {
		log_warning(&writer->plan->dump->log, "the incomplete dump may be damaged: %s",
			    vmc_error_message(err));
		vmc_error_free(err);
	}
}

void run_fill_summary(const struct writer *writer, bool complete, bool left,
		      struct vmc_write_summary *summary)
{
	const struct writer_totals *totals = &writer->totals;

	*summary = (struct vmc_write_summary){
		.pages_written = totals->pages,
		.zero_pages = totals->zero_pages,
		.raw_pages = totals->raw_pages,
		.passed_pages = totals->passed_pages,
		.compact_pages = totals->compact_pages,
		.unreadable_pages = totals->lost_pages,
		.bytes_in = totals->pages * writer->plan->dump->page_size,
		.bytes_out = totals->file_size,
		.incomplete = left,
	};
	snprintf(summary->path, sizeof(summary->path), "%s",
		 complete ? writer->output->path : writer->output->unfinished);
}
