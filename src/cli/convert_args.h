/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull convert". */
#ifndef VMCULL_CLI_CONVERT_ARGS_H
#define VMCULL_CLI_CONVERT_ARGS_H

#include <stdbool.h>

#include <vmcull/codec.h>
#include <vmcull/write.h>

#include "opened.h"
#include "resources.h"

struct convert_args {
	enum vmc_output_format format;
	bool flattened;
	bool share_pages;
	bool compact_map, full_map; /* neither: as the input has it */
	int split;                  /* into so many parts; 0: one file */
	struct vmc_codec_spec codec;
	enum vmc_write_stored stored;
	bool no_checksums, force, no_mmap, json, quiet;
	unsigned int verbose;
	struct resources resources;
	struct inputs inputs;
	/* "-": standard output; of parts what their names begin with */
	const char *output;
	bool help; /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int convert_args_parse(int argc, char **argv, struct convert_args *ret_args);

#endif
