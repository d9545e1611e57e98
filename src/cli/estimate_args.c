/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "estimate_args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "options.h"

#define STRING(x)  #x
#define AS_TEXT(x) STRING(x)

/* Nothing, each bit alone, and all. */
#define DEFAULT_LEVELS (1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16 | 1u << 31)

enum {
	OPTION_LEVELS = OPTION_LONG,
	OPTION_CODEC,
	OPTION_TARGET,
	OPTION_SAMPLE,
	OPTION_JSON,
	OPTION_NO_MMAP,
};

const struct option_spec estimate_options[] = {
	{OPTION_LEVELS, "levels", "LIST", "dump levels, or \"all\" (default: 0,1,2,4,8,16,31)"},
	{OPTION_CODEC, "codec", "NAME[:LEVEL]", "a codec; may be repeated (default: each)"},
	{OPTION_TARGET, "target", "DIR", "where the dump shall go (default: this folder)"},
	{OPTION_SAMPLE, "sample", "N",
	 "pages of each state to compress (default: " AS_TEXT(VMC_ESTIMATE_SAMPLE) ")"},
	{OPTION_JSON, "json", NULL, "report in JSON"},
	{'i', "vmcoreinfo", "FILE", "take VMCOREINFO from a file"},
	{'x', "vmlinux", "FILE", "take symbols and debug information from a vmlinux"},
	{OPTION_NO_MMAP, "no-mmap", NULL, "read the dump with pread() only"},
	{'v', "verbose", NULL, "say more; twice: still more"},
	{OPTION_SPEC_HELP},
	{0},
};

static void print_help(void)
{
	puts("Usage: vmcull estimate [OPTION]... VMCORE\n"
	     "Tells how large a filtered dump of VMCORE, which may be /proc/kcore, would be.\n");
	options_help(stdout, estimate_options);
	puts("\nSee vmcull-estimate(8), and vmcull(5) for the JSON.");
}

static int take_levels(struct estimate_args *args, const char *list)
{
	args->levels = 0;
	if (!strcmp(list, "all")) {
		args->levels = UINT32_MAX;
		return STATUS_DONE;
	}
	for (;;) {
		size_t length = strcspn(list, ",");
		char text[8];
		int level;

		snprintf(text, sizeof(text), "%.*s", length < 7 ? (int)length : 7, list);
		if (!parse_number(text, 0, VMC_ESTIMATE_LEVELS - 1, &level))
			return message_usage("estimate", "\"%.*s\" is no dump level (0 to 31)",
					     length < 32 ? (int)length : 32, list);
		args->levels |= 1u << level;
		if (!list[length])
			return STATUS_DONE;
		list += length + 1;
	}
}

static int take_codec(struct estimate_args *args, const char *text)
{
	struct vmc_error *err;

	if (args->codec_count == VMC_ESTIMATE_CODECS_MAX)
		return message_usage("estimate", "more than %d codecs", VMC_ESTIMATE_CODECS_MAX);
	err = vmc_codec_parse(text, &args->codecs[args->codec_count]);
	if (err) {
		message_usage("estimate", "codec: %s", vmc_error_message(err));
		vmc_error_free(err);
		return STATUS_USAGE;
	}
	args->codec_count++;
	return STATUS_DONE;
}

static int take_sample(struct estimate_args *args, const char *text)
{
	int number;

	if (!parse_number(text, 2, VMC_ESTIMATE_SAMPLE_MAX, &number))
		return message_usage("estimate", "\"%.32s\" is no number from 2 to %d", text,
				     VMC_ESTIMATE_SAMPLE_MAX);
	args->sample = (uint32_t)number;
	return STATUS_DONE;
}

static int option_take(struct estimate_args *args, int id, const char *value)
{
	switch (id) {
	case OPTION_LEVELS:
		return take_levels(args, value);
	case OPTION_CODEC:
		return take_codec(args, value);
	case OPTION_TARGET:
		args->target = value;
		break;
	case OPTION_SAMPLE:
		return take_sample(args, value);
	case OPTION_JSON:
		args->json = true;
		break;
	case OPTION_NO_MMAP:
		args->no_mmap = true;
		break;
	case 'i':
		args->vmcoreinfo = value;
		break;
	case 'x':
		args->vmlinux = value;
		break;
	case 'v':
		args->verbose++;
		break;
	}
	return STATUS_DONE;
}

/* All that are built in, each at its own level. */
static void take_default_codecs(struct estimate_args *args)
{
	const struct vmc_codec *codec;

	for (size_t i = 0; (codec = vmc_codec_at(i)) && i < VMC_ESTIMATE_CODECS_MAX; i++)
		args->codecs[args->codec_count++] =
			(struct vmc_codec_spec){codec, vmc_codec_level_default(codec)};
}

int estimate_args_parse(int argc, char **argv, struct estimate_args *ret_args)
{
	static const char *const names[] = {"VMCORE", NULL};
	struct estimate_args args = {
		.levels = DEFAULT_LEVELS,
		.sample = VMC_ESTIMATE_SAMPLE,
		.target = ".",
	};
	const char *value;
	int id, status;

	options_reset();
	while ((id = options_next(argc, argv, estimate_options, &value)) != OPTION_END) {
		if (id == OPTION_HELP) {
			print_help();
			*ret_args = (struct estimate_args){.help = true};
			return STATUS_DONE;
		}
		if (id == OPTION_BAD)
			return STATUS_USAGE;
		status = option_take(&args, id, value);
		if (status != STATUS_DONE)
			return status;
	}
	if (!operands_check(argc, argv, names))
		return STATUS_USAGE;
	if (!args.codec_count)
		take_default_codecs(&args);
	args.input = argv[optind];
	*ret_args = args;
	return STATUS_DONE;
}
