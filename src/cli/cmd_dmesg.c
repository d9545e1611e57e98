/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull dmesg: the log of the dumped kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "dmesg_args.h"
#include "dmesg_json.h"
#include "message.h"
#include "new_file.h"
#include "opened.h"
#include "output.h"
#include "report.h"

#define NSEC_PER_SEC 1000000000

/* What a run holds; NULL where it did not get so far. */
struct dmesg_run {
	struct dmesg_args *args;
	struct message_log log;
	struct opened opened;
	struct vmc_dmesg *dmesg;
	struct new_file file; /* the output, unless it is stdout */
	FILE *stream;
	int64_t booted; /* nanoseconds since 1970, or 0 */
};

/* The time of the youngest record; 0 when no record has one. */
static struct vmc_error *find_last_time(struct vmc_target *target, uint64_t *ret_time)
{
	const struct vmc_dmesg_options options = {.quiet = true};
	struct vmc_dmesg_record record;
	struct vmc_dmesg *dmesg;
	struct vmc_error *err = vmc_dmesg_open(target, &options, &dmesg);
	uint64_t last = 0;

	if (err)
		return err;
	while (vmc_dmesg_next(dmesg, &record))
		if (record.has_time && record.time > last)
			last = record.time;
	vmc_dmesg_close(dmesg);
	*ret_time = last;
	return NULL;
}

/* Nothing in VMCOREINFO tells when the machine was started.  The last that a kernel logs is why it
 * crashes, and then it notes CRASHTIME. */
static struct vmc_error *run_estimate_boot(struct dmesg_run *run)
{
	int64_t crash = vmc_target_crash_time(run->opened.target), booted;
	uint64_t last;
	struct vmc_error *err = find_last_time(run->opened.target, &last);

	if (err || !last || !crash)
		return err;
	if (!__builtin_mul_overflow(crash, NSEC_PER_SEC, &booted) &&
	    !__builtin_sub_overflow(booted, last, &booted))
		run->booted = booted;
	if (run->booted && !run->args->json && run->args->style.time == DMESG_TIME_ISO) {
		char text[REPORT_TIME_LENGTH];

		message_error("times are estimated: the last record, at %" PRIu64 ".%06" PRIu64
			      " s, is taken for the time of the crash, %s",
			      last / NSEC_PER_SEC, last % NSEC_PER_SEC / 1000,
			      report_time(text, crash, false));
	}
	return NULL;
}

static int run_open(struct dmesg_run *run)
{
	const struct dmesg_args *args = run->args;
	struct vmc_dump_options dump_options = {.log = message_log(&run->log)};
	struct vmc_target_options target_options = {.vmcoreinfo_path = args->vmcoreinfo};
	struct vmc_dmesg_options options = {.since_clear = args->since_clear};
	struct vmc_error *err = NULL;
	int status = opened_open(&run->opened, args->input, &dump_options, &target_options);

	if (status != STATUS_DONE)
		return status;
	if (args->json || args->style.time == DMESG_TIME_ISO)
		err = run_estimate_boot(run);
	if (!err)
		err = vmc_dmesg_open(run->opened.target, &options, &run->dmesg);
	if (err)
		return message_failure(err, args->input, NULL);
	if (args->style.time == DMESG_TIME_ISO && !run->booted) {
		message_error("%s: no wall clock: when the machine crashed is not known",
			      args->input);
		return STATUS_FAILED;
	}
	return STATUS_DONE;
}

static bool wants_color(enum dmesg_color color, bool terminal)
{
	const char *name = getenv("TERM");

	if (color != DMESG_COLOR_AUTO)
		return color == DMESG_COLOR_ALWAYS;
	return terminal && !getenv("NO_COLOR") && name && strcmp(name, "dumb") != 0;
}

static void run_choose_style(struct dmesg_run *run)
{
	struct dmesg_style *style = &run->args->style;

	style->terminal = isatty(fileno(run->stream)) == 1;
	style->color = wants_color(run->args->color, style->terminal);
	style->booted = run->booted;
	style->raw_lines = style->time == DMESG_TIME_BOOT && !style->decode && !style->color;
}

static int run_open_output(struct dmesg_run *run)
{
	const struct dmesg_args *args = run->args;

	if (!args->output) {
		run->stream = stdout;
		return STATUS_DONE;
	}
	if (new_file_begin(&run->file, args->output, args->force)) {
		run->stream = run->file.stream;
		return STATUS_DONE;
	}
	message_error("%s: %s", args->output, strerror(errno));
	return STATUS_FAILED;
}

/* stdout is looked after when the program ends. */
static int run_close_output(struct dmesg_run *run, int status)
{
	if (!run->stream || run->stream == stdout)
		return status;
	/* A log with gaps is all that there is of it. */
	if (new_file_end(&run->file, status == STATUS_DONE || status == STATUS_PARTIAL, true))
		return status;
	message_error("%s: is incomplete: %s", run->args->output,
		      errno ? strerror(errno) : "cannot be written");
	return STATUS_FAILED;
}

static bool is_wanted(const struct dmesg_args *args, const struct vmc_dmesg_record *record)
{
	if (args->levels && !(record->has_level && args->levels >> record->level & 1))
		return false;
	return !args->facilities || (record->has_level && record->facility < 32 &&
				     args->facilities >> record->facility & 1);
}

static void write_text(struct dmesg_run *run)
{
	struct vmc_dmesg_record record;

	while (!ferror(run->stream) && vmc_dmesg_next(run->dmesg, &record))
		if (is_wanted(run->args, &record))
			dmesg_text_record(&run->args->style, &record, run->stream);
}

static int write_json(struct dmesg_run *run)
{
	struct json_document document;
	struct vmc_dmesg_record record;

	json_document_begin(&document, run->stream, "vmcull.dmesg/1");
	json_document_member(&document, "path", json_text(run->args->input));
	json_document_member(&document, "form",
			     json_string(dmesg_json_form(vmc_dmesg_form(run->dmesg))));
	json_document_member(&document, "boot_time_estimate",
			     run->booted ? json_integer(run->booted) : json_null());
	json_document_array_begin(&document, "records");
	while (!ferror(run->stream) && vmc_dmesg_next(run->dmesg, &record))
		if (is_wanted(run->args, &record))
			json_document_element(&document, dmesg_json_record(&record));
	json_document_array_end(&document);
	json_document_member(&document, "damaged", json_count(vmc_dmesg_damaged(run->dmesg)));
	json_document_member(&document, "warnings", json_incref(run->log.warnings));
	if (json_document_end(&document))
		return STATUS_DONE;
	message_error("out of memory for the report");
	return STATUS_FAILED;
}

static int run_write(struct dmesg_run *run)
{
	int status = run_open_output(run);

	if (status != STATUS_DONE)
		return status;
	run_choose_style(run);
	if (run->args->json)
		status = write_json(run);
	else
		write_text(run);
	if (status == STATUS_DONE && vmc_dmesg_damaged(run->dmesg))
		status = STATUS_PARTIAL;
	return run_close_output(run, status);
}

int cmd_dmesg(int argc, char **argv)
{
	struct dmesg_args args;
	int status = dmesg_args_parse(argc, argv, &args);

	if (status != STATUS_DONE || args.help)
		return status;
	if (args.output && output_check(args.output, args.input, args.force) != STATUS_DONE)
		return STATUS_FAILED;

	struct dmesg_run run = {.args = &args, .log = {.level = message_level(args.verbose)}};

	run.log.warnings = args.json ? json_array() : NULL;
	status = run_open(&run);
	if (status == STATUS_DONE)
		status = run_write(&run);
	vmc_dmesg_close(run.dmesg);
	opened_close(&run.opened);
	json_decref(run.log.warnings);
	return status;
}
