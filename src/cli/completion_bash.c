/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "completion.h"

static void print_commands(void)
{
	for (const struct command *command = commands; command->name; command++) {
		if (command->run)
			printf(" %s", command->name);
	}
}

static void print_forms(const char *command, const struct option_spec *spec)
{
	if (spec->id < OPTION_LONG)
		printf("'%s -%c'", command, spec->id);
	if (spec->name)
		printf("%s'%s --%s'", spec->id < OPTION_LONG ? "|" : "", command, spec->name);
}

static void print_value(const char *command, const struct option_spec *spec)
{
	static const char *const kinds[] = {
		[VALUE_ANY] = "any",   [VALUE_FILE] = "file", [VALUE_DIRECTORY] = "directory",
		[VALUE_WORD] = "word", [VALUE_LIST] = "list",
	};
	struct option_value value = option_value(spec);

	fputs("\t", stdout);
	print_forms(command, spec);
	printf(") echo '%s%s", value.optional ? "optional " : "", kinds[value.kind]);
	option_value_print_words(&value, spec);
	puts("' ;;");
}

static void print_values(void)
{
	const struct command *command;

	puts("# COMMAND OPTION: what its value can be, and nothing when it takes none.\n"
	     "_vmcull_value()\n{\n\tcase \"$1 $2\" in");
	for (size_t i = 0; (command = completed_command(i)); i++) {
		for (const struct option_spec *spec = command->options; spec->id; spec++) {
			if (spec->value)
				print_value(command->name, spec);
		}
	}
	puts("\tesac\n}\n");
}

static void print_options(void)
{
	const struct command *command;

	puts("# COMMAND: its options.\n"
	     "_vmcull_options()\n{\n\tcase $1 in");
	for (size_t i = 0; (command = completed_command(i)); i++) {
		printf("\t%s) echo '", command->name);
		for (const struct option_spec *spec = command->options; spec->id; spec++) {
			if (spec->id < OPTION_LONG)
				printf(" -%c", spec->id);
			if (spec->name)
				printf(" --%s%s", spec->name,
				       spec->value && !option_value(spec).optional ? "=" : "");
		}
		puts("' ;;");
	}
	puts("\tesac\n}\n");
}

/* Where nothing is offered, bash completes names of files by itself ("-o default"). */
static const char function[] =
	"_vmcull()\n"
	"{\n"
	"\tlocal words=() word value current kind i\n"
	"\tCOMPREPLY=()\n"
	"\t# \"=\" and \":\" are words of their own here: what was typed as one is put together.\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $i -gt 1 && ($word == [=:]* || ${COMP_WORDS[i - 1]} == *[=:]) ]]; then\n"
	"\t\t\twords[${#words[@]} - 1]+=$word\n"
	"\t\telse\n"
	"\t\t\twords+=(\"$word\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t[[ ${COMP_WORDS[0]##*/} != makedumpfile ]] || words=(makedumpfile \"${words[@]}\")\n"
	"\tcurrent=${words[${#words[@]} - 1]}\n"
	"\tif [[ ${#words[@]} -eq 1 ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$_vmcull_commands --help --version\" -- \"$current\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ ${words[0]} == help ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$_vmcull_commands\" -- \"$current\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tfor word in \"${words[@]:0:${#words[@]} - 1}\"; do\n"
	"\t\t[[ $word != -- ]] || return\n"
	"\tdone\n"
	"\n"
	"\tif [[ $current == --*=* ]]; then\n"
	"\t\tvalue=${current#*=}\n"
	"\t\tkind=$(_vmcull_value \"${words[0]}\" \"${current%%=*}\")\n"
	"\t\tkind=${kind#optional }\n"
	"\telse\n"
	"\t\tvalue=$current\n"
	"\t\tkind=$(_vmcull_value \"${words[0]}\" \"${words[${#words[@]} - 2]}\")\n"
	"\t\t[[ $kind != optional* ]] || kind=\n"
	"\tfi\n"
	"\tcase $kind in\n"
	"\tany | file) return ;;\n"
	"\tdirectory) compopt -o dirnames 2> /dev/null; return ;;\n"
	"\tword*) COMPREPLY=($(compgen -W \"${kind#word}\" -- \"$value\")) ;;\n"
	"\tlist*)\n"
	"\t\tword=${value##*,}\n"
	"\t\tCOMPREPLY=($(compgen -P \"${value%\"$word\"}\" -W \"${kind#list}\" -- \"$word\"))\n"
	"\t\t;;\n"
	"\t*)\n"
	"\t\t[[ $current == -* ]] || return\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_vmcull_options \"${words[0]}\")\" -- \"$current\"))\n"
	"\t\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2> /dev/null\n"
	"\t\t;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"complete -o bashdefault -o default -F _vmcull vmcull makedumpfile\n";

void completion_print_bash(void)
{
	puts("# bash completion for vmcull, by vmcull --completion=bash\n");
	print_values();
	print_options();
	fputs("_vmcull_commands='", stdout);
	print_commands();
	puts("'\n");
	fputs(function, stdout);
}
