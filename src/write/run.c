/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/checked.h"
#include "base/thread.h"

/* How many losses are told one by one. */
#define LOSSES_TOLD 8

static const struct writer_format *const formats[] = {
	[VMC_OUTPUT_KDUMP] = &writer_kdump,
	[VMC_OUTPUT_ELF] = &writer_elf,
};

/* NULL: no such format can be written. */
static const struct writer_format *find_format(const struct vmc_write_options *options)
{
	if (options->format >= sizeof(formats) / sizeof(formats[0]))
		return NULL;
	return formats[options->format];
}

static struct vmc_error *format_unknown(void)
{
	return error_create(VMC_ERR_UNSUPPORTED, "this format cannot be written");
}

/* Pages of a compact memory map and their blocks are made anew: with the codec that all others
 * keep. */
static struct vmc_error *keep_codec(const struct vmc_plan *plan, struct encoder_options *options)
{
	const struct vmc_dump *dump = plan->dump;
	const struct vmc_codec *codec = codec_for_format((enum codec_format)dump->said.codecs);

	if (options->stored != VMC_STORED_PASS || (!dump->history.compact_map && !plan->free_map) ||
	    !dump->said.codecs || !codec || codec->format == options->codec.codec->format)
		return NULL;
	return vmc_codec_parse(codec->name, &options->codec);
}

static struct vmc_error *choose_encoder(const struct vmc_plan *plan,
					const struct writer_format *format,
					const struct vmc_write_options *options,
					struct encoder_options *ret_options)
{
	*ret_options = (struct encoder_options){
		.codec = options->codec,
		.stored = options->stored,
		.find_zeros = plan->policy.drop_zero,
		.checksums = !options->no_checksums,
	};
	if (plan->free_map && (format->uncompressed || options->no_checksums))
		return error_create(VMC_ERR_INVALID,
				    "a compact memory map needs a kdump file with checksums");
	if (!format->uncompressed)
		return keep_codec(plan, ret_options);
	/* Zeros are holes of the file, whether or not they were to be stored once. */
	*ret_options = (struct encoder_options){
		.stored = VMC_STORED_ENCODE,
		.find_zeros = true,
	};
	return vmc_codec_parse("none", &ret_options->codec);
}

/* No more than there are units to fill, nor than the memory may be used for. */
static struct vmc_error *choose_threads(const struct vmc_plan *plan,
					const struct encoder_options *encoder,
					const struct vmc_write_options *options,
					unsigned int *ret_threads)
{
	uint64_t most = options->threads ? options->threads : thread_usable_cpus();
	uint64_t limit = options->memory_limit ? options->memory_limit : UINT64_MAX;

	most = dump_is_for_threads(plan->dump) ? min_u64(most, unit_count(plan)) : 1;
	most = min_u64(max_u64(most, 1), VMC_WRITE_THREADS_MAX);
	*ret_threads = pipeline_threads_in(plan, encoder, limit, (unsigned int)most);
	if (*ret_threads)
		return NULL;
	return error_create(VMC_ERR_REFUSED,
			    "a memory limit of %" PRIu64
			    " bytes is too low: one thread takes up to %" PRIu64,
			    limit, pipeline_memory(plan, encoder, 1));
}

unsigned int vmc_usable_cpus(void)
{
	return thread_usable_cpus();
}

struct vmc_error *vmc_write_memory(const struct vmc_plan *plan,
				   const struct vmc_write_options *options, unsigned int threads,
				   uint64_t *ret_bytes)
{
	const struct writer_format *format = find_format(options);
	struct encoder_options encoder;

	if (!format)
		return format_unknown();
	TRY(choose_encoder(plan, format, options, &encoder));
	*ret_bytes = pipeline_memory(plan, &encoder, threads);
	return NULL;
}

struct vmc_error *run_init(struct run *run, struct vmc_plan *plan,
			   const struct vmc_write_options *options)
{
	struct encoder_options encoder;
	unsigned int threads = 1;

	*run = (struct run){
		.options = options,
		.format = find_format(options),
		.pages_total = kept_total(&plan->kept),
	};
	if (!run->format)
		return format_unknown();
	TRY(choose_encoder(plan, run->format, options, &encoder));
	run->codec = encoder.codec;
	TRY(choose_threads(plan, &encoder, options, &threads));
	TRY(pipeline_create(plan, &encoder, threads, &run->pipeline));
	run->memory = pipeline_memory(plan, &encoder, pipeline_threads(run->pipeline));
	return NULL;
}

void run_deinit(struct run *run)
{
	pipeline_destroy(run->pipeline);
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
		.share_pages = run->options->share_pages,
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

static void tell_loss(struct run *run, const struct writer *writer, const struct unit *unit)
{
	const struct vmc_log *log = &writer->plan->dump->log;

	if (!unit->first_loss || run->losses++ >= LOSSES_TOLD)
		return;
	log_warning(log, "a page cannot be read and is left out: %s",
		    vmc_error_message(unit->first_loss));
}

struct vmc_error *run_save_pages(struct run *run, struct writer *writer, vmc_pfn end)
{
	const struct unit *unit;

	for (;;) {
		TRY(report_progress(run));
		TRY(pipeline_next(run->pipeline, end, &unit));
		if (!unit)
			return NULL;
		tell_loss(run, writer, unit);
		TRY(writer->format->put(writer, unit));
		run->pages_done += unit->page_count;
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

void run_fill_summary(const struct run *run, const struct writer *writer, bool complete, bool left,
		      struct vmc_write_summary *summary)
{
	const struct writer_totals *totals = &writer->totals;

	*summary = (struct vmc_write_summary){
		.pages_written = totals->pages,
		.zero_pages = totals->zero_pages,
		.raw_pages = totals->raw_pages,
		.passed_pages = totals->passed_pages,
		.compact_pages = totals->compact_pages,
		.shared_pages = totals->shared_pages,
		.shared_bytes = totals->shared_bytes,
		.unreadable_pages = totals->lost_pages,
		.bytes_in = totals->pages * writer->plan->dump->page_size,
		.bytes_out = totals->file_size,
		.threads = pipeline_threads(run->pipeline),
		.memory = run->memory,
		.sync_seconds = writer->output->sync_seconds,
		.incomplete = left,
	};
	snprintf(summary->path, sizeof(summary->path), "%s",
		 complete ? writer->output->path : writer->output->unfinished);
}
