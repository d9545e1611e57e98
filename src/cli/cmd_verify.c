/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull verify: is a dump whole? */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "json.h"
#include "message.h"
#include "options.h"
#include "progress.h"
#include "signals.h"
#include "verify_report.h"

#define DEFAULT_LIMIT 20

struct verify_args {
	const char *against;
	int limit;
	bool no_mmap, json, quiet;
	unsigned int verbose;
	char **paths;
	int count;
};

enum {
	OPTION_AGAINST = OPTION_LONG,
	OPTION_LIMIT,
	OPTION_NO_MMAP,
	OPTION_JSON,
};

const struct option_spec verify_options[] = {
	{OPTION_AGAINST, "against", "VMCORE", "hold every page against that of another dump"},
	{OPTION_LIMIT, "limit", "N", "list N findings of each dump, 0: all (default: 20)"},
	{OPTION_NO_MMAP, "no-mmap", NULL, "read the dumps, do not map them"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{'q', "quiet", NULL, "no progress, and no report unless --json"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull verify [OPTION]... DUMP...\n"
	     "Reads all of each DUMP and tells what is damaged.\n");
	options_help(stdout, verify_options);
	puts("\nSee vmcull-verify(8), and vmcull(5) for the JSON.");
}

static bool option_take(struct verify_args *args, int id, const char *value)
{
	switch (id) {
	case OPTION_AGAINST:
		args->against = value;
		return true;
	case OPTION_LIMIT:
		if (parse_number(value, 0, INT_MAX, &args->limit))
			return true;
		message_usage("verify", "--limit: '%s' is no number", value);
		return false;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		return true;
	case OPTION_JSON:
		args->json = true;
		return true;
	case 'q':
		args->quiet = true;
		return true;
	case 'v':
		args->verbose++;
		return true;
	}
	return false;
}

static int args_parse(int argc, char **argv, struct verify_args *args, bool *ret_help)
{
	const char *value;
	int id;

	options_reset();
	while ((id = options_next(argc, argv, verify_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			*ret_help = true;
			return STATUS_DONE;
		}
		if (id == OPTION_BAD || !option_take(args, id, value))
			return STATUS_USAGE;
	}
	if (optind == argc)
		return message_usage("verify", "DUMP is missing");
	args->paths = argv + optind;
	args->count = argc - optind;
	return STATUS_DONE;
}

struct verify_run {
	const struct verify_args *args;
	struct message_log log;
	struct progress progress;
	struct json_document document;
};

/* Is the file itself what is wrong?  Else there is nothing to say of it. */
static bool is_damage(const struct vmc_error *err)
{
	switch (vmc_error_code(err)) {
	case VMC_ERR_CORRUPT:
	case VMC_ERR_TRUNCATED:
	case VMC_ERR_LIMIT:
	case VMC_ERR_MISSING:
		return true;
	default:
		return false;
	}
}

static struct vmc_error *verify_opened(struct verify_run *run, struct vmc_dump *dump,
				       struct verify_list *list, struct vmc_verify_summary *summary)
{
	struct vmc_dump_options dump_options = {
		.log = message_log(&run->log),
		.no_mmap = run->args->no_mmap,
	};
	struct vmc_progress progress = progress_callback(&run->progress);
	struct vmc_verify_options options = {
		.found = run->args->quiet && !list->json ? NULL : verify_list_add,
		.arg = list,
		.progress = &progress,
	};
	struct vmc_error *err = NULL;

	if (run->args->against)
		err = vmc_dump_open(run->args->against, &dump_options, &options.against);
	if (!err)
		err = vmc_verify(dump, &options, summary);
	progress_end(&run->progress);
	if (options.against)
		vmc_dump_close(options.against);
	return err;
}

static void report(struct verify_run *run, const struct verify_result *result)
{
	if (run->args->json)
		json_document_element(&run->document, verify_report_json(result));
	else if (!run->args->quiet)
		verify_report_text(result);
}

static int verify_file(struct verify_run *run, const char *path)
{
	struct vmc_dump_options options = {
		.log = message_log(&run->log),
		.no_mmap = run->args->no_mmap,
	};
	struct vmc_verify_summary summary = {0};
	struct verify_list list = {.limit = (uint64_t)run->args->limit};
	struct vmc_dump_history history = {0};
	struct vmc_dump *dump = NULL;
	struct vmc_error *err;
	int status = STATUS_DONE;

	list.json = run->args->json ? json_array() : NULL;
	err = vmc_dump_open(path, &options, &dump);
	if (!err) {
		vmc_dump_history(dump, &history);
		err = verify_opened(run, dump, &list, &summary);
	}
	if (err && !is_damage(err)) {
		status = message_failure(err, path, run->args->against);
		json_decref(list.json);
	} else {
		struct verify_result result = {
			.path = path,
			.against = run->args->against,
			.dump = dump,
			.error = err ? vmc_error_message(err) : NULL,
			.summary = &summary,
			.list = &list,
		};

		report(run, &result);
		if (err || vmc_verify_total(&summary))
			status = STATUS_FINDINGS;
		else if (history.incomplete)
			status = STATUS_PARTIAL;
		vmc_error_free(err);
	}
	if (dump)
		vmc_dump_close(dump);
	return status;
}

/* What is worst of several files: one that could not be checked, then findings. */
static int worse(int a, int b)
{
	static const int order[] = {STATUS_FAILED, STATUS_FINDINGS, STATUS_PARTIAL};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return STATUS_DONE;
}

int cmd_verify(int argc, char **argv)
{
	struct verify_args args = {.limit = DEFAULT_LIMIT};
	struct verify_run run = {.args = &args};
	bool help = false;
	int status = args_parse(argc, argv, &args, &help);

	if (status != STATUS_DONE || help)
		return status;
	run.log.level = message_level(args.verbose);
	progress_init(&run.progress, args.quiet);
	if (args.json) {
		json_document_begin(&run.document, stdout, "vmcull.verify/1");
		json_document_array_begin(&run.document, "dumps");
	}
	for (int i = 0; i < args.count && !signal_caught(); i++) {
		if (i && !args.json && !args.quiet)
			putchar('\n');
		status = worse(status, verify_file(&run, args.paths[i]));
	}
	if (!args.json)
		return status;
	json_document_array_end(&run.document);
	if (json_document_end(&run.document))
		return status;
	message_error("out of memory for the report");
	return STATUS_FAILED;
}
