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
#include "opened.h"
#include "progress.h"
#include "sandbox.h"
#include "trace.h"

/* What a run holds; NULL where it did not get so far. */
struct audit_run {
	const struct audit_args *args;
	struct message_log log;
	struct progress progress;
	struct pictures pictures;
	struct trace *trace;
	struct opened opened;
	struct vmc_audit *audit;
	double started;
};

static int run_open(struct audit_run *run)
{
	const struct audit_args *args = run->args;
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = args->no_mmap,
		.trace = run->trace ? trace_read : NULL,
		.trace_arg = run->trace,
	};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo,
		.vmlinux_path = args->vmlinux,
		.type_information = !args->no_btf,
	};

	return opened_open_set(&run->opened, &args->inputs, &dump_options, &target_options);
}

static bool take_range(void *arg, const struct vmc_audit *audit,
		       const struct vmc_audit_range *range)
{
	struct audit_run *run = arg;

	if (pictures_wanted(&run->pictures) && !pictures_add(&run->pictures, range))
		return false;
	if (!run->args->ranges)
		return true;
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
	/* The page tells of content where that does not split what --ranges prints. */
	bool split_content = args->attributes || (run->pictures.html && !args->ranges);
	struct vmc_audit_options options = {
		.fast = args->fast,
		.zero = args->zero,
		.split = args->attributes ? UINT32_MAX : 0,
		.split_content = split_content,
		.split_migrate_type = args->attributes,
		.range = take_range,
		.range_arg = run,
		.progress = &progress,
	};

	run->pictures.content = split_content;

	int status = pictures_wanted(&run->pictures)
			     ? pictures_begin(&run->pictures, run->opened.dump, run->opened.target)
			     : STATUS_DONE;

	if (status != STATUS_DONE)
		return status;
	if (args->ranges && args->format == AUDIT_CSV)
		audit_range_csv_head();

	struct vmc_error *err = vmc_audit_run(run->opened.target, &options, &run->audit);

	progress_end(&run->progress);
	/* What stopped it from inside of the callback says more. */
	if (err && run->pictures.err) {
		vmc_error_free(err);
		err = run->pictures.err;
		run->pictures.err = NULL;
	}
	/* Standard output is told of where it is closed. */
	if (err && ferror(stdout)) {
		vmc_error_free(err);
		return STATUS_FAILED;
	}
	return err ? inputs_failure(&args->inputs, err, NULL) : STATUS_DONE;
}

static bool run_report(const struct audit_run *run)
{
	const struct audit_args *args = run->args;
	struct audit_result result = {
		.input = args->input,
		.dump = run->opened.dump,
		.target = run->opened.target,
		.audit = run->audit,
		.fast = args->fast,
		.zero = args->zero,
		.verbose = args->verbose > 0,
		.seconds = clock_now() - run->started,
		.warnings = run->log.warnings,
	};

	if (args->ranges || args->map_on_stdout)
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

/* Did a check that was asked for find something?  Could a part of the memory map not be read? */
static int check_findings(const struct audit_run *run)
{
	const struct vmc_finding *finding;
	int status = STATUS_DONE;

	for (size_t i = 0; (finding = vmc_audit_finding(run->audit, i)); i++) {
		if (run->args->check && finding->severity >= run->args->severity)
			return STATUS_FINDINGS;
		if (strcmp(finding->name, "map-unreadable") == 0)
			status = STATUS_PARTIAL;
	}
	if (status == STATUS_PARTIAL) /* --ranges shows no findings */
		message_error("%s: a part of the memory map could not be read", run->args->input);
	return status;
}

static int run_trace(struct audit_run *run)
{
	const char *trace = run->args->trace;

	if (trace)
		run->trace = trace_open(trace, false);
	return !trace || run->trace ? STATUS_DONE : STATUS_FAILED;
}

/* When all is open but pictures. */
static void run_sandbox(struct audit_run *run)
{
	const char *files[PICTURES_MAX + 1];
	struct vmc_log log = message_log(&run->log);
	struct sandbox sandbox = {
		.inputs = run->args->inputs.paths,
		.input_count = run->args->inputs.count,
		.outputs = files,
		.output_count = pictures_files(&run->pictures, files),
	};

	if (!run->args->no_sandbox)
		sandbox_enter(&sandbox, &log);
}

static int run_all(struct audit_run *run)
{
	int status = run_trace(run);

	if (status == STATUS_DONE)
		status = run_open(run);

	if (status == STATUS_DONE) {
		run->progress.page_size = vmc_target_page_size(run->opened.target);
		run_sandbox(run);
		status = run_audit(run);
	}
	if (status != STATUS_DONE)
		return status;
	if (!run_report(run)) {
		message_error("out of memory for the report");
		return STATUS_FAILED;
	}
	if (pictures_wanted(&run->pictures))
		status = pictures_write(&run->pictures, run->opened.target, run->audit,
					run->args->input);
	if (status != STATUS_DONE)
		return status;
	return check_findings(run);
}

int cmd_audit(int argc, char **argv)
{
	struct audit_args args;
	int status = audit_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;

	struct audit_run run = {.args = &args, .pictures = args.pictures, .started = clock_now()};

	run.log.level = message_level(args.verbose);
	run.log.warnings = args.format == AUDIT_JSON ? json_array() : NULL;
	progress_init(&run.progress, false);
	status = run_all(&run);
	pictures_deinit(&run.pictures);
	vmc_audit_destroy(run.audit);
	opened_close(&run.opened);
	if (!trace_close(run.trace) && status == STATUS_DONE)
		status = STATUS_FAILED;
	json_decref(run.log.warnings);
	return status;
}
