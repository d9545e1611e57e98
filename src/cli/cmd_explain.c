/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull explain: one page in every detail. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "explain_report.h"
#include "json.h"
#include "message.h"
#include "opened.h"
#include "options.h"

enum { OPTION_JSON = OPTION_LONG, OPTION_NO_BTF };

const struct option_spec explain_options[] = {
	{'i', "vmcoreinfo-file", "FILE", "take VMCOREINFO from a file"},
	{'x', "vmlinux", "FILE", "take symbols and debug information from a vmlinux"},
	{OPTION_NO_BTF, "no-btf", NULL, "do without the type information in the dump"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

struct explain_args {
	bool json, no_btf;
	unsigned int verbose;
	const char *vmcoreinfo_file, *vmlinux;
	const char *input;
	char **pages; /* ends with NULL */
};

static void print_help(void)
{
	puts("Usage: vmcull explain [OPTION]... VMCORE PAGE...\n"
	     "Tells what is known of single pages, and why they are what they are.\n\n"
	     "A PAGE is a decimal page frame number, or an address 0x...: physical, virtual,\n"
	     "or of a struct page.  What a number does not tell, a prefix does: pfn:N,\n"
	     "phys:0x..., virt:0x..., page:0x....\n");
	options_help(stdout, explain_options);
	puts("\nSee vmcull-explain(8), and vmcull(5) for the JSON.");
}

static void option_take(struct explain_args *args, int id, const char *value)
{
	switch (id) {
	case OPTION_JSON:
		args->json = true;
		break;
	case OPTION_NO_BTF:
		args->no_btf = true;
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
static int explain_parse(struct explain_args *args, int argc, char **argv, bool *ret_help)
{
	const char *value;
	int id;

	*ret_help = false;
	options_reset();
	while ((id = options_next(argc, argv, explain_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			*ret_help = true;
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		option_take(args, id, value);
	}
	if (optind >= argc)
		return message_usage(argv[0], "VMCORE is missing");
	if (!argv[optind][0])
		return message_usage(argv[0], "VMCORE is empty");
	if (optind + 1 >= argc)
		return message_usage(argv[0], "PAGE is missing: which page?");
	args->input = argv[optind];
	args->pages = argv + optind + 1;
	return STATUS_DONE;
}

/* What a run holds. */
struct explain_run {
	const struct explain_args *args;
	struct vmc_explainer *explainer;
	struct vmc_explanation *page;
	struct json_document document;
	struct vmc_dump_history history;
	bool more; /* a page was printed */
	int status;
};

static struct vmc_error *explain_one(struct explain_run *run, const char *argument,
				     struct vmc_location *location)
{
	struct vmc_error *err = vmc_explain_locate(run->explainer, argument, location);

	return err ? err : vmc_explain_page(run->explainer, location->pfn, run->page);
}

static void report_one(struct explain_run *run, const char *argument)
{
	struct vmc_location location;
	struct vmc_error *err = explain_one(run, argument, &location);
	const struct explained explained = {
		.argument = argument,
		.location = err ? NULL : &location,
		.page = err ? NULL : run->page,
		.problem = vmc_explainer_problem(run->explainer),
		.map_only = run->history.map_only,
	};

	if (run->args->json) {
		json_document_element(&run->document,
				      explain_report_json(&explained,
							  err ? vmc_error_message(err) : NULL));
	} else if (!err) {
		if (run->more)
			putchar('\n');
		run->more = true;
		if (!explain_report_text(&explained)) {
			message_error("out of memory for the report");
			run->status = STATUS_FAILED;
		}
	}
	fflush(stdout);
	if (err) {
		message_error("%s", vmc_error_message(err));
		vmc_error_free(err);
		run->status = STATUS_FAILED;
	}
}

static void report_all(struct explain_run *run)
{
	const struct explain_args *args = run->args;
	const char *problem = vmc_explainer_problem(run->explainer);

	if (args->json) {
		json_document_begin(&run->document, stdout, "vmcull.explain/1");
		json_document_member(&run->document, "path", json_text(args->input));
		json_document_array_begin(&run->document, "pages");
	}
	for (char **argument = args->pages; *argument; argument++)
		report_one(run, *argument);
	if (args->json) {
		json_document_array_end(&run->document);
		json_document_member(&run->document, "error", json_text(problem));
		if (!json_document_end(&run->document)) {
			message_error("out of memory for the report");
			run->status = STATUS_FAILED;
		}
	}
	fflush(stdout);
	if (problem) {
		message_error("%s: %s", args->input, problem);
		run->status = STATUS_FAILED;
	}
}

static int explain_opened(const struct explain_args *args, struct opened *opened)
{
	struct explain_run run = {.args = args, .page = malloc(sizeof(*run.page))};
	struct vmc_error *err = vmc_explainer_create(opened->target, &run.explainer);

	if (err) {
		free(run.page);
		return message_failure(err, args->input, NULL);
	}
	vmc_dump_history(opened->dump, &run.history);
	if (run.page) {
		report_all(&run);
	} else {
		message_error("out of memory");
		run.status = STATUS_FAILED;
	}
	vmc_explainer_destroy(run.explainer);
	free(run.page);
	return run.status;
}

static int explain_run(const struct explain_args *args, struct message_log *log)
{
	struct vmc_dump_options dump_options = {.log = message_log(log)};
	struct vmc_target_options target_options = {
		.vmcoreinfo_path = args->vmcoreinfo_file,
		.vmlinux_path = args->vmlinux,
		.type_information = !args->no_btf,
	};
	struct opened opened = {0};
	int status = opened_open(&opened, args->input, &dump_options, &target_options);

	if (status == STATUS_DONE)
		status = explain_opened(args, &opened);
	opened_close(&opened);
	return status;
}

int cmd_explain(int argc, char **argv)
{
	struct explain_args args = {0};
	bool help;
	int status = explain_parse(&args, argc, argv, &help);

	if (status != STATUS_DONE)
		return status;
	if (help) {
		print_help();
		return STATUS_DONE;
	}

	struct message_log log = {.level = message_level(args.verbose)};

	return explain_run(&args, &log);
}
