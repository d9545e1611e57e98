/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "suggest.h"

#define OPTIONS_MAX   48
#define FORMS_SIZE    64
#define SPELLING_SIZE 48

/* What getopt_long() wants, made from a table of ours. */
struct getopt_tables {
	char letters[2 * OPTIONS_MAX + 2];
	struct option longs[OPTIONS_MAX + 1];
};

static bool value_optional(const struct option_spec *spec)
{
	return spec->value && spec->value[0] == '[';
}

static int has_arg(const struct option_spec *spec)
{
	if (!spec->value)
		return no_argument;
	return value_optional(spec) ? optional_argument : required_argument;
}

static void getopt_tables_init(struct getopt_tables *tables, const struct option_spec *specs)
{
	struct option *next_long = tables->longs;
	char *letter = tables->letters;

	memset(tables, 0, sizeof(*tables));
	*letter++ = ':'; /* a missing value is told apart from an unknown option */
	for (size_t i = 0; i < OPTIONS_MAX && specs[i].id; i++) {
		const struct option_spec *spec = &specs[i];

		if (spec->id < OPTION_LONG) {
			*letter++ = (char)spec->id;
			if (spec->value)
				*letter++ = ':';
		}
		if (spec->name)
			*next_long++ = (struct option){
				.name = spec->name,
				.has_arg = has_arg(spec),
				.val = spec->id,
			};
	}
}

/* The entry at the end of the table when there is none. */
static const struct option_spec *spec_find(const struct option_spec *specs, int id)
{
	while (specs->id && specs->id != id)
		specs++;
	return specs;
}

/* "--exclude" or "-d", whichever @typed is a form of. */
static const char *spec_spelling(const struct option_spec *spec, const char *typed,
				 char text[static SPELLING_SIZE])
{
	if (spec->name && (spec->id >= OPTION_LONG || strncmp(typed, "--", 2) == 0))
		snprintf(text, SPELLING_SIZE, "--%s", spec->name);
	else
		snprintf(text, SPELLING_SIZE, "-%c", spec->id);
	return text;
}

static void unknown_long(const char *command, const struct option_spec *specs, const char *typed)
{
	size_t length = strcspn(typed, "=");
	struct suggestion suggestion;
	char name[64];
	unsigned int prefixed = 0;

	if (length >= sizeof(name)) {
		message_usage(command, "unknown option '--%.*s'", (int)length, typed);
		return;
	}
	memcpy(name, typed, length);
	name[length] = '\0';
	suggestion_init(&suggestion, name);
	for (; specs->id; specs++) {
		if (!specs->name)
			continue;
		suggestion_offer(&suggestion, specs->name);
		prefixed += strncmp(specs->name, name, length) == 0;
	}
	if (prefixed > 1)
		message_usage(command, "option '--%s' is ambiguous", name);
	else if (suggestion.name)
		message_usage(command, "unknown option '--%s'; did you mean '--%s'?", name,
			      suggestion.name);
	else
		message_usage(command, "unknown option '--%s'", name);
}

static void unknown_option(int argc, char **argv, const struct option_spec *specs)
{
	/* getopt_long() leaves optind behind a long option and, in a cluster, at a short one. */
	const char *typed = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	const struct option_spec *spec = spec_find(specs, optopt);
	char spelling[SPELLING_SIZE];

	if (optopt && spec->id)
		message_usage(argv[0], "option '%s' takes no value",
			      spec_spelling(spec, "--", spelling));
	else if (optopt)
		message_usage(argv[0], "unknown option '-%c'", optopt);
	else
		unknown_long(argv[0], specs, typed + strspn(typed, "-"));
}

void options_reset(void)
{
	optind = 0; /* GNU: also forgets a cluster of letters half read */
	opterr = 0;
}

int options_next(int argc, char **argv, const struct option_spec *specs, const char **ret_value)
{
	struct getopt_tables tables;
	char spelling[SPELLING_SIZE];

	getopt_tables_init(&tables, specs);

	int id = getopt_long(argc, argv, tables.letters, tables.longs, NULL);

	*ret_value = optarg;
	switch (id) {
	case -1:
		return OPTION_END;
	case ':':
		message_usage(argv[0], "option '%s' needs a value",
			      spec_spelling(spec_find(specs, optopt), argv[argc - 1], spelling));
		return OPTION_BAD;
	case '?':
		unknown_option(argc, argv, specs);
		return OPTION_BAD;
	default:
		return id;
	}
}

/* "  -d, --level=LEVEL" into @text; returns its length. */
static size_t format_forms(const struct option_spec *spec, char text[static FORMS_SIZE])
{
	bool has_letter = spec->id < OPTION_LONG;
	size_t used = has_letter ? (size_t)snprintf(text, FORMS_SIZE, "  -%c", spec->id)
				 : (size_t)snprintf(text, FORMS_SIZE, "    ");

	if (spec->name)
		used += (size_t)snprintf(text + used, FORMS_SIZE - used, "%s--%s",
					 has_letter ? ", " : "  ", spec->name);
	if (value_optional(spec) && used < FORMS_SIZE)
		used += (size_t)snprintf(text + used, FORMS_SIZE - used, "[=%s", spec->value + 1);
	else if (spec->value && used < FORMS_SIZE)
		used += (size_t)snprintf(text + used, FORMS_SIZE - used, "%c%s",
					 spec->name ? '=' : ' ', spec->value);
	return used;
}

/* The forms of @spec and of those that share its line; *ret_last is the one with the text. */
static size_t format_line(const struct option_spec *spec, char text[static FORMS_SIZE],
			  const struct option_spec **ret_last)
{
	size_t used = format_forms(spec, text);

	while (!spec->help && spec[1].id) {
		char more[FORMS_SIZE];

		format_forms(++spec, more);
		used += (size_t)snprintf(text + used, FORMS_SIZE - used, ", %s",
					 more + strspn(more, " "));
	}
	*ret_last = spec;
	return used;
}

void options_help(FILE *stream, const struct option_spec *specs)
{
	const struct option_spec *last;
	char line[FORMS_SIZE];
	size_t width = 0;

	for (const struct option_spec *spec = specs; spec->id; spec = last + 1) {
		size_t length = format_line(spec, line, &last);

		width = length > width ? length : width;
	}
	for (const struct option_spec *spec = specs; spec->id; spec = last + 1) {
		format_line(spec, line, &last);
		fprintf(stream, "%-*s  %s\n", (int)width, line, last->help);
	}
}

bool parse_number(const char *text, int min, int max, int *ret_number)
{
	char *end;
	long number;

	/* strtol() would take blanks and a plus sign. */
	if (!isdigit((unsigned char)text[0]) && text[0] != '-')
		return false;
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < min || number > max)
		return false;
	*ret_number = (int)number;
	return true;
}

bool parse_size(const char *text, uint64_t *ret_size)
{
	static const char letters[] = "KMGTPE";
	unsigned long long number;
	unsigned int shift = 0;
	const char *letter;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || end == text)
		return false;
	letter = *end ? strchr(letters, toupper((unsigned char)*end)) : NULL;
	if (letter) {
		shift = 10 * (unsigned int)(letter - letters + 1);
		end++;
	}
	if (*end || !number || number > UINT64_MAX >> shift)
		return false;
	*ret_size = (uint64_t)number << shift;
	return true;
}

#define MORE "..."

/* How much of the name is no MORE. */
static int name_length(const char *name)
{
	const char *more = strstr(name, MORE);

	return (int)(more ? (size_t)(more - name) : strlen(name));
}

bool operands_check(int argc, char **argv, const char *const *names)
{
	int index = optind, extra = argc - optind;

	for (const char *const *name = names; *name; name++)
		extra--;
	for (; *names; names++) {
		int count = 1 + (strstr(*names, MORE) && extra > 0 ? extra : 0);

		for (; count; count--, index++) {
			if (index >= argc) {
				message_usage(argv[0], "%.*s is missing", name_length(*names),
					      *names);
				return false;
			}
			if (!argv[index][0]) {
				message_usage(argv[0], "%.*s is empty", name_length(*names),
					      *names);
				return false;
			}
		}
	}
	if (index < argc) {
		message_usage(argv[0], "unexpected argument '%s'", argv[index]);
		return false;
	}
	return true;
}
