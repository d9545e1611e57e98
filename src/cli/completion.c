/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include <stdio.h>
#include <string.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/arguments.h"
#include "compat/makedumpfile.h"
#include "dmesg_text.h"
#include "message.h"

static void print_word(const char *word)
{
	printf(" %s", word);
}

static void print_codecs(const struct option_spec *spec)
{
	(void)spec;
	for (size_t i = 0; i < vmc_codec_count(); i++)
		print_word(vmc_codec_name(vmc_codec_at(i)));
}

/* What the parser of --exclude and --keep takes. */
static void print_states(const struct option_spec *spec)
{
	static const char *const groups[] = {"user", "zero", NULL};
	bool exclude = strcmp(spec->name, "exclude") == 0;

	for (unsigned int i = 0; i < VMC_PAGE_STATE_COUNT || groups[i - VMC_PAGE_STATE_COUNT];
	     i++) {
		struct vmc_filter_policy policy = {0};
		const char *name = i < VMC_PAGE_STATE_COUNT
					   ? vmc_page_state_name((enum vmc_page_state)i)
					   : groups[i - VMC_PAGE_STATE_COUNT];
		struct vmc_error *err = vmc_filter_policy_change(&policy, name, exclude);

		if (!err)
			print_word(name);
		vmc_error_free(err);
	}
}

static void print_severities(const struct option_spec *spec)
{
	(void)spec;
	for (unsigned int i = VMC_SEVERITY_NOTE; i <= VMC_SEVERITY_ERROR; i++)
		print_word(vmc_severity_name((enum vmc_severity)i));
}

static void print_names(const char *(*name_at)(unsigned int))
{
	for (unsigned int i = 0; name_at(i); i++)
		print_word(name_at(i));
}

static void print_log_levels(const struct option_spec *spec)
{
	(void)spec;
	print_names(dmesg_level_name);
}

static void print_facilities(const struct option_spec *spec)
{
	(void)spec;
	print_names(dmesg_facility_name);
}

/* One for each bit, and all: others are sums. */
#define DUMP_LEVELS " 0 1 2 4 8 16 17 31"

/* By what the help calls the value; a row with the name of an option comes before one without. */
static const struct {
	const char *value, *option;
	enum value_kind kind;
	const char *words;
	void (*print_words)(const struct option_spec *spec); /* where the words are in no table */
} values[] = {
	{"FILE", NULL, VALUE_FILE, NULL, NULL},
	{"VMCORE", NULL, VALUE_FILE, NULL, NULL},
	{"VMCOREINFO", NULL, VALUE_FILE, NULL, NULL},
	{"VMLINUX", NULL, VALUE_FILE, NULL, NULL},
	{"DIR", NULL, VALUE_DIRECTORY, NULL, NULL},
	{"LEVEL", "message-level", VALUE_WORD, " 0 1 3 7 15 31", NULL},
	{"LEVEL", NULL, VALUE_WORD, DUMP_LEVELS, NULL},
	{"LEVEL[,LEVEL]...", NULL, VALUE_LIST, DUMP_LEVELS, NULL},
	{"LIST", "levels", VALUE_LIST, DUMP_LEVELS, NULL},
	{"LIST", "level", VALUE_LIST, NULL, print_log_levels},
	{"LIST", "facility", VALUE_LIST, NULL, print_facilities},
	{"LIST", "exclude", VALUE_LIST, NULL, print_states},
	{"LIST", "keep", VALUE_LIST, NULL, print_states},
	{"NAME[:LEVEL]", NULL, VALUE_WORD, NULL, print_codecs},
	{"HOW", "time", VALUE_WORD, " boot iso delta none", NULL},
	{"[WHEN]", "color", VALUE_WORD, " auto always never", NULL},
	{"[SEVERITY]", NULL, VALUE_WORD, NULL, print_severities},
};

struct option_value option_value(const struct option_spec *spec)
{
	struct option_value value = {.optional = spec->value[0] == '['};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (strcmp(values[i].value, spec->value) != 0)
			continue;
		if (values[i].option && (!spec->name || strcmp(values[i].option, spec->name) != 0))
			continue;
		value.kind = values[i].kind;
		value.words = values[i].words;
		value.print_words = values[i].print_words;
		break;
	}
	return value;
}

void option_value_print_words(const struct option_value *value, const struct option_spec *spec)
{
	if (value->words)
		fputs(value->words, stdout);
	if (value->print_words)
		value->print_words(spec);
}

const struct command *completed_command(size_t index)
{
	static const struct command face = {"makedumpfile", NULL, makedumpfile_run, compat_options};

	for (const struct command *command = commands; command->name; command++) {
		if (command->run && command->options && index-- == 0)
			return command;
	}
	return index == 0 ? &face : NULL;
}

const char *option_text(const struct option_spec *spec)
{
	while (!spec->help && spec[1].id)
		spec++;
	return spec->help ? spec->help : "";
}

void print_escaped(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		putchar(*text);
	}
}

int completion_print(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		completion_print_bash();
	else if (strcmp(shell, "fish") == 0)
		completion_print_fish();
	else if (strcmp(shell, "zsh") == 0)
		completion_print_zsh();
	else
		return message_usage(NULL, "no completions for '%s'; known are bash, fish and zsh",
				     shell);
	return STATUS_DONE;
}
