/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull convert: all pages of a dump in another form. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "clock.h"
#include "command.h"
#include "convert_args.h"
#include "convert_report.h"
#include "message.h"
#include "output.h"
#include "progress.h"
#include "split_paths.h"

/* What a run holds; NULL and 0 where it did not get so far. */
struct convert_run {
	const struct convert_args *args;
	struct message_log log;
	struct progress progress;
	struct vmc_dump *dump;
	struct vmc_plan *plan;
	struct vmc_write_summary written;
	struct split_paths split; /* with --split */
	size_t parts;
	double started;
};

static bool to_stdout(const struct convert_args *args)
{
	return strcmp(args->output, "-") == 0;
}

/* May the output be made, next to one of the inputs? */
static int check_output_for(const struct convert_run *run, const char *input)
{
	const struct convert_args *args = run->args;

	if (args->split)
		return split_paths_check(&run->split, input, args->force);
	return to_stdout(args) ? output_check_stream(input)
			       : output_check(args->output, input, args->force);
}

static int check_output(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	int status = STATUS_DONE;

	if (args->split && !split_paths_init(&run->split, args->output, (size_t)args->split))
		return STATUS_FAILED;
	for (size_t i = 0; i < args->inputs.count && status == STATUS_DONE; i++)
		status = check_output_for(run, args->inputs.paths[i]);
	return status;
}

/* A compact memory map stays so where the output can have it.  That it needs to know the kernel is
 * no reason to fail then: in full the copy has the same pages. */
static struct vmc_error *run_compact(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	bool possible = args->format == VMC_OUTPUT_KDUMP && !args->no_checksums;
	struct vmc_dump_history history;
	struct vmc_error *err;

	vmc_dump_history(run->dump, &history);
	if (args->full_map || (!args->compact_map && !(history.compact_map && possible)))
		return NULL;
	err = vmc_plan_compact_map(run->plan);
	if (!err || args->compact_map || vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	vmc_error_free(err);
	return NULL;
}

static int run_open(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct vmc_dump_options options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
	};
	struct vmc_error *err =
		vmc_dump_open_set(args->inputs.paths, args->inputs.count, &options, &run->dump);

	if (!err)
		err = vmc_plan_create_all(run->dump, &run->plan);
	if (!err)
		err = run_compact(run);
	return err ? inputs_failure(&args->inputs, err, NULL) : STATUS_DONE;
}

static struct vmc_error *run_save(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_write_options options = {
		.format = args->format,
		.codec = args->codec,
		.stored = args->stored,
		.no_checksums = args->no_checksums,
		.share_pages = args->share_pages,
		.flattened = args->flattened,
		.replace = args->force,
		.progress = &progress,
	};
	struct vmc_error *err = resources_apply(&args->resources, run->plan, &options);

	if (err)
		return err;
	if (args->split)
		return split_paths_write(&run->split, args->output, run->plan, &options,
					 &run->written, &run->parts);
	if (to_stdout(args))
		return vmc_write_stream(run->plan, STDOUT_FILENO, "standard output", &options,
					&run->written);
	return vmc_write(run->plan, args->output, &options, &run->written);
}

static int run_write(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct vmc_error *err = run_save(run);

	progress_end(&run->progress);
	if (!err)
		return STATUS_DONE;
	if (!run->written.incomplete)
		return message_failure(err, args->output, args->inputs.paths[0]);
	output_say_incomplete(run->written.path, err);
	vmc_error_free(err);
	return STATUS_DONE;
}

static int run_report(const struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct convert_result result = {
		.dump = run->dump,
		.inputs = args->inputs,
		.format = args->format,
		.flattened = args->flattened,
		.parts = run->parts,
		.output = args->output,
		.codec = args->codec,
		.stored = args->stored,
		.counts = vmc_plan_counts(run->plan),
		.written = &run->written,
		.seconds = clock_now() - run->started,
		.verbose = args->verbose > 0,
		.warnings = run->log.warnings,
	};
	struct vmc_dump_history history;

	if (args->json ? !convert_report_json(&result)
		       : !args->quiet && !convert_report_text(&result)) {
		message_error("out of memory for the report; the dump is not affected");
		return STATUS_FAILED;
	}
	vmc_dump_history(run->dump, &history);
	return history.incomplete || run->written.incomplete || run->written.unreadable_pages
		       ? STATUS_PARTIAL
		       : STATUS_DONE;
}

int cmd_convert(int argc, char **argv)
{
	struct convert_args args;
	int status = convert_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct convert_run run = {.args = &args, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.json ? json_array() : NULL;
	progress_init(&run.progress, args.quiet);
	status = check_output(&run);
	if (status == STATUS_DONE)
		status = run_open(&run);
	if (status == STATUS_DONE)
		status = run_write(&run);
	if (status == STATUS_DONE)
		status = run_report(&run);
	if (run.plan)
		vmc_plan_destroy(run.plan);
	if (run.dump)
		vmc_dump_close(run.dump);
	split_paths_deinit(&run.split);
	json_decref(run.log.warnings);
	return status;
}
