/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of makedumpfile 1.7.9, each in the form that it has there. */
#include <stdio.h>

#include "compat/arguments.h"

const struct option_spec compat_options[] = {
	{'c', NULL, NULL, NULL},
	{'l', NULL, NULL, NULL},
	{'p', NULL, NULL, NULL},
	{'z', NULL, NULL, "compress with zlib, LZO, snappy, zstd"},
	{'E', NULL, NULL, "write ELF"},
	{'F', NULL, NULL, "write a flattened stream to stdout"},
	{'d', NULL, "LEVEL[,LEVEL]...", "what to leave out; next: when it is full"},
	{'e', NULL, NULL, "also the memory map of what is left out"},
	{'L', NULL, "SIZE", "write no more than this"},
	{'f', NULL, NULL, "replace DUMPFILE"},
	{COMPAT_SPLIT, "split", NULL, "write several files"},
	{COMPAT_SPLITBLOCK_SIZE, "splitblock-size", "KIB", "unit in which --split divides"},
	{COMPAT_REASSEMBLE, "reassemble", NULL, "join them"},
	{'R', NULL, NULL, "make a dump of a flattened stream"},
	{COMPAT_DISKSET, "diskset", "VMCORE", "member of a set, once for each"},
	{'x', NULL, "VMLINUX", NULL},
	{'i', NULL, "VMCOREINFO", "know the kernel from a file"},
	{'g', NULL, "VMCOREINFO", "make such a file of VMLINUX"},
	{COMPAT_CONFIG, "config", "FILE", "erase what these rules name"},
	{COMPAT_DUMP_DMESG, "dump-dmesg", NULL, "write the log of the kernel"},
	{COMPAT_PARTIAL_DMESG, "partial-dmesg", NULL, "only since it was cleared"},
	{COMPAT_MEM_USAGE, "mem-usage", NULL, "tell how many pages are of what kind"},
	{COMPAT_VTOP, "vtop", "ADDRESS", "tell also where this virtual address is"},
	{COMPAT_MESSAGE_LEVEL, "message-level", "LEVEL", "which messages (default: 7)"},
	{'D', NULL, NULL, NULL},
	{COMPAT_SHOW_STATS, "show-stats", NULL, "messages for debugging, a report"},
	{COMPAT_DRY_RUN, "dry-run", NULL, "do all but write"},
	{COMPAT_CHECK_PARAMS, "check-params", NULL, "look at the command line only"},
	{COMPAT_NON_MMAP, "non-mmap", NULL, "read VMCORE, do not map it"},
	{COMPAT_NUM_THREADS, "num-threads", "N", "compress by so many threads"},
	{'b', NULL, "ORDER", "accepted"},
	{COMPAT_CYCLIC_BUFFER, "cyclic-buffer", "KIB", "accepted"},
	{COMPAT_WORK_DIR, "work-dir", "DIR", "accepted"},
	{COMPAT_EPPIC, "eppic", "FILE", NULL},
	{COMPAT_EXTENSION, "extension", "FILE", "refused"},
	{'X', NULL, NULL, NULL},
	{COMPAT_XEN_SYMS, "xen-syms", "FILE", "refused, as all for Xen"},
	{COMPAT_XEN_VMCOREINFO, "xen-vmcoreinfo", "FILE", "refused"},
	{COMPAT_XEN_PHYS_START, "xen_phys_start", "ADDRESS", "refused"},
	{'v', NULL, NULL, "show the version and exit"},
	{OPTION_SPEC_HELP},
	{0},
};

static unsigned int option_index(int option)
{
	unsigned int index = 0;

	while (compat_options[index].id && compat_options[index].id != option)
		index++;
	return index;
}

uint64_t compat_option_bit(int option)
{
	return UINT64_C(1) << option_index(option);
}

bool compat_given(const struct compat_args *args, int option)
{
	return args->given & compat_option_bit(option);
}

const char *compat_spelling(int option, char text[static COMPAT_SPELLING_SIZE])
{
	const struct option_spec *spec = &compat_options[option_index(option)];

	if (spec->id < OPTION_LONG)
		snprintf(text, COMPAT_SPELLING_SIZE, "-%c", spec->id);
	else
		snprintf(text, COMPAT_SPELLING_SIZE, "--%s", spec->name);
	return text;
}
