/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull convert: all pages of a dump in another form. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
#include "signals.h"

/* What a run holds; NULL and 0 where it did not get so far. */
struct convert_run {
	const struct convert_args *args;
	struct message_log log;
	struct progress progress;
	struct vmc_dump *dump;
	struct vmc_plan *plan;
	struct vmc_write_options options;
	struct vmc_write_summary written;
	double started;
};

static bool to_stdout(const struct convert_args *args)
{
	return strcmp(args->output, "-") == 0;
}

static int check_output(const struct convert_args *args)
{
	for (size_t i = 0; i < args->inputs.count && !to_stdout(args); i++) {
		int status = output_check(args->output, args->inputs.paths[i], args->force);

		if (status != STATUS_DONE)
			return status;
	}
	return STATUS_DONE;
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
	return err ? inputs_failure(&args->inputs, err, NULL) : STATUS_DONE;
}

/* A stream into a file, which gets its name when it has its end. */
static struct vmc_error *write_stream_file(struct convert_run *run, int *ret_errno)
{
	const char *output = run->args->output;
	char *unfinished = NULL;
	struct vmc_error *err = NULL;

	if (asprintf(&unfinished, "%s.incomplete", output) < 0) {
		*ret_errno = ENOMEM;
		return NULL;
	}
	if (run->args->force)
		unlink(unfinished);

	int fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*ret_errno = fd < 0 ? errno : 0;
	if (fd >= 0) {
		err = vmc_write_stream(run->plan, fd, output, &run->options, &run->written);
		if (close(fd) && !err)
			*ret_errno = errno;
		if (!err && !*ret_errno && rename(unfinished, output))
			*ret_errno = errno;
		/* Nobody reads a stream without its end. */
		if (err || *ret_errno)
			unlink(unfinished);
	}
	free(unfinished);
	return err;
}

static int run_write(struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_error *err;
	int error_number = 0;

	run->options = (struct vmc_write_options){
		.format = args->format,
		.codec = args->codec,
		.stored = args->stored,
		.no_checksums = args->no_checksums,
		.replace = args->force,
		.progress = &progress,
	};
	if (to_stdout(args))
		err = vmc_write_stream(run->plan, STDOUT_FILENO, "standard output", &run->options,
				       &run->written);
	else if (args->flattened)
		err = write_stream_file(run, &error_number);
	else
		err = vmc_write(run->plan, args->output, &run->options, &run->written);
	progress_end(&run->progress);
	if (error_number) {
		message_error("%s: %s", args->output, strerror(error_number));
		return STATUS_FAILED;
	}
	if (!err)
		return STATUS_DONE;
	/* A copy that is not whole is worth nothing: the input still is. */
	if (run->written.incomplete && !args->flattened)
		unlink(run->written.path);
	if (signal_caught() && vmc_error_code(err) == VMC_ERR_INTERRUPTED) {
		message_error("%s: stopped by %s", args->output, signal_caught_name());
		vmc_error_free(err);
		return STATUS_FAILED;
	}
	return message_failure(err, args->output, args->inputs.paths[0]);
}

static int run_report(const struct convert_run *run)
{
	const struct convert_args *args = run->args;
	struct convert_result result = {
		.dump = run->dump,
		.inputs = args->inputs,
		.format = args->format,
		.flattened = args->flattened,
		.output = args->output,
		.codec = args->codec,
		.stored = args->stored,
		.counts = vmc_plan_counts(run->plan),
		.written = &run->written,
		.seconds = clock_now() - run->started,
		.warnings = run->log.warnings,
	};
	struct vmc_dump_history history;

	if (args->json ? !convert_report_json(&result)
		       : !args->quiet && !convert_report_text(&result)) {
		message_error("out of memory for the report; the dump is not affected");
		return STATUS_FAILED;
	}
	vmc_dump_history(run->dump, &history);
	return history.incomplete || run->written.unreadable_pages ? STATUS_PARTIAL : STATUS_DONE;
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
	status = check_output(&args);
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
	json_decref(run.log.warnings);
	return status;
}
