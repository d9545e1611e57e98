/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "compat/faces.h"
#include "completion.h"
#include "cores.h"
#include "message.h"
#include "program.h"
#include "suggest.h"
#include "version.h"

static int cmd_help(int argc, char **argv);

/* Commands for eyes on a dump, not for the crash kernel that takes it. */
#ifdef HAVE_ANALYSIS
#define ANALYSIS(run, options) run, options
#else
#define ANALYSIS(run, options) NULL, NULL
#endif

const struct command commands[] = {
	{"filter", "write the pages worth keeping to a smaller dump", cmd_filter, filter_options},
	{"convert", "write all pages of a dump in another form",
	 ANALYSIS(cmd_convert, convert_options)},
	{"verify", "check every byte of a dump, or hold it against another",
	 ANALYSIS(cmd_verify, verify_options)},
	{"audit", "tell the state of every page, and whether that adds up", cmd_audit,
	 audit_options},
	{"explain", "tell of single pages what they are and why",
	 ANALYSIS(cmd_explain, explain_options)},
	{"dmesg", "write the kernel's log", cmd_dmesg, dmesg_options},
	{"diff", "tell what changed between two dumps", ANALYSIS(cmd_diff, diff_options)},
	{"estimate", "tell how large a filtered dump would be, and how long it would take",
	 ANALYSIS(cmd_estimate, estimate_options)},
	{"info", "tell what a dump is and what is known of its kernel", cmd_info, info_options},
	{"help", "show the help of a command", cmd_help, NULL},
	{0},
};

static void print_help(FILE *stream)
{
	fputs("Usage: vmcull COMMAND [OPTION]... [FILE]...\n"
	      "Shrinks Linux crash dumps and tells the truth about every page in them.\n"
	      "\n"
	      "Commands:\n",
	      stream);
	for (const struct command *command = commands; command->name; command++) {
		if (command->run)
			fprintf(stream, "  %-10s %s\n", command->name, command->summary);
	}
	fputs("\n"
	      "  -h, --help     show this help and exit\n"
	      "  -V, --version  show the version and what is built in, and exit\n"
	      "\n"
	      "'vmcull help COMMAND' tells about one of them; see also vmcull(8).\n"
	      "Called makedumpfile or vmcore-dmesg it is that: see vmcull-makedumpfile(7).\n",
	      stream);
}

static const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static int unknown_command(const char *name)
{
	const struct command *known = command_find(name);
	struct suggestion suggestion;

	if (known)
		return message_usage(NULL, "'%s' is not in this build: it was built small", name);

	suggestion_init(&suggestion, name);
	for (const struct command *command = commands; command->name; command++)
		suggestion_offer(&suggestion, command->name);
	if (suggestion.name)
		return message_usage(NULL, "unknown command '%s'; did you mean '%s'?", name,
				     suggestion.name);
	return message_usage(NULL, "unknown command '%s'", name);
}

static int cmd_help(int argc, char **argv)
{
	const struct command *command;

	if (argc > 2)
		return message_usage(NULL, "unexpected argument '%s'", argv[2]);
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
		print_help(stdout);
		return STATUS_DONE;
	}
	command = command_find(argv[1]);
	if (!command || !command->run)
		return unknown_command(argv[1]);

	char option[] = "--help";
	char *arguments[] = {argv[1], option, NULL};

	return command->run(2, arguments);
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_help(stdout);
		return STATUS_DONE;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		version_print();
		return STATUS_DONE;
	}
#ifdef HAVE_COMPLETION
	if (strncmp(name, "--completion=", 13) == 0)
		return completion_print(name + 13);
#endif
	if (name[0] == '-')
		return message_usage(NULL, "unknown option '%s'; a command comes first", name);

	const struct command *command = command_find(name);
	int (*face)(int argc, char **argv) = face_find(name);

	if (face)
		return face(argc - 1, argv + 1);
	if (!command || !command->run)
		return unknown_command(name);
	if (command->run != cmd_filter)
		cores_forbid();
	return command->run(argc - 1, argv + 1);
}

int program_run(int argc, char **argv)
{
	int (*face)(int argc, char **argv) = argc > 0 ? face_find(argv[0]) : NULL;

	return face ? face(argc, argv) : run(argc, argv);
}
