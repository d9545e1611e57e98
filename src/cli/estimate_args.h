/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "vmcull estimate". */
#ifndef VMCULL_CLI_ESTIMATE_ARGS_H
#define VMCULL_CLI_ESTIMATE_ARGS_H

#include <stdbool.h>

#include <vmcull/estimate.h>

struct estimate_args {
	uint32_t levels; /* a bit each */
	struct vmc_codec_spec codecs[VMC_ESTIMATE_CODECS_MAX];
	size_t codec_count;
	uint32_t sample;
	const char *target;               /* directory */
	const char *vmcoreinfo, *vmlinux; /* or NULL */
	bool json, no_mmap;
	unsigned int verbose;
	const char *input;
	bool help; /* was asked for and shown: nothing is to be done */
};

/* Returns an enum status: STATUS_DONE, or STATUS_USAGE after saying what is wrong. */
int estimate_args_parse(int argc, char **argv, struct estimate_args *ret_args);

#endif
