/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/arguments.h"

#include <getopt.h>
#include <string.h>

#include "codec_letter.h"
#include "compat/combinations.h"
#include "compat/numbers.h"
#include "compat/say.h"
#include "message.h"

/* From here on a number was mistyped: 2^20 pages in one write are 4 GiB. */
#define ORDER_MAX   20
#define THREADS_MAX 65536
#define KIB_MAX     (UINT64_MAX >> 10)

static bool wrong_value(int option, const char *value, const char *what)
{
	char spelling[COMPAT_SPELLING_SIZE];

	message_usage(NULL, "%s: '%s' is no %s", compat_spelling(option, spelling), value, what);
	return false;
}

static bool take_number(int option, const char *value, uint64_t max, uint64_t *ret_number)
{
	if (compat_number(value, 10, max, ret_number))
		return true;

	char spelling[COMPAT_SPELLING_SIZE];

	message_usage(NULL, "%s: '%s' is no number between 0 and %llu",
		      compat_spelling(option, spelling), value, (unsigned long long)max);
	return false;
}

/* Numbers between 0 and 31 with commas between them. */
static bool take_levels(struct compat_args *args, const char *value)
{
	const char *rest = value;

	args->level_count = 0;
	for (;;) {
		size_t length = strcspn(rest, ",");
		char level[4] = "";

		if (args->level_count == COMPAT_LEVELS_MAX) {
			message_usage(NULL, "-d: more than %d levels", COMPAT_LEVELS_MAX);
			return false;
		}
		if (length < sizeof(level))
			memcpy(level, rest, length);
		if (!parse_number(level, 0, 31, &args->levels[args->level_count++])) {
			message_usage(NULL, "-d: '%.*s' is no level between 0 and 31", (int)length,
				      rest);
			return false;
		}
		if (!rest[length])
			return true;
		rest += length + 1;
	}
}

static bool take_kib(int option, const char *value, uint64_t *ret_bytes)
{
	uint64_t kib;

	if (!compat_number(value, 10, KIB_MAX, &kib) || !kib)
		return wrong_value(option, value, "number of KiB");
	*ret_bytes = kib << 10;
	return true;
}

static bool take_disk(struct compat_args *args, const char *value)
{
	if (args->disk_count == COMPAT_DISKS_MAX) {
		message_usage(NULL, "--diskset: more than %d members", COMPAT_DISKS_MAX);
		return false;
	}
	args->disks[args->disk_count++] = value;
	return true;
}

/* Names are taken as they are; nothing is not one. */
static bool take_name(int option, const char *value, const char **ret_name)
{
	if (!value[0])
		return wrong_value(option, value, "name");
	*ret_name = value;
	return true;
}

static bool take_value(struct compat_args *args, int option, const char *value)
{
	uint64_t number = 0;

	switch (option) {
	case 'd':
		return take_levels(args, value);
	case 'L':
		return compat_size(value, &args->size_limit) ||
		       wrong_value(option, value, "size such as 500M");
	case 'b':
		return take_number(option, value, ORDER_MAX, &number);
	case 'g':
		return take_name(option, value, &args->generate);
	case 'i':
		return take_name(option, value, &args->vmcoreinfo);
	case 'x':
		return take_name(option, value, &args->vmlinux);
	case COMPAT_CONFIG:
		return take_name(option, value, &args->config);
	case COMPAT_DISKSET:
		return take_disk(args, value);
	case COMPAT_VTOP:
		return compat_number(value, 0, UINT64_MAX, &args->vtop) ||
		       wrong_value(option, value, "address");
	case COMPAT_CYCLIC_BUFFER:
		return take_kib(option, value, &number);
	case COMPAT_SPLITBLOCK_SIZE:
		return take_kib(option, value, &args->splitblock_bytes);
	case COMPAT_MESSAGE_LEVEL: /* used already */
		return take_number(option, value, COMPAT_KINDS_ALL, &number);
	case COMPAT_NUM_THREADS:
		if (!take_number(option, value, THREADS_MAX, &number))
			return false;
		args->threads = (unsigned int)number;
		return true;
	default: /* such as directories that are not needed here */
		return true;
	}
}

static enum compat_mode choose_mode(const struct compat_args *args)
{
	static const struct {
		int option;
		enum compat_mode mode;
	} modes[] = {
		{OPTION_HELP, COMPAT_MODE_HELP},
		{'v', COMPAT_MODE_VERSION},
		{'g', COMPAT_MODE_GENERATE},
		{'R', COMPAT_MODE_REARRANGE},
		{COMPAT_REASSEMBLE, COMPAT_MODE_REASSEMBLE},
		{COMPAT_DUMP_DMESG, COMPAT_MODE_DMESG},
		{COMPAT_MEM_USAGE, COMPAT_MODE_MEM_USAGE},
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (compat_given(args, modes[i].option))
			return modes[i].mode;
	return COMPAT_MODE_CREATE;
}

/* --check-params says what is wrong whatever the message level. */
static void choose_messages(const struct compat_args *args)
{
	unsigned int kinds = (unsigned int)args->message_level;

	if (compat_given(args, 'D'))
		kinds |= COMPAT_DEBUG;
	if (compat_given(args, COMPAT_SHOW_STATS))
		kinds |= COMPAT_REPORT;
	if (compat_given(args, COMPAT_CHECK_PARAMS))
		kinds = COMPAT_KINDS_DEFAULT;
	say_init(kinds, compat_given(args, 'F'));
}

/* Which options there are, whatever is wrong with them: where messages go, which of them, and that
 * --check-params is silent is known before the first is said. */
static void scan_options(int argc, char **argv, struct compat_args *args)
{
	const char *value;
	int option;

	message_mute(true);
	options_reset();
	while ((option = options_next(argc, argv, compat_options, &value)) != OPTION_END) {
		if (option == OPTION_BAD)
			continue;
		args->given |= compat_option_bit(option);
		if (option == COMPAT_MESSAGE_LEVEL)
			parse_number(value, 0, COMPAT_KINDS_ALL, &args->message_level);
	}
	choose_messages(args);
}

bool compat_args_parse(int argc, char **argv, struct compat_args *ret_args)
{
	const char *value;
	int option;

	*ret_args = (struct compat_args){
		.level_count = 1,
		.message_level = COMPAT_KINDS_DEFAULT,
	};
	scan_options(argc, argv, ret_args);
	options_reset();
	while ((option = options_next(argc, argv, compat_options, &value)) != OPTION_END) {
		if (option == OPTION_BAD || (value && !take_value(ret_args, option, value)))
			return false;
		if (option < OPTION_LONG && strchr(CODEC_LETTERS, option))
			ret_args->codec = (char)option;
	}
	ret_args->mode = choose_mode(ret_args);
	ret_args->operands = argv + optind;
	ret_args->operand_count = (size_t)(argc - optind);
	return compat_combination_check(ret_args);
}
