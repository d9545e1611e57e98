/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "options.h"

enum {
	OPTION_JSON = OPTION_LONG,
	OPTION_RANGES,
	OPTION_CSV,
	OPTION_ATTRIBUTES,
	OPTION_FAST,
	OPTION_ZERO,
	OPTION_CHECK,
	OPTION_MAP,
	OPTION_HTML,
	OPTION_NO_BTF,
	OPTION_NO_MMAP,
	OPTION_NO_SANDBOX,
	OPTION_TRACE,
};

const struct option_spec audit_options[] = {
	{OPTION_RANGES, "ranges", NULL, "print each run of equal pages, a JSON object a line"},
	{OPTION_CSV, "csv", NULL, "print the counts, or with --ranges those, as CSV"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{OPTION_ATTRIBUTES, "attributes", NULL, "keep ranges of different attributes apart"},
	{OPTION_CHECK, "check", "[SEVERITY]", "exit with 4 on a note, warning (default) or error"},
	{OPTION_FAST, "fast", NULL, "go by block, and leave out what looks inside of them"},
	{OPTION_ZERO, "zero", NULL, "also read pages to find those filled with zeros"},
	{OPTION_MAP, "map", "FILE", "draw memory: FILE.png, FILE.svg, or - for the terminal"},
	{OPTION_HTML, "html", "FILE", "write a page with the report and a map to look into"},
	{'i', "vmcoreinfo", "FILE", "take VMCOREINFO from a file"},
	{'x', "vmlinux", "FILE", "take symbols and debug information from a vmlinux"},
	{OPTION_NO_BTF, "no-btf", NULL, "do without the kernel's symbols and type information"},
	{OPTION_NO_MMAP, "no-mmap", NULL, "read VMCORE, do not map it"},
	{OPTION_NO_SANDBOX, "no-sandbox", NULL, "keep all rights of a process"},
	{OPTION_TRACE, "trace-reads", "FILE", "record which ranges of VMCORE are read"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull audit [OPTION]... VMCORE...\n"
	     "Tells the state of every page in VMCORE, and whether that adds up.\n");
	options_help(stdout, audit_options);
	puts("\nSee vmcull-audit(8), and vmcull(5) for the JSON and CSV.");
}

static bool parse_severity(const char *text, enum vmc_severity *ret_severity)
{
	for (unsigned int i = VMC_SEVERITY_NOTE; i <= VMC_SEVERITY_ERROR; i++) {
		if (!strcmp(text, vmc_severity_name((enum vmc_severity)i))) {
			*ret_severity = (enum vmc_severity)i;
			return true;
		}
	}
	return false;
}

static int take_check(struct audit_args *args, const char *value)
{
	args->check = true;
	args->severity = VMC_SEVERITY_WARNING;
	if (value && !parse_severity(value, &args->severity))
		return message_usage(
			"audit", "\"%s\" is no severity; known are note, warning and error", value);
	return STATUS_DONE;
}

static int option_take(struct audit_args *args, int id, const char *value)
{
	switch (id) {
	case OPTION_JSON:
		args->format = AUDIT_JSON;
		break;
	case OPTION_RANGES:
		args->ranges = true;
		break;
	case OPTION_CSV:
		args->format = AUDIT_CSV;
		break;
	case OPTION_ATTRIBUTES:
		args->attributes = true;
		break;
	case OPTION_FAST:
		args->fast = true;
		break;
	case OPTION_ZERO:
		args->zero = true;
		break;
	case OPTION_CHECK:
		return take_check(args, value);
	case OPTION_MAP:
		args->map_on_stdout |= strcmp(value, "-") == 0;
		return pictures_add_map(&args->pictures, value);
	case OPTION_HTML:
		args->pictures.html = value;
		break;
	case OPTION_TRACE:
		args->trace = value;
		break;
	case OPTION_NO_BTF:
		args->no_btf = true;
		break;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		break;
	case OPTION_NO_SANDBOX:
		args->no_sandbox = true;
		break;
	case 'i':
		args->vmcoreinfo = value;
		break;
	case 'x':
		args->vmlinux = value;
		break;
	case 'v':
		args->verbose++;
		break;
	}
	return STATUS_DONE;
}

static int check_combination(struct audit_args *args)
{
	if (args->ranges && args->format == AUDIT_JSON)
		return message_usage("audit", "--json and --ranges exclude each other");
	if (args->attributes && !args->ranges)
		return message_usage("audit", "--attributes goes with --ranges");
	if (args->map_on_stdout && (args->ranges || args->format != AUDIT_TEXT))
		return message_usage("audit", "--map=- takes the place of a report");
	if (args->ranges && args->format == AUDIT_TEXT)
		args->format = AUDIT_RANGES;
	return STATUS_DONE;
}

int audit_args_parse(int argc, char **argv, struct audit_args *ret_args)
{
	static const char *const names[] = {"VMCORE...", NULL};
	struct audit_args args = {0};
	const char *value;
	int id, status;

	options_reset();
	while ((id = options_next(argc, argv, audit_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			*ret_args = (struct audit_args){.help = true};
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		status = option_take(&args, id, value);
		if (status != STATUS_DONE)
			return status;
	}
	if (!operands_check(argc, argv, names))
		return STATUS_USAGE;
	args.inputs = inputs_take(argv, optind, argc);
	args.input = argv[optind];
	*ret_args = args;
	return check_combination(ret_args);
}
