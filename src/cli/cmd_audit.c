/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull audit: the state of every page, and whether that adds up. */
#include <stdio.h>
#include <string.h>

#include <vmcull/vmcull.h>

#include "audit_args.h"
#include "audit_report.h"
#include "clock.h"
#include "command.h"
#include "json.h"
#include "message.h"
#include "progress.h"

/* What a run holds; NULL where it did not get so far. */
struct audit_run {
	const struct audit_args *args;
	struct message_log log;
	struct progress progress;
	struct vmc_dump *dump;
	struct vmc_target *target;
	struct vmc_audit *audit;
	double started;
};

static int run_open(struct audit_run *run)
{
	const struct audit_args *args = run->args;
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
	};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo,
		.type_information = !args->no_btf,
	};
	struct vmc_error *err = vmc_dump_open(args->input, &dump_options, &run->dump);

	if (!err)
		err = vmc_target_open(run->dump, &target_options, &run->target);
	return err ? message_failure(err, args->input, args->vmcoreinfo) : STATUS_DONE;
}

static bool print_range(void *arg, const struct vmc_audit *audit,
			const struct vmc_audit_range *range)
{
	const struct audit_run *run = arg;

	if (run->args->format == AUDIT_CSV)
		audit_range_csv(audit, range);
	else
		audit_range_json(audit, range, run->args->attributes);
	return !ferror(stdout);
}

static int run_audit(struct audit_run *run)
{
	const struct audit_args *args = run->args;
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_audit_options options = {
		.fast = args->fast,
		.zero = args->zero,
		.split = args->attributes ? UINT32_MAX : 0,
		.split_content = args->attributes,
		.range = args->ranges ? print_range : NULL,
		.range_arg = run,
		.progress = &progress,
	};

	if (args->ranges && args->format == AUDIT_CSV)
		audit_range_csv_head();

	struct vmc_error *err = vmc_audit_run(run->target, &options, &run->audit);

	progress_end(&run->progress);
	return err ? message_failure(err, args->input, NULL) : STATUS_DONE;
}

static bool run_report(const struct audit_run *run)
{
	const struct audit_args *args = run->args;
	struct audit_result result = {
		.input = args->input,
		.dump = run->dump,
		.target = run->target,
		.audit = run->audit,
		.fast = args->fast,
		.zero = args->zero,
		.verbose = args->verbose > 0,
		.seconds = clock_now() - run->started,
		.warnings = run->log.warnings,
	};

	if (args->ranges)
		return true;
	switch (args->format) {
	case AUDIT_JSON:
		return audit_report_json(&result);
	case AUDIT_CSV:
		return audit_report_csv(&result);
	default:
		return audit_report_text(&result);
	}
}

/* Did a check that was asked for find something? */
static int check_findings(const struct audit_run *run)
{
	const struct vmc_finding *finding;

	for (size_t i = 0; run->args->check && (finding = vmc_audit_finding(run->audit, i)); i++) {
		if (finding->severity >= run->args->severity)
			return STATUS_FINDINGS;
	}
	return STATUS_DONE;
}

static int run_all(struct audit_run *run)
{
	int status = run_open(run);

	if (status == STATUS_DONE) {
		run->progress.page_size = vmc_target_page_size(run->target);
		status = run_audit(run);
	}
	if (status != STATUS_DONE)
		return status;
	if (!run_report(run)) {
		message_error("out of memory for the report");
		return STATUS_FAILED;
	}
	return check_findings(run);
}

int cmd_audit(int argc, char **argv)
{
	struct audit_args args;
	int status = audit_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct audit_run run = {.args = &args, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.format == AUDIT_JSON ? json_array() : NULL;
	progress_init(&run.progress, false);
	status = run_all(&run);
	vmc_audit_destroy(run.audit);
	if (run.target)
		vmc_target_close(run.target);
	if (run.dump)
		vmc_dump_close(run.dump);
	json_decref(run.log.warnings);
	return status;
}
