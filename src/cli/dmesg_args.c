/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dmesg_args.h"

#include <getopt.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "options.h"

enum {
	OPTION_TIME = OPTION_LONG,
	OPTION_NO_CALLER,
	OPTION_PARTIAL,
	OPTION_COLOR,
	OPTION_JSON,
	OPTION_FORCE,
};

const struct option_spec dmesg_options[] = {
	{'l', "level", "LIST", "only these levels, as err,warn or err+ (and worse)"},
	{'f', "facility", "LIST", "only these facilities, as kern,daemon"},
	{OPTION_TIME, "time", "HOW", "boot (default), iso, delta or none"},
	{'x', "decode", NULL, "show facility and level"},
	{OPTION_NO_CALLER, "no-caller", NULL, "do not show which thread or CPU wrote it"},
	{OPTION_PARTIAL, "partial", NULL, "only what came after the log was cleared"},
	{OPTION_COLOR, "color", "[WHEN]", "auto (default), always or never"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{OPTION_FORCE, "force", NULL, "replace OUT if it exists"},
	{'i', "vmcoreinfo", "FILE", "take VMCOREINFO from a file"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull dmesg [OPTION]... VMCORE [OUT]\n"
	     "Writes the kernel's log that is in VMCORE.\n");
	options_help(stdout, dmesg_options);
	puts("\nSee vmcull-dmesg(8), and vmcull(5) for the JSON.");
}

/* The place of a name, of @length bytes, in a list that @name_at() gives; -1 when it is none. */
static int find_name(const char *name, size_t length, const char *(*name_at)(unsigned int))
{
	const char *known;

	for (unsigned int i = 0; (known = name_at(i)); i++)
		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return (int)i;
	return -1;
}

static int take_facilities(struct dmesg_args *args, const char *list)
{
	for (;; list++) {
		size_t length = strcspn(list, ",");
		int facility = find_name(list, length, dmesg_facility_name);

		if (facility < 0)
			return message_usage("dmesg", "\"%.*s\" is no facility",
					     length < 32 ? (int)length : 32, list);
		args->facilities |= UINT32_C(1) << facility;
		list += length;
		if (!*list)
			return STATUS_DONE;
	}
}

/* A name; behind it a + for all worse ones, before it one for all that are less bad. */
static int level_mask(const char *name, size_t length, uint32_t *ret_mask)
{
	bool worse = length && name[length - 1] == '+', lesser = length && name[0] == '+';
	int level = find_name(name + lesser, length - (worse || lesser), dmesg_level_name);

	if (level < 0)
		return message_usage("dmesg", "\"%.*s\" is no level (emerg to debug)",
				     length < 32 ? (int)length : 32, name);
	*ret_mask = UINT32_C(1) << level;
	if (worse)
		*ret_mask |= *ret_mask - 1;
	if (lesser)
		*ret_mask = 0xff & ~(*ret_mask - 1);
	return STATUS_DONE;
}

static int take_levels(struct dmesg_args *args, const char *list)
{
	for (;; list++) {
		size_t length = strcspn(list, ",");
		uint32_t mask = 0;
		int status = level_mask(list, length, &mask);

		if (status != STATUS_DONE)
			return status;
		args->levels |= mask;
		list += length;
		if (!*list)
			return STATUS_DONE;
	}
}

static const char *time_name(unsigned int i)
{
	static const char *const names[] = {"boot", "iso", "delta", "none"};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static const char *color_name(unsigned int i)
{
	static const char *const names[] = {"auto", "always", "never"};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static int take_word(const char *option, const char *(*name_at)(unsigned int), const char *value,
		     int *ret_word)
{
	*ret_word = find_name(value, strlen(value), name_at);
	if (*ret_word < 0)
		return message_usage("dmesg", "--%s: \"%.32s\" is not known", option, value);
	return STATUS_DONE;
}

static int option_take(struct dmesg_args *args, int id, const char *value)
{
	int word = 0, status = STATUS_DONE;

	switch (id) {
	case 'l':
		return take_levels(args, value);
	case 'f':
		return take_facilities(args, value);
	case OPTION_TIME:
		status = take_word("time", time_name, value, &word);
		args->style.time = (enum dmesg_time)word;
		break;
	case OPTION_COLOR:
		status = take_word("color", color_name, value ? value : "always", &word);
		args->color = (enum dmesg_color)word;
		break;
	case 'x':
		args->style.decode = true;
		break;
	case OPTION_NO_CALLER:
		args->style.no_callers = true;
		break;
	case OPTION_PARTIAL:
		args->since_clear = true;
		break;
	case OPTION_JSON:
		args->json = true;
		break;
	case OPTION_FORCE:
		args->force = true;
		break;
	case 'i':
		args->vmcoreinfo = value;
		break;
	case 'v':
		args->verbose++;
		break;
	}
	return status;
}

static int operands_take(struct dmesg_args *args, int argc, char **argv)
{
	if (optind >= argc)
		return message_usage(argv[0], "VMCORE is missing");
	if (argc - optind > 2)
		return message_usage(argv[0], "unexpected argument '%s'", argv[optind + 2]);
	args->input = argv[optind];
	args->output = argv[optind + 1]; /* NULL at the end of argv */
	if (!args->input[0] || (args->output && !args->output[0]))
		return message_usage(argv[0], "%s is empty", args->input[0] ? "OUT" : "VMCORE");
	if (args->json && (args->style.time != DMESG_TIME_BOOT || args->style.decode ||
			   args->style.no_callers || args->color == DMESG_COLOR_ALWAYS))
		return message_usage(argv[0], "--json has all fields: --time, --decode, "
					      "--no-caller and --color are for text");
	return STATUS_DONE;
}

int dmesg_args_parse(int argc, char **argv, struct dmesg_args *ret_args)
{
	struct dmesg_args args = {0};
	const char *value;
	int id, status;

	options_reset();
	while ((id = options_next(argc, argv, dmesg_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			*ret_args = (struct dmesg_args){.help = true};
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		status = option_take(&args, id, value);
		if (status != STATUS_DONE)
			return status;
	}
	status = operands_take(&args, argc, argv);
	if (status == STATUS_DONE)
		*ret_args = args;
	return status;
}
