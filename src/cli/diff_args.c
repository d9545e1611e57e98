/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff_args.h"

#include <getopt.h>
#include <stdio.h>

#include "command.h"
#include "message.h"
#include "options.h"

enum {
	OPTION_JSON = OPTION_LONG,
	OPTION_RANGES,
	OPTION_ALL,
	OPTION_CONTENT,
	OPTION_CHECK,
	OPTION_NO_BTF,
	OPTION_NO_MMAP,
};

const struct option_spec diff_options[] = {
	{OPTION_CONTENT, "content", NULL, "also compare the content of pages that both have"},
	{OPTION_RANGES, "ranges", NULL, "print runs of pages that differ, a JSON object a line"},
	{OPTION_ALL, "all", NULL, "with --ranges: also those that are equal"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{OPTION_CHECK, "check", NULL, "exit with 4 when anything differs"},
	{OPTION_NO_BTF, "no-btf", NULL, "do without the kernel's symbols and type information"},
	{OPTION_NO_MMAP, "no-mmap", NULL, "read the dumps with pread() only"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull diff [OPTION]... VMCORE1 VMCORE2\n"
	     "Tells what changed from VMCORE1 to VMCORE2: states of pages, and content.\n");
	options_help(stdout, diff_options);
	puts("\nSee vmcull-diff(8), and vmcull(5) for the JSON.");
}

static void option_take(struct diff_args *args, int id)
{
	switch (id) {
	case OPTION_JSON:
		args->json = true;
		break;
	case OPTION_RANGES:
		args->ranges = true;
		break;
	case OPTION_ALL:
		args->all = true;
		break;
	case OPTION_CONTENT:
		args->content = true;
		break;
	case OPTION_CHECK:
		args->check = true;
		break;
	case OPTION_NO_BTF:
		args->no_btf = true;
		break;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		break;
	case 'v':
		args->verbose++;
		break;
	}
}

int diff_args_parse(int argc, char **argv, struct diff_args *ret_args)
{
	static const char *const names[] = {"VMCORE1", "VMCORE2", NULL};
	struct diff_args args = {0};
	const char *value;
	int id;

	options_reset();
	while ((id = options_next(argc, argv, diff_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			*ret_args = (struct diff_args){.help = true};
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		option_take(&args, id);
	}
	if (!operands_check(argc, argv, names))
		return STATUS_USAGE;
	if (args.ranges && args.json)
		return message_usage("diff", "--json and --ranges exclude each other");
	if (args.all && !args.ranges)
		return message_usage("diff", "--all goes with --ranges");
	args.inputs[0] = argv[optind];
	args.inputs[1] = argv[optind + 1];
	*ret_args = args;
	return STATUS_DONE;
}
