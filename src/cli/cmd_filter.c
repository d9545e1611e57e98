/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull filter: a dump in, a smaller one out. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "clock.h"
#include "command.h"
#include "erase_report.h"
#include "filter_args.h"
#include "filter_report.h"
#include "message.h"
#include "opened.h"
#include "output.h"
#include "progress.h"
#include "sandbox.h"
#include "split_paths.h"
#include "trace.h"

/* What a run holds; NULL and 0 where it did not get so far. */
struct filter_run {
	const struct filter_args *args;
	struct message_log log;
	struct progress progress;
	struct resources resources;
	struct trace *trace;
	struct opened opened;
	struct vmc_erase_rules *rules; /* with --config */
	struct vmc_erase *erase;
	struct vmc_plan *plan;
	struct vmc_strip_summary stripped; /* with --map-only */
	struct vmc_write_summary written;
	struct split_paths split; /* with --split */
	size_t parts;
	double started, planned;
};

static int run_open(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
		.trace = run->trace ? trace_read : NULL,
		.trace_arg = run->trace,
	};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo,
		.vmlinux_path = args->vmlinux,
		/* Of what can be left out, per-CPU free pages alone need it. */
		.type_information =
			args->map_only || (args->policy.drop & VMC_STATE_BIT(VMC_PAGE_FREE_PCP)),
	};
	int status = opened_open_set(&run->opened, &args->inputs, &dump_options, &target_options);

	if (status != STATUS_DONE)
		return status;
	run->progress.page_size = vmc_target_page_size(run->opened.target);
	return STATUS_DONE;
}

/* What is wrong in the rules is said before the dump is looked at. */
static int run_rules(struct filter_run *run)
{
	const char *path = run->args->config;
	struct vmc_error *err = path ? vmc_erase_parse(path, &run->rules) : NULL;

	return err ? message_failure(err, path, NULL) : STATUS_DONE;
}

static int run_erase(struct filter_run *run)
{
	struct vmc_error *err =
		run->rules ? vmc_erase_resolve(run->rules, run->opened.target, &run->erase) : NULL;

	return err ? message_failure(err, run->args->input, NULL) : STATUS_DONE;
}

static int run_plan(struct filter_run *run)
{
	struct vmc_progress progress = progress_callback(&run->progress);
	const struct filter_args *args = run->args;
	struct vmc_filter_policy policy = args->policy;
	struct vmc_error *err;

	policy.threads = resources_threads(&run->resources);
	if (args->map_only)
		err = vmc_strip_plan(run->opened.target, &args->strip, &progress, &run->stripped,
				     &run->plan);
	else
		err = vmc_plan_create(run->opened.target, &policy, &progress, &run->plan);

	progress_end(&run->progress);
	if (!err && run->erase)
		err = vmc_plan_set_erase(run->plan, run->erase);
	if (!err && args->compact_map)
		err = vmc_plan_compact_map(run->plan);
	if (err)
		return inputs_failure(&run->args->inputs, err, NULL);
	if (run->args->strict && vmc_plan_doubt(run->plan)) {
		message_error("%s: refused by --strict: %s", run->args->input,
			      vmc_plan_doubt(run->plan));
		return STATUS_FAILED;
	}
	return STATUS_DONE;
}

static bool run_report(const struct filter_run *run, const char *error)
{
	const struct filter_args *args = run->args;
	struct filter_result result = {
		.stream = args->flattened && !args->dry_run ? stderr : stdout,
		.input = args->input,
		.format = args->format,
		.flattened = args->flattened,
		.parts = run->parts,
		.dry_run = args->dry_run,
		.codec = args->codec,
		.policy = args->policy,
		.counts = vmc_plan_counts(run->plan),
		.stripped = args->map_only ? &run->stripped : NULL,
		.erase = run->erase,
		.written = &run->written,
		.page_size = vmc_target_page_size(run->opened.target),
		.seconds = clock_now() - run->started,
		.seconds_planning = run->planned - run->started,
		.verbose = args->verbose > 0,
		.error = error,
		.warnings = run->log.warnings,
	};

	if (args->json)
		return filter_report_json(&result);
	return args->quiet || filter_report_text(&result);
}

/* What OUT is called in messages and reports. */
static const char *output_name(const struct filter_args *args)
{
	if (args->flattened)
		return "standard output";
	return args->output ? args->output : "(none)";
}

static struct vmc_error *run_save(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_write_options options = {
		.format = args->format,
		.codec = args->codec,
		.stored = args->recompress ? VMC_STORED_ENCODE : VMC_STORED_SAME_CODEC,
		.no_checksums = args->no_checksums,
		.share_pages = args->share_pages,
		.replace = args->force,
		.dry_run = args->dry_run,
		.size_limit = args->size_limit,
		.progress = &progress,
	};
	struct vmc_error *err = resources_apply(&run->resources, run->plan, &options);

	if (err)
		return err;
	if (args->split)
		return split_paths_write(&run->split, args->output, run->plan, &options,
					 &run->written, &run->parts);
	if (args->flattened)
		return vmc_write_stream(run->plan, STDOUT_FILENO, output_name(args), &options,
					&run->written);
	return vmc_write(run->plan, output_name(args), &options, &run->written);
}

static int run_write(struct filter_run *run)
{
	struct vmc_error *err = run_save(run);

	progress_end(&run->progress);
	if (err && !run->written.incomplete)
		return message_failure(err, output_name(run->args), run->args->input);
	if (err)
		output_say_incomplete(run->written.path, err);

	bool reported = run_report(run, err ? vmc_error_message(err) : NULL);
	bool partial = run->written.incomplete || run->written.unreadable_pages ||
		       vmc_plan_counts(run->plan)->unreadable_map || !erase_is_whole(run->erase);

	vmc_error_free(err);
	if (!reported) {
		message_error("out of memory for the report; the dump is not affected");
		return STATUS_FAILED;
	}
	return partial ? STATUS_PARTIAL : STATUS_DONE;
}

/* The list of reads is kept when the run fails: then it is wanted most. */
static bool run_trace(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	bool fit = !args->output || (!same_file(args->trace, args->output) &&
				     strcmp(args->trace, args->output) != 0);

	for (size_t i = 0; i < args->inputs.count; i++)
		fit = fit && !same_file(args->trace, args->inputs.paths[i]);
	if (!fit) {
		message_error("%s: would overwrite the dump", args->trace);
		return false;
	}
	run->trace = trace_open(args->trace, args->force);
	return run->trace != NULL;
}

/* May the output be made, next to one of the inputs? */
static int check_output_for(const struct filter_run *run, const char *input)
{
	const struct filter_args *args = run->args;

	if (args->flattened)
		return output_check_stream(input);
	if (args->split)
		return split_paths_check(&run->split, input, args->force);
	return output_check(args->output, input, args->force);
}

static int check_output(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	int status = STATUS_DONE;

	if (args->dry_run)
		return STATUS_DONE;
	if (args->split && !split_paths_init(&run->split, args->output, (size_t)args->split))
		return STATUS_FAILED;
	for (size_t i = 0; i < args->inputs.count && status == STATUS_DONE; i++)
		status = check_output_for(run, args->inputs.paths[i]);
	return status;
}

/* When all is open but OUT. */
static void run_sandbox(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	const char *output = args->flattened || args->dry_run ? NULL : args->output;
	struct vmc_log log = message_log(&run->log);
	struct sandbox sandbox = {
		.inputs = args->inputs.paths,
		.input_count = args->inputs.count,
		.outputs = &output,
		.output_count = 1,
	};

	resources_look(&run->resources);
	if (!args->no_sandbox)
		sandbox_enter(&sandbox, &log);
}

static int run_filter(struct filter_run *run)
{
	const struct filter_args *args = run->args;
	int status = check_output(run);

	if (status != STATUS_DONE)
		return status;
	if (args->trace && !run_trace(run))
		return STATUS_FAILED;
	status = run_rules(run);
	if (status == STATUS_DONE)
		status = run_open(run);
	if (status == STATUS_DONE)
		status = run_erase(run);
	if (status == STATUS_DONE) {
		run_sandbox(run);
		status = run_plan(run);
	}
	run->planned = clock_now();
	return status == STATUS_DONE ? run_write(run) : status;
}

int cmd_filter(int argc, char **argv)
{
	struct filter_args args;
	int status = filter_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct filter_run run = {
		.args = &args, .resources = args.resources, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.json ? json_array() : NULL;
	progress_init(&run.progress, args.quiet);
	status = run_filter(&run);
	if (run.plan)
		vmc_plan_destroy(run.plan);
	vmc_erase_destroy(run.erase);
	vmc_erase_rules_destroy(run.rules);
	opened_close(&run.opened);
	split_paths_deinit(&run.split);
	if (!trace_close(run.trace) && status == STATUS_DONE)
		status = STATUS_FAILED;
	json_decref(run.log.warnings);
	return status;
}
