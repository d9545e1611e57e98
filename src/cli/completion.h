/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completions for shells, made from the tables of commands and options: vmcull --completion=SHELL.
 * The build runs that and installs what comes out; nobody else needs it.
 */
#ifndef VMCULL_CLI_COMPLETION_H
#define VMCULL_CLI_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "options.h"

/* Prints the completions for "bash", "zsh" or "fish"; returns an enum status. */
int completion_print(const char *shell);

/* What the value of an option can be. */
enum value_kind {
	VALUE_ANY,
	VALUE_FILE,
	VALUE_DIRECTORY,
	VALUE_WORD, /* one of option_value_print_words() */
	VALUE_LIST, /* some of them, with commas between */
};

struct option_value {
	enum value_kind kind;
	bool optional; /* "--check" and "--check=note" */
	const char *words;
	void (*print_words)(const struct option_spec *spec);
};

/* Only for an option that takes one. */
struct option_value option_value(const struct option_spec *spec);

/* Each with a blank before it. */
void option_value_print_words(const struct option_value *value, const struct option_spec *spec);

/* The commands that have options, and the face of makedumpfile, which is a program as well; NULL
 * from the end on. */
const struct command *completed_command(size_t index);

/* The text of @spec, or of the option whose line it shares. */
const char *option_text(const struct option_spec *spec);

/* Prints @text with a backslash before each of the @special characters. */
void print_escaped(const char *text, const char *special);

void completion_print_bash(void);
void completion_print_fish(void);
void completion_print_zsh(void);

#endif
