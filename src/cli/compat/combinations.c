/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/combinations.h"

#include <string.h>

#include <vmcull/version.h>

#include "compat/codec.h"
#include "message.h"
#include "parts.h"

struct pair {
	int option;
	const char *letters; /* options that exclude it */
	int longs[3];        /* more of them, up to 0 */
};

static const struct pair conflicts[] = {
	{'E', "clpz", {COMPAT_SPLIT}},
	{'F', "", {COMPAT_SPLIT}},
	{'i', "x", {0}},
	{'g', "clpzdEiFR", {COMPAT_DRY_RUN}},
	{'R', "clpzdEixF", {0}},
	{COMPAT_REASSEMBLE, "clpzdEixFg", {COMPAT_SPLIT, COMPAT_DRY_RUN}},
	{COMPAT_DUMP_DMESG, "", {COMPAT_DRY_RUN}},
	{COMPAT_NUM_THREADS, "", {COMPAT_SPLIT}},
};

static const struct {
	int option, needed;
} needs[] = {
	{COMPAT_PARTIAL_DMESG, COMPAT_DUMP_DMESG},
	{'g', 'x'},
	{'e', COMPAT_WORK_DIR},
};

static const struct {
	int option;
	const char *why;
} refused[] = {
	{COMPAT_EPPIC, "eppic macros are not run; --config takes rules"},
	{COMPAT_EXTENSION, "extensions of makedumpfile are not loaded"},
	{'X', "Xen is not supported"},
	{COMPAT_XEN_SYMS, "Xen is not supported"},
	{COMPAT_XEN_VMCOREINFO, "Xen is not supported"},
	{COMPAT_XEN_PHYS_START, "Xen is not supported"},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool check_refused(const struct compat_args *args)
{
	char spelling[COMPAT_SPELLING_SIZE];

	for (size_t i = 0; i < COUNT(refused); i++) {
		if (!compat_given(args, refused[i].option))
			continue;
		message_error("%s: %s", compat_spelling(refused[i].option, spelling),
			      refused[i].why);
		return false;
	}
	return true;
}

/* Debug information is an optional part of a build. */
static bool check_built(const struct compat_args *args)
{
	const char *part;

	if (!compat_given(args, 'x'))
		return true;
	for (size_t i = 0; (part = vmc_optional_part(i)); i++)
		if (strncmp(part, "libdw ", strlen("libdw ")) == 0)
			return true;
	message_error("-x: this build has no libdw, which reads debug information");
	return false;
}

static bool check_pair(const struct compat_args *args, int option, int other)
{
	char spelling[COMPAT_SPELLING_SIZE], other_spelling[COMPAT_SPELLING_SIZE];

	if (!compat_given(args, option) || !compat_given(args, other))
		return true;
	message_usage(NULL, "%s and %s exclude each other", compat_spelling(option, spelling),
		      compat_spelling(other, other_spelling));
	return false;
}

static bool check_conflicts(const struct compat_args *args)
{
	for (size_t i = 0; i < COUNT(conflicts); i++) {
		const struct pair *pair = &conflicts[i];

		for (const char *letter = pair->letters; *letter; letter++)
			if (!check_pair(args, pair->option, *letter))
				return false;
		for (size_t j = 0; j < COUNT(pair->longs) && pair->longs[j]; j++)
			if (!check_pair(args, pair->option, pair->longs[j]))
				return false;
	}
	return true;
}

static bool check_needs(const struct compat_args *args)
{
	char spelling[COMPAT_SPELLING_SIZE], needed[COMPAT_SPELLING_SIZE];

	for (size_t i = 0; i < COUNT(needs); i++) {
		if (!compat_given(args, needs[i].option) || compat_given(args, needs[i].needed))
			continue;
		message_usage(NULL, "%s needs %s", compat_spelling(needs[i].option, spelling),
			      compat_spelling(needs[i].needed, needed));
		return false;
	}
	return true;
}

struct operands {
	size_t min, max;
	const char *names;
};

static struct operands create_operands(const struct compat_args *args)
{
	bool flattened = compat_given(args, 'F');

	if (args->disk_count)
		return flattened ? (struct operands){0, 0, "nothing"}
				 : (struct operands){1, 1, "DUMPFILE"};
	if (flattened)
		return (struct operands){1, 1, "VMCORE"};
	if (compat_given(args, COMPAT_SPLIT))
		return (struct operands){3, 1 + PARTS_MAX, "VMCORE DUMPFILE DUMPFILE..."};
	return (struct operands){2, 2, "VMCORE DUMPFILE"};
}

static struct operands operands_wanted(const struct compat_args *args)
{
	switch (args->mode) {
	case COMPAT_MODE_GENERATE:
		return (struct operands){0, 0, "nothing"};
	case COMPAT_MODE_REARRANGE:
		return (struct operands){1, 1, "DUMPFILE"};
	case COMPAT_MODE_REASSEMBLE:
		return (struct operands){2, SIZE_MAX, "DUMPFILE... DUMPFILE"};
	case COMPAT_MODE_MEM_USAGE:
		return (struct operands){1, 1, "VMCORE"};
	case COMPAT_MODE_DMESG:
		return compat_given(args, 'F') ? (struct operands){1, 1, "VMCORE"}
					       : (struct operands){2, 2, "VMCORE LOGFILE"};
	default:
		return create_operands(args);
	}
}

static bool check_operands(const struct compat_args *args)
{
	struct operands wanted = operands_wanted(args);

	for (size_t i = 0; i < args->operand_count; i++) {
		if (args->operands[i][0])
			continue;
		message_usage(NULL, "the name of a file is empty");
		return false;
	}
	if (args->operand_count >= wanted.min && args->operand_count <= wanted.max)
		return true;
	message_usage(NULL, "%s wanted besides options, %zu names given", wanted.names,
		      args->operand_count);
	return false;
}

bool compat_combination_check(const struct compat_args *args)
{
	if (args->mode == COMPAT_MODE_HELP || args->mode == COMPAT_MODE_VERSION)
		return true;
	return check_refused(args) && check_built(args) && compat_codec_check(args) &&
	       check_conflicts(args) && check_needs(args) && check_operands(args);
}
