/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "completion.h"

/* @text inside of single quotes; @special is what _arguments or _describe take for theirs. */
static void print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		char one[2] = {*text, '\0'};

		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			print_escaped(one, special);
	}
}

static void print_value(const struct option_spec *spec)
{
	struct option_value value = option_value(spec);

	fputs(value.optional ? "::" : ":", stdout);
	print_quoted(spec->value, "\\:");
	fputs(":", stdout);
	switch (value.kind) {
	case VALUE_ANY:
		break;
	case VALUE_FILE:
		fputs("_files", stdout);
		break;
	case VALUE_DIRECTORY:
		fputs("_files -/", stdout);
		break;
	case VALUE_WORD:
		fputs("(", stdout);
		option_value_print_words(&value, spec);
		fputs(")", stdout);
		break;
	case VALUE_LIST:
		fputs("_values -s , item", stdout);
		option_value_print_words(&value, spec);
		break;
	}
}

/* '*'{-d+,--level=}'[what to leave out]:LEVEL:(0 1)': a letter takes its value with or without a
 * blank between, a long form with "=" or a blank, and "=" alone where it may be left out. */
static void print_option(const struct option_spec *spec)
{
	bool letter = spec->id < OPTION_LONG, both = letter && spec->name;

	fputs(" \\\n\t\t'*'", stdout);
	fputs(both ? "{" : "", stdout);
	if (letter)
		printf("-%c%s", spec->id, spec->value ? "+" : "");
	if (both)
		putchar(',');
	if (spec->name)
		printf("--%s%s", spec->name,
		       !spec->value                  ? ""
		       : option_value(spec).optional ? "=-"
						     : "=");
	fputs(both ? "}'[" : "'[", stdout);
	print_quoted(option_text(spec), "\\[]:");
	putchar(']');
	if (spec->value)
		print_value(spec);
	putchar('\'');
}

static void print_function(const struct command *command)
{
	printf("_vmcull_%s()\n{\n\t_arguments -s -S", command->name);
	for (const struct option_spec *spec = command->options; spec->id; spec++)
		print_option(spec);
	puts(" \\\n\t\t'*:file:_files'\n}\n");
}

static void print_descriptions(void)
{
	puts("\tlocal -a commands=(");
	for (const struct command *command = commands; command->name; command++) {
		if (!command->run)
			continue;
		printf("\t\t'%s:", command->name);
		print_quoted(command->summary, "\\:");
		puts("'");
	}
	puts("\t)");
}

void completion_print_zsh(void)
{
	const struct command *command;

	puts("#compdef vmcull makedumpfile\n"
	     "# zsh completion for vmcull, by vmcull --completion=zsh\n");
	for (size_t i = 0; (command = completed_command(i)); i++)
		print_function(command);
	puts("_vmcull()\n{\n\tlocal curcontext=$curcontext state line");
	puts("\tif [[ $service == makedumpfile ]]; then\n"
	     "\t\t_vmcull_makedumpfile\n"
	     "\t\treturn\n"
	     "\tfi");
	print_descriptions();
	puts("\t_arguments -C \\\n"
	     "\t\t'(- :)'{-h,--help}'[show help and exit]' \\\n"
	     "\t\t'(- :)'{-V,--version}'[show the version and what is built in, and exit]' \\\n"
	     "\t\t'1:command:->command' \\\n"
	     "\t\t'*::argument:->argument'\n"
	     "\tcase $state in\n"
	     "\tcommand) _describe -t commands command commands ;;\n"
	     "\targument)\n"
	     "\t\tif [[ $words[1] == help ]]; then\n"
	     "\t\t\t_describe -t commands command commands\n"
	     "\t\telif (( $+functions[_vmcull_$words[1]] )); then\n"
	     "\t\t\t_vmcull_$words[1]\n"
	     "\t\telse\n"
	     "\t\t\t_files\n"
	     "\t\tfi\n"
	     "\t\t;;\n"
	     "\tesac\n"
	     "}\n\n"
	     "_vmcull \"$@\"");
}
