/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull filter". */
#ifndef VMCULL_CLI_FILTER_ARGS_H
#define VMCULL_CLI_FILTER_ARGS_H

#include <stdbool.h>

#include <vmcull/codec.h>
#include <vmcull/filter.h>
#include <vmcull/strip.h>
#include <vmcull/write.h>

#include "opened.h"
#include "resources.h"

struct filter_args {
	struct vmc_filter_policy policy;
	bool map_only, compact_map, small, share_pages;
	struct vmc_strip_options strip; /* of map_only */
	struct vmc_codec_spec codec;
	enum vmc_output_format format;
	bool flattened, dry_run;
	struct resources resources;
	uint64_t size_limit;                               /* bytes; 0: none */
	int split;                                         /* into how many parts; 0: not */
	const char *vmcoreinfo, *vmlinux, *config, *trace; /* or NULL */
	bool recompress; /* a level was given: also what has that codec already */
	bool no_checksums;
	bool force, strict, no_mmap, no_sandbox, json, quiet;
	unsigned int verbose;
	struct inputs inputs;
	const char *input;  /* the first of them */
	const char *output; /* "-": standard output; NULL: none was named, for a dry run */
	bool help;          /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int filter_args_parse(int argc, char **argv, struct filter_args *ret_args);

#endif
