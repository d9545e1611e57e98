/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter_args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "codec_letter.h"
#include "command.h"
#include "message.h"
#include "options.h"
#include "parts.h"

#define DEFAULT_LEVEL 31
/* The fastest level that is smaller than zlib's; the time of a crash kernel is short. */
#define DEFAULT_CODEC "zstd:1"
/* Not made in a crash kernel, but sent around: small counts.  Higher levels take three times as
 * long for half a percent (19 gives more than 15, in pages of 4 KiB).  Lean builds have less. */
#define MAP_ONLY_CODEC "zstd"
#define MAP_ONLY_LEVEL 12
/* Of --small. */
#define SMALL_CODEC "zstd:3"
#define CHANGES_MAX 64

enum {
	OPTION_CODEC = OPTION_LONG,
	OPTION_NO_CHECKSUMS,
	OPTION_CONFIG,
	OPTION_EXCLUDE,
	OPTION_KEEP,
	OPTION_STRICT,
	OPTION_NO_MMAP,
	OPTION_NO_SANDBOX,
	OPTION_TRACE,
	OPTION_JSON,
	OPTION_MAP_ONLY,
	OPTION_NO_BTF,
	OPTION_NO_LOG,
	OPTION_ANONYMOUS,
	OPTION_DRY_RUN,
	OPTION_SIZE_LIMIT,
	OPTION_SPLIT,
	OPTION_COMPACT_MAP,
	OPTION_SMALL,
	OPTION_SHARE_PAGES,
	OPTION_THREADS,
	OPTION_MEMORY_LIMIT,
};

const struct option_spec filter_options[] = {
	{'d', "level", "LEVEL", "what to leave out, 0 to 31 (default: 31)"},
	{OPTION_EXCLUDE, "exclude", "LIST", NULL},
	{OPTION_KEEP, "keep", "LIST", "leave out, or keep, these as well"},
	{OPTION_MAP_ONLY, "map-only", NULL, "keep only what an audit reads"},
	{OPTION_NO_BTF, "no-btf", NULL, NULL},
	{OPTION_NO_LOG, "no-log", NULL, NULL},
	{OPTION_ANONYMOUS, "anonymous", NULL, "with it: no types, no log, no names"},
	{OPTION_COMPACT_MAP, "compact-map", NULL, NULL},
	{OPTION_SMALL, "small", NULL, "map of free memory once; and by zstd"},
	{'c', NULL, NULL, NULL},
	{'l', NULL, NULL, NULL},
	{'p', NULL, NULL, NULL},
	{'z', NULL, NULL, "compress with zlib, LZO, snappy, zstd"},
	{OPTION_CODEC, "codec", "NAME[:LEVEL]", "compress with this (default: " DEFAULT_CODEC ")"},
	{OPTION_SHARE_PAGES, "share-pages", NULL, NULL},
	{OPTION_NO_CHECKSUMS, "no-checksums", NULL, "like pages once; as makedumpfile writes"},
	{'E', "elf", NULL, NULL},
	{'F', "flattened", NULL, "an ELF core; a stream to standard output"},
	{OPTION_SPLIT, "split", "N", NULL},
	{OPTION_SIZE_LIMIT, "size-limit", "SIZE", "N parts, OUT.1, ...; end before SIZE"},
	{OPTION_THREADS, "threads", "N", NULL},
	{OPTION_MEMORY_LIMIT, "memory-limit", "SIZE", "compress by N threads, in SIZE of memory"},
	{OPTION_STRICT, "strict", NULL, NULL},
	{OPTION_DRY_RUN, "dry-run", NULL, NULL},
	{OPTION_NO_MMAP, "no-mmap", NULL, "refuse doubt; write nothing; do not map"},
	{'f', "force", NULL, NULL},
	{OPTION_JSON, "json", NULL, NULL},
	{OPTION_NO_SANDBOX, "no-sandbox", NULL, "replace OUT; report in JSON; keep rights"},
	{'i', "vmcoreinfo", "FILE", "take VMCOREINFO from a file"},
	{'x', "vmlinux", "FILE", "take symbols and types from a vmlinux"},
	{OPTION_CONFIG, "config", "FILE", "erase what the rules in FILE name"},
	{OPTION_TRACE, "trace-reads", "FILE", "record which ranges of VMCORE are read"},
	{'q', "quiet", NULL, NULL},
	{'v', "verbose", NULL, "no progress, no report; more, still more"},
	{OPTION_SPEC_HELP},
	{0},
};

struct policy_change {
	const char *names;
	bool exclude;
};

/* What was typed; what follows from it goes to the caller. */
struct typed {
	struct filter_args *args;
	int level;
	bool level_given;
	const char *part; /* the last option that is for --map-only, or NULL */
	struct policy_change changes[CHANGES_MAX];
	size_t change_count;
	const char *codec; /* NULL until given */
};

static void print_help(void)
{
	puts("Usage: vmcull filter [OPTION]... VMCORE... OUT\n"
	     "Writes the pages of VMCORE that are worth keeping to OUT, compressed.\n");
	options_help(stdout, filter_options);
	puts("\nSee vmcull-filter(8) for levels and states.");
}

static bool codec_choose(struct typed *typed, const char *name)
{
	if (typed->codec) {
		message_usage("filter", "only one of -c, -l, -p, -z and --codec can be given");
		return false;
	}
	typed->codec = name;
	return true;
}

static bool change_add(struct typed *typed, const char *names, bool exclude)
{
	if (typed->change_count == CHANGES_MAX) {
		message_usage("filter", "more than %d times --exclude and --keep", CHANGES_MAX);
		return false;
	}
	typed->changes[typed->change_count++] = (struct policy_change){names, exclude};
	return true;
}

static bool size_take(const char *option, const char *value, uint64_t *ret_size)
{
	if (parse_size(value, ret_size))
		return true;
	message_usage("filter", "%s: '%s' is no size, such as 4096, 64K or 2G", option, value);
	return false;
}

/* Options about the form of the output. */
static bool output_option_take(struct filter_args *args, int id, const char *value)
{
	switch (id) {
	case 'E':
		args->format = VMC_OUTPUT_ELF;
		return true;
	case 'F':
		args->flattened = true;
		return true;
	case OPTION_DRY_RUN:
		args->dry_run = true;
		return true;
	case OPTION_COMPACT_MAP:
		args->compact_map = true;
		return true;
	case OPTION_SMALL:
		args->small = args->compact_map = true;
		return true;
	case OPTION_SHARE_PAGES:
		args->share_pages = true;
		return true;
	case OPTION_SIZE_LIMIT:
		return size_take("--size-limit", value, &args->size_limit);
	case OPTION_THREADS:
		return resources_take_threads(&args->resources, "filter", value);
	case OPTION_MEMORY_LIMIT:
		return resources_take_memory(&args->resources, "filter", value);
	case OPTION_SPLIT:
		if (parse_number(value, 2, PARTS_MAX, &args->split))
			return true;
		message_usage("filter", "--split: '%s' is no number between 2 and %d", value,
			      PARTS_MAX);
		return false;
	}
	return false;
}

/* Takes one option; says what is wrong with it and returns false. */
static bool option_take(struct typed *typed, int id, const char *value)
{
	struct filter_args *args = typed->args;

	switch (id) {
	case 'd':
		typed->level_given = true;
		if (parse_number(value, 0, 31, &typed->level))
			return true;
		message_usage("filter", "level '%s' is no number between 0 and 31", value);
		return false;
	case OPTION_EXCLUDE:
	case OPTION_KEEP:
		return change_add(typed, value, id == OPTION_EXCLUDE);
	case OPTION_STRICT:
		args->strict = true;
		return true;
	case 'c':
	case 'l':
	case 'p':
	case 'z':
		return codec_choose(typed, codec_of_letter((char)id));
	case OPTION_CODEC:
		args->recompress = strchr(value, ':');
		return codec_choose(typed, value);
	case OPTION_NO_CHECKSUMS:
		args->no_checksums = true;
		return true;
	case 'f':
		args->force = true;
		return true;
	case 'i':
		args->vmcoreinfo = value;
		return true;
	case OPTION_CONFIG:
		args->config = value;
		return true;
	case 'x':
		args->vmlinux = value;
		return true;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		return true;
	case OPTION_NO_SANDBOX:
		args->no_sandbox = true;
		return true;
	case OPTION_TRACE:
		args->trace = value;
		return true;
	case OPTION_JSON:
		args->json = true;
		return true;
	case OPTION_MAP_ONLY:
		args->map_only = true;
		return true;
	case OPTION_NO_BTF:
		typed->part = "--no-btf";
		args->strip.no_btf = true;
		return true;
	case OPTION_NO_LOG:
		typed->part = "--no-log";
		args->strip.no_log = true;
		return true;
	case OPTION_ANONYMOUS:
		typed->part = "--anonymous";
		args->strip.anonymous = true;
		return true;
	case 'q':
		args->quiet = true;
		return true;
	case 'v':
		args->verbose++;
		return true;
	}
	return output_option_take(args, id, value);
}

/* An error about the value of an option. */
static int usage_error(const char *option, struct vmc_error *err)
{
	message_usage("filter", "%s: %s", option, vmc_error_message(err));
	vmc_error_free(err);
	return STATUS_USAGE;
}

static int codec_resolve(const struct typed *typed)
{
	const char *usual = typed->args->map_only ? MAP_ONLY_CODEC
			    : typed->args->small  ? SMALL_CODEC
						  : DEFAULT_CODEC;
	struct vmc_codec_spec *spec = &typed->args->codec;
	struct vmc_error *err = vmc_codec_parse(typed->codec ? typed->codec : usual, spec);

	if (err)
		return usage_error("codec", err);
	if (typed->args->map_only && !typed->codec) {
		int most = vmc_codec_level_max(spec->codec);

		spec->level = most < MAP_ONLY_LEVEL ? most : MAP_ONLY_LEVEL;
	}
	return STATUS_DONE;
}

/* --map-only decides alone what is kept. */
static int map_only_resolve(const struct typed *typed)
{
	if (typed->part && !typed->args->map_only)
		return message_usage("filter", "%s goes with --map-only only", typed->part);
	if (typed->args->map_only && typed->level_given)
		return message_usage("filter", "--map-only and --level exclude each other");
	if (typed->args->map_only && typed->change_count)
		return message_usage("filter", "--map-only and --exclude or --keep exclude each "
					       "other");
	return STATUS_DONE;
}

static int policy_resolve(const struct typed *typed)
{
	struct vmc_filter_policy *policy = &typed->args->policy;
	struct vmc_error *err = vmc_filter_policy_from_level(typed->level, policy);

	if (err)
		return usage_error("--level", err);
	for (size_t i = 0; i < typed->change_count; i++) {
		const struct policy_change *change = &typed->changes[i];

		err = vmc_filter_policy_change(policy, change->names, change->exclude);
		if (err)
			return usage_error(change->exclude ? "--exclude" : "--keep", err);
	}
	return STATUS_DONE;
}

/* Which forms of output go together. */
static int output_resolve(const struct typed *typed)
{
	const struct filter_args *args = typed->args;

	if (args->format == VMC_OUTPUT_ELF && typed->codec)
		return message_usage("filter", "--elf is not compressed: it goes with no codec");
	if (args->share_pages && args->format == VMC_OUTPUT_ELF)
		return message_usage("filter", "--share-pages goes with kdump files only");
	if (args->compact_map && (args->format == VMC_OUTPUT_ELF || args->no_checksums))
		return message_usage("filter",
				     "--compact-map goes with kdump files that have checksums");
	if (args->split && (args->flattened || args->format == VMC_OUTPUT_ELF))
		return message_usage("filter", "--split goes with kdump files only");
	if (args->split && args->dry_run)
		return message_usage("filter", "--split and --dry-run exclude each other");
	return STATUS_DONE;
}

static int operands_resolve(struct filter_args *args, int argc, char **argv)
{
	static const char *const names[] = {"VMCORE...", "OUT", NULL};
	static const char *const input_only[] = {"VMCORE...", NULL};
	/* What is named last is a VMCORE too, unless it is "-". */
	bool no_output = args->flattened ? strcmp(argv[argc - 1], "-") != 0
					 : args->dry_run && argc - optind < 2;

	if (!operands_check(argc, argv, no_output ? input_only : names))
		return STATUS_USAGE;
	args->inputs = inputs_take(argv, optind, argc - !no_output);
	args->input = argv[optind];
	args->output = no_output ? NULL : argv[argc - 1];
	if (args->flattened)
		args->output = "-";
	else if (args->output && strcmp(args->output, "-") == 0)
		return message_usage("filter", "OUT cannot be '-' but with --flattened");
	return STATUS_DONE;
}

int filter_args_parse(int argc, char **argv, struct filter_args *ret_args)
{
	struct typed typed = {.args = ret_args, .level = DEFAULT_LEVEL};
	const char *value;
	int id;

	*ret_args = (struct filter_args){0};
	options_reset();
	while ((id = options_next(argc, argv, filter_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			ret_args->help = true;
			return STATUS_DONE;
		}
		if (id == OPTION_BAD || !option_take(&typed, id, value))
			return STATUS_USAGE;
	}

	int status = map_only_resolve(&typed);

	if (status == STATUS_DONE)
		status = output_resolve(&typed);
	if (status == STATUS_DONE)
		status = codec_resolve(&typed);
	if (status == STATUS_DONE)
		status = policy_resolve(&typed);
	if (status == STATUS_DONE)
		status = operands_resolve(ret_args, argc, argv);
	return status;
}
