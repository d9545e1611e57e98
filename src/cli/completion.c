/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include <stdio.h>
#include <string.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "message.h"

static void print_word(const char *word)
{
	printf(" %s", word);
}

/* One for each bit, and all: others are sums. */
static void print_levels(const struct option_spec *spec)
{
	(void)spec;
	fputs(" 0 1 2 4 8 16 17 31", stdout);
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

/* By what the help calls the value; a row with the name of an option comes before one without. */
static const struct {
	const char *value, *option;
	enum value_kind kind;
	void (*print_words)(const struct option_spec *spec);
} values[] = {
	{"FILE", NULL, VALUE_FILE, NULL},
	{"DIR", NULL, VALUE_DIRECTORY, NULL},
	{"LEVEL", NULL, VALUE_WORD, print_levels},
	{"LIST", "levels", VALUE_LIST, print_levels},
	{"LIST", "exclude", VALUE_LIST, print_states},
	{"LIST", "keep", VALUE_LIST, print_states},
	{"NAME[:LEVEL]", "codec", VALUE_WORD, print_codecs},
	{"[SEVERITY]", NULL, VALUE_WORD, print_severities},
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
		value.print_words = values[i].print_words;
		break;
	}
	return value;
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
