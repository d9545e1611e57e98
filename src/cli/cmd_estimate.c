/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull estimate: how large a filtered dump would be, and how long it would take. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include <vmcull/vmcull.h>

#include "clock.h"
#include "command.h"
#include "estimate_args.h"
#include "estimate_report.h"
#include "json.h"
#include "message.h"
#include "opened.h"
#include "progress.h"

/* What a run holds; NULL where it did not get so far. */
struct estimate_run {
	const struct estimate_args *args;
	struct message_log log;
	struct progress progress;
	struct opened opened;
	struct vmc_estimate *estimate;
	uint64_t available;
	double started;
};

/* What a user without privileges can still write there. */
static int run_ask_space(struct estimate_run *run)
{
	struct statvfs status;

	if (statvfs(run->args->target, &status) != 0) {
		message_error("%s: %s", run->args->target, strerror(errno));
		return STATUS_FAILED;
	}
	if (__builtin_mul_overflow((uint64_t)status.f_bavail, (uint64_t)status.f_frsize,
				   &run->available))
		run->available = UINT64_MAX;
	return STATUS_DONE;
}

static int run_open(struct estimate_run *run)
{
	const struct estimate_args *args = run->args;
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
	};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo,
		.vmlinux_path = args->vmlinux,
	};

	return opened_open(&run->opened, args->input, &dump_options, &target_options);
}

static int run_estimate(struct estimate_run *run)
{
	const struct estimate_args *args = run->args;
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_estimate_options options = {
		.codecs = args->codecs,
		.codec_count = args->codec_count,
		.levels = args->levels,
		.sample = args->sample,
		.progress = &progress,
	};

	run->progress.page_size = vmc_target_page_size(run->opened.target);

	struct vmc_error *err = vmc_estimate_create(run->opened.target, &options, &run->estimate);

	progress_end(&run->progress);
	return err ? message_failure(err, args->input, NULL) : STATUS_DONE;
}

static bool run_report(const struct estimate_run *run)
{
	struct estimate_result result = {
		.args = run->args,
		.dump = run->opened.dump,
		.target = run->opened.target,
		.estimate = run->estimate,
		.available = run->available,
		.seconds = clock_now() - run->started,
		.warnings = run->log.warnings,
	};

	return run->args->json ? estimate_report_json(&result) : estimate_report_text(&result);
}

static int run_all(struct estimate_run *run)
{
	int status = run_ask_space(run);

	if (status == STATUS_DONE)
		status = run_open(run);
	if (status == STATUS_DONE)
		status = run_estimate(run);
	if (status != STATUS_DONE)
		return status;
	if (run_report(run))
		return STATUS_DONE;
	message_error("out of memory for the report");
	return STATUS_FAILED;
}

int cmd_estimate(int argc, char **argv)
{
	struct estimate_args args;
	int status = estimate_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct estimate_run run = {.args = &args, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.json ? json_array() : NULL;
	progress_init(&run.progress, false);
	status = run_all(&run);
	vmc_estimate_destroy(run.estimate);
	opened_close(&run.opened);
	json_decref(run.log.warnings);
	return status;
}
