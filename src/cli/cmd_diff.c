/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull diff: what changed between two dumps. */
#include <stdio.h>

#include <vmcull/vmcull.h>

#include "clock.h"
#include "command.h"
#include "diff_args.h"
#include "diff_report.h"
#include "json.h"
#include "message.h"
#include "opened.h"
#include "progress.h"

/* What a run holds; NULL where it did not get so far. */
struct diff_run {
	const struct diff_args *args;
	struct message_log log;
	struct progress progress;
	struct opened opened[2];
	struct vmc_diff_counts counts;
	double started;
};

static int run_open(struct diff_run *run, size_t which)
{
	const struct diff_args *args = run->args;
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
	};
	struct vmc_target_options target_options = {.type_information = !args->no_btf};

	return opened_open(&run->opened[which], args->inputs[which], &dump_options,
			   &target_options);
}

static bool print_range(void *arg, const struct vmc_diff_range *range)
{
	const struct diff_run *run = arg;

	if (run->args->all || vmc_diff_range_differs(range))
		diff_range_json(range, run->args->content);
	return !ferror(stdout);
}

static int run_diff(struct diff_run *run)
{
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_diff_options options = {
		.content = run->args->content,
		.range = run->args->ranges ? print_range : NULL,
		.range_arg = run,
		.progress = &progress,
	};

	run->progress.page_size = vmc_target_page_size(run->opened[0].target);

	struct vmc_error *err =
		vmc_diff_run(run->opened[0].target, run->opened[1].target, &options, &run->counts);

	progress_end(&run->progress);
	/* A reader that has seen enough; main() tells of it. */
	if (err && run->args->ranges && ferror(stdout)) {
		vmc_error_free(err);
		return STATUS_FAILED;
	}
	return err ? message_failure(err, run->args->inputs[0], run->args->inputs[1]) : STATUS_DONE;
}

static bool run_report(const struct diff_run *run)
{
	struct diff_result result = {
		.inputs = run->args->inputs,
		.opened = run->opened,
		.counts = &run->counts,
		.content = run->args->content,
		.verbose = run->args->verbose > 0,
		.seconds = clock_now() - run->started,
		.warnings = run->log.warnings,
	};

	if (run->args->ranges)
		return true;
	return run->args->json ? diff_report_json(&result) : diff_report_text(&result);
}

static int run_all(struct diff_run *run)
{
	int status = run_open(run, 0);

	if (status == STATUS_DONE)
		status = run_open(run, 1);
	if (status == STATUS_DONE)
		status = run_diff(run);
	if (status != STATUS_DONE)
		return status;
	if (!run_report(run)) {
		message_error("out of memory for the report");
		return STATUS_FAILED;
	}
	if (run->args->check && run->counts.differs)
		return STATUS_FINDINGS;
	return run->counts.partial[0] || run->counts.partial[1] ? STATUS_PARTIAL : STATUS_DONE;
}

int cmd_diff(int argc, char **argv)
{
	struct diff_args args;
	int status = diff_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct diff_run run = {.args = &args, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.json ? json_array() : NULL;
	progress_init(&run.progress, false);
	status = run_all(&run);
	for (size_t i = 0; i < 2; i++)
		opened_close(&run.opened[i]);
	json_decref(run.log.warnings);
	return status;
}
