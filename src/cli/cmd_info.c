/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull info: what is this file, which kernel, which facts are known and from where. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "info_report.h"
#include "message.h"
#include "opened.h"
#include "options.h"
#include "text.h"

enum { OPTION_JSON = OPTION_LONG, OPTION_FACTS, OPTION_VMCOREINFO, OPTION_RUNS };

const struct option_spec info_options[] = {
	{OPTION_FACTS, "facts", NULL, "also list the facts about the kernel, with source"},
	{OPTION_RUNS, "runs", NULL, "also list the runs of pages in the dump"},
	{OPTION_VMCOREINFO, "vmcoreinfo", NULL, "print the text of VMCOREINFO and nothing else"},
	{'i', "vmcoreinfo-file", "FILE", "take VMCOREINFO from a file"},
	{'x', "vmlinux", "FILE", "take symbols and debug information from a vmlinux"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

struct info_args {
	bool json, vmcoreinfo;
	bool facts, runs;
	unsigned int verbose;
	const char *vmcoreinfo_file, *vmlinux;
	struct inputs inputs; /* none: VMCOREINFO is made from vmlinux alone */
};

static void print_help(void)
{
	puts("Usage: vmcull info [OPTION]... VMCORE...\n"
	     "  or:  vmcull info --vmcoreinfo -x VMLINUX\n"
	     "Tells what VMCORE is, which kernel it is of and what is known of that; or makes\n"
	     "VMCOREINFO from the debug information of a kernel.\n");
	options_help(stdout, info_options);
	puts("\nSee vmcull-info(8), and vmcull(5) for the JSON.");
}

static void option_take(struct info_args *args, int id, const char *value)
{
	switch (id) {
	case OPTION_JSON:
		args->json = true;
		break;
	case OPTION_FACTS:
		args->facts = true;
		break;
	case OPTION_RUNS:
		args->runs = true;
		break;
	case OPTION_VMCOREINFO:
		args->vmcoreinfo = true;
		break;
	case 'i':
		args->vmcoreinfo_file = value;
		break;
	case 'x':
		args->vmlinux = value;
		break;
	case 'v':
		args->verbose++;
		break;
	}
}

/* Returns STATUS_DONE when the run can begin; *ret_help when help was asked for instead. */
static int info_parse(struct info_args *args, int argc, char **argv, bool *ret_help)
{
	static const char *const names[] = {"VMCORE...", NULL};
	const char *value;
	int id;

	*ret_help = false;
	options_reset();
	while ((id = options_next(argc, argv, info_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			*ret_help = true;
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		option_take(args, id, value);
	}
	if (args->vmcoreinfo && args->vmlinux && optind == argc) {
		if (args->json || args->vmcoreinfo_file || args->facts || args->runs)
			return message_usage("info", "without VMCORE, --vmcoreinfo and -x go with "
						     "nothing else");
		return STATUS_DONE;
	}
	if (!operands_check(argc, argv, names))
		return STATUS_USAGE;
	if (args->vmcoreinfo && !args->json && (args->facts || args->runs))
		return message_usage("info", "--vmcoreinfo prints nothing else, but with --json");
	args->inputs = inputs_take(argv, optind, argc);
	return STATUS_DONE;
}

/* Byte for byte into a file or pipe, where -i of a later run may want it; a terminal gets it with
 * control characters escaped. */
static void print_vmcoreinfo(const char *text, size_t size)
{
	if (!isatty(STDOUT_FILENO)) {
		fwrite(text, 1, size, stdout);
		return;
	}
	for (size_t start = 0; start < size;) {
		size_t end = start;

		while (end < size && text[end] != '\n')
			end++;
		text_write(stdout, text + start, end - start);
		putchar('\n');
		start = end + 1;
	}
}

static bool info_print(const struct info_args *args, const struct info *info)
{
	if (args->json)
		return info_report_json(info);
	if (!args->vmcoreinfo)
		return info_report_text(info);
	if (info->target) {
		size_t size;
		const char *text = vmc_target_vmcoreinfo(info->target, &size);

		print_vmcoreinfo(text, size);
	}
	return true;
}

static int info_run(const struct info_args *args, struct message_log *log)
{
	struct vmc_dump_options dump_options = {.log = message_log(log)};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo_file,
		.vmlinux_path = args->vmlinux,
		.type_information = true,
	};
	struct vmc_target *target = NULL;
	struct vmc_dump *dump;
	struct vmc_error *err =
		vmc_dump_open_set(args->inputs.paths, args->inputs.count, &dump_options, &dump);

	if (err)
		return inputs_failure(&args->inputs, err, NULL);
	err = vmc_target_open(dump, &target_options, &target);

	/* A kernel that is not understood is told last, after what the file itself tells. */
	struct info info = {
		.dump = dump,
		.target = err ? NULL : target,
		.error = err ? vmc_error_message(err) : NULL,
		.facts = args->facts,
		.runs = args->runs,
		.vmcoreinfo = args->vmcoreinfo,
	};
	int status = STATUS_DONE;

	if (!info_print(args, &info)) {
		message_error("out of memory");
		status = STATUS_FAILED;
	}
	fflush(stdout);
	if (err)
		status = inputs_failure(&args->inputs, err, args->vmcoreinfo_file);
	else
		vmc_target_close(target);
	vmc_dump_close(dump);
	return status;
}

static int info_generate(const struct info_args *args)
{
	char *text;
	struct vmc_error *err = vmc_vmcoreinfo_generate(args->vmlinux, &text);

	if (err)
		return message_failure(err, args->vmlinux, NULL);
	print_vmcoreinfo(text, strlen(text));
	free(text);
	return STATUS_DONE;
}

int cmd_info(int argc, char **argv)
{
	struct info_args args = {0};
	bool help;
	int status = info_parse(&args, argc, argv, &help);

	if (status != STATUS_DONE)
		return status;
	if (help) {
		print_help();
		return STATUS_DONE;
	}

	struct message_log log = {.level = message_level(args.verbose)};

	if (!args.inputs.count)
		return info_generate(&args);
	return info_run(&args, &log);
}
