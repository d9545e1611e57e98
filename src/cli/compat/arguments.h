/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of makedumpfile. */
#ifndef VMCULL_CLI_COMPAT_ARGUMENTS_H
#define VMCULL_CLI_COMPAT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

/* Long options without a letter. */
enum compat_option {
	COMPAT_SPLIT = OPTION_LONG,
	COMPAT_REASSEMBLE,
	COMPAT_XEN_SYMS,
	COMPAT_XEN_VMCOREINFO,
	COMPAT_XEN_PHYS_START,
	COMPAT_MESSAGE_LEVEL,
	COMPAT_VTOP,
	COMPAT_DUMP_DMESG,
	COMPAT_PARTIAL_DMESG,
	COMPAT_CONFIG,
	COMPAT_DISKSET,
	COMPAT_CYCLIC_BUFFER,
	COMPAT_EPPIC,
	COMPAT_NON_MMAP,
	COMPAT_MEM_USAGE,
	COMPAT_SPLITBLOCK_SIZE,
	COMPAT_WORK_DIR,
	COMPAT_NUM_THREADS,
	COMPAT_CHECK_PARAMS,
	COMPAT_DRY_RUN,
	COMPAT_SHOW_STATS,
	COMPAT_EXTENSION,
};

#define COMPAT_LEVELS_MAX 32 /* of a list */
#define COMPAT_DISKS_MAX  16 /* members of a disk set */

/* What to do; the first that was asked for, in this order. */
enum compat_mode {
	COMPAT_MODE_HELP,
	COMPAT_MODE_VERSION,
	COMPAT_MODE_GENERATE,
	COMPAT_MODE_REARRANGE,
	COMPAT_MODE_REASSEMBLE,
	COMPAT_MODE_DMESG,
	COMPAT_MODE_MEM_USAGE,
	COMPAT_MODE_CREATE,
};

struct compat_args {
	enum compat_mode mode;
	uint64_t given; /* a bit for each option that was given: compat_given() */
	char codec;     /* the last of c, l, p, z; 0: pages are stored as they are */
	int levels[COMPAT_LEVELS_MAX];
	size_t level_count; /* at least 1 */
	int message_level;  /* with what -D and --show-stats add */
	unsigned int threads; /* of --num-threads; 0: by one, as by 1 */
	uint64_t size_limit;       /* bytes; 0: none */
	uint64_t splitblock_bytes; /* 0: not given */
	uint64_t vtop;
	const char *generate, *vmcoreinfo, *vmlinux, *config; /* or NULL */
	const char *disks[COMPAT_DISKS_MAX];
	size_t disk_count;
	char **operands;
	size_t operand_count;
};

extern const struct option_spec compat_options[];

uint64_t compat_option_bit(int option);

/* Was the option given that has this letter or enum compat_option? */
bool compat_given(const struct compat_args *args, int option);

#define COMPAT_SPELLING_SIZE 32

/* "-c" or "--split" into @text, which is given back. */
const char *compat_spelling(int option, char text[static COMPAT_SPELLING_SIZE]);

/* Parses; says what is wrong and returns false.  Tells messages which of them are wanted
 * (compat/say.h). */
bool compat_args_parse(int argc, char **argv, struct compat_args *ret_args);

#endif
