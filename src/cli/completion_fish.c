/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "completion.h"

static void print_description(const char *text)
{
	fputs(" -d '", stdout);
	print_escaped(text, "\\'");
	puts("'");
}

static void print_value(const struct option_spec *spec)
{
	struct option_value value = option_value(spec);

	/* -x: a value that is no file; -r -F: one that is; one that is optional is not required */
	switch (value.kind) {
	case VALUE_ANY:
		fputs(value.optional ? " -f" : " -x", stdout);
		break;
	case VALUE_FILE:
		fputs(" -r -F", stdout);
		break;
	case VALUE_DIRECTORY:
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
		break;
	case VALUE_WORD:
		printf(" %s -a '", value.optional ? "-f" : "-x");
		option_value_print_words(&value, spec);
		fputs("'", stdout);
		break;
	case VALUE_LIST:
		fputs(" -x -a '(__fish_append ,", stdout);
		option_value_print_words(&value, spec);
		fputs(")'", stdout);
		break;
	}
}

/* Only a face has no summary: it is a program of its own. */
static void print_options(const struct command *command)
{
	for (const struct option_spec *spec = command->options; spec->id; spec++) {
		if (command->summary)
			printf("complete -c vmcull -n '__fish_seen_subcommand_from %s'",
			       command->name);
		else
			printf("complete -c %s", command->name);
		if (spec->id < OPTION_LONG)
			printf(" -s %c", spec->id);
		if (spec->name)
			printf(" -l %s", spec->name);
		if (spec->value)
			print_value(spec);
		print_description(option_text(spec));
	}
}

void completion_print_fish(void)
{
	const struct command *completed;

	puts("# fish completion for vmcull, by vmcull --completion=fish\n\n"
	     "complete -c vmcull -n __fish_use_subcommand -f\n"
	     "complete -c vmcull -n '__fish_seen_subcommand_from help' -f\n"
	     "complete -c vmcull -n __fish_use_subcommand -s h -l help -d 'show help and exit'\n"
	     "complete -c vmcull -n __fish_use_subcommand -s V -l version "
	     "-d 'show the version and what is built in, and exit'");
	for (const struct command *command = commands; command->name; command++) {
		if (!command->run)
			continue;
		printf("complete -c vmcull -n __fish_use_subcommand -a %s", command->name);
		print_description(command->summary);
		printf("complete -c vmcull -n '__fish_seen_subcommand_from help' -a %s",
		       command->name);
		print_description(command->summary);
	}
	for (size_t i = 0; (completed = completed_command(i)); i++)
		print_options(completed);
}
