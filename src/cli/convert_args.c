/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert_args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "options.h"
#include "parts.h"

/* For pages that the input has not compressed. */
#define DEFAULT_CODEC "zstd:1"

enum {
	OPTION_TO = OPTION_LONG,
	OPTION_CODEC,
	OPTION_SPLIT,
	OPTION_NO_CHECKSUMS,
	OPTION_COMPACT_MAP,
	OPTION_FULL_MAP,
	OPTION_SHARE_PAGES,
	OPTION_THREADS,
	OPTION_MEMORY_LIMIT,
	OPTION_NO_MMAP,
	OPTION_JSON,
};

const struct option_spec convert_options[] = {
	{OPTION_TO, "to", "FORMAT", "what to write: kdump (default) or elf"},
	{'F', "flattened", NULL, "write a flattened stream; OUT may be '-'"},
	{OPTION_SPLIT, "split", "N", "N parts of a dump: OUT.1, OUT.2, ..."},
	{OPTION_CODEC, "codec", "NAME[:LEVEL]", "compress all pages anew with this"},
	{OPTION_SHARE_PAGES, "share-pages", NULL, "store equal pages once"},
	{OPTION_COMPACT_MAP, "compact-map", NULL, NULL},
	{OPTION_FULL_MAP, "full-map", NULL, "free memory's map once, or in full"},
	{OPTION_NO_CHECKSUMS, "no-checksums", NULL, "the same bytes as makedumpfile writes"},
	{OPTION_THREADS, "threads", "N", "compress by N threads"},
	{OPTION_MEMORY_LIMIT, "memory-limit", "SIZE", "which may take so much memory"},
	{'f', "force", NULL, "replace an existing OUT"},
	{OPTION_NO_MMAP, "no-mmap", NULL, "read IN, do not map it"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{'q', "quiet", NULL, "no progress, and no report unless --json"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull convert [OPTION]... IN... OUT\n"
	     "Writes all pages of IN to OUT in another form.\n");
	options_help(stdout, convert_options);
	puts("\nSeveral IN are the parts of one split dump.  Pages keep their codec.\n"
	     "See vmcull-convert(8).");
}

static bool format_take(struct convert_args *args, const char *value)
{
	if (strcmp(value, "kdump") == 0)
		args->format = VMC_OUTPUT_KDUMP;
	else if (strcmp(value, "elf") == 0)
		args->format = VMC_OUTPUT_ELF;
	else
		message_usage("convert", "--to: '%s' is neither kdump nor elf", value);
	return strcmp(value, "kdump") == 0 || strcmp(value, "elf") == 0;
}

static bool split_take(struct convert_args *args, const char *value)
{
	if (parse_number(value, 2, PARTS_MAX, &args->split))
		return true;
	message_usage("convert", "--split: '%s' is no number between 2 and %d", value, PARTS_MAX);
	return false;
}

/* Takes one option; says what is wrong with it and returns false. */
static bool option_take(struct convert_args *args, int id, const char *value, const char **codec)
{
	switch (id) {
	case OPTION_TO:
		return format_take(args, value);
	case 'F':
		args->flattened = true;
		return true;
	case OPTION_SPLIT:
		return split_take(args, value);
	case OPTION_CODEC:
		*codec = value;
		return true;
	case OPTION_COMPACT_MAP:
		args->compact_map = true;
		return true;
	case OPTION_SHARE_PAGES:
		args->share_pages = true;
		return true;
	case OPTION_FULL_MAP:
		args->full_map = true;
		return true;
	case OPTION_NO_CHECKSUMS:
		args->no_checksums = true;
		return true;
	case OPTION_THREADS:
		return resources_take_threads(&args->resources, "convert", value);
	case OPTION_MEMORY_LIMIT:
		return resources_take_memory(&args->resources, "convert", value);
	case 'f':
		args->force = true;
		return true;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		return true;
	case OPTION_JSON:
		args->json = true;
		return true;
	case 'q':
		args->quiet = true;
		return true;
	case 'v':
		args->verbose++;
		return true;
	}
	return false;
}

static int codec_resolve(struct convert_args *args, const char *name)
{
	struct vmc_error *err = vmc_codec_parse(name ? name : DEFAULT_CODEC, &args->codec);

	args->stored = name ? VMC_STORED_ENCODE : VMC_STORED_PASS;
	if (!err && name && args->format == VMC_OUTPUT_ELF)
		return message_usage("convert", "--codec: an ELF file has no compressed pages");
	if (!err)
		return STATUS_DONE;
	message_usage("convert", "codec: %s", vmc_error_message(err));
	vmc_error_free(err);
	return STATUS_USAGE;
}

static int map_resolve(const struct convert_args *args)
{
	if (args->compact_map && args->full_map)
		return message_usage("convert", "--compact-map and --full-map exclude each other");
	if (args->share_pages && args->format == VMC_OUTPUT_ELF)
		return message_usage("convert", "--share-pages goes with kdump files only");
	if (args->compact_map && (args->format == VMC_OUTPUT_ELF || args->no_checksums))
		return message_usage("convert",
				     "--compact-map goes with kdump files that have checksums");
	return STATUS_DONE;
}

static int operands_resolve(struct convert_args *args, int argc, char **argv)
{
	int count = argc - optind;

	if (count < 2)
		return message_usage("convert", count ? "OUT is missing" : "IN is missing");
	args->inputs = inputs_take(argv, optind, argc - 1);
	args->output = argv[argc - 1];
	if (args->split && args->format == VMC_OUTPUT_ELF)
		return message_usage("convert", "--split goes with kdump files only");
	if (strcmp(args->output, "-") != 0)
		return STATUS_DONE;
	if (!args->flattened)
		return message_usage("convert", "OUT can be '-' with --flattened only: a dump is "
						"written to a file");
	if (args->split)
		return message_usage("convert", "--split writes files: OUT cannot be '-'");
	if (args->json)
		return message_usage("convert", "--json: standard output is for the dump");
	args->quiet = true;
	return STATUS_DONE;
}

int convert_args_parse(int argc, char **argv, struct convert_args *ret_args)
{
	const char *codec = NULL, *value;
	int id;

	*ret_args = (struct convert_args){0};
	options_reset();
	while ((id = options_next(argc, argv, convert_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			ret_args->help = true;
			return STATUS_DONE;
		}
		if (id == OPTION_BAD || !option_take(ret_args, id, value, &codec))
			return STATUS_USAGE;
	}

	int status = codec_resolve(ret_args, codec);

	if (status == STATUS_DONE)
		status = map_resolve(ret_args);
	return status == STATUS_DONE ? operands_resolve(ret_args, argc, argv) : status;
}
