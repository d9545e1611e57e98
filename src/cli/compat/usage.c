/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/usage.h"

#include <stdio.h>

#include <vmcull/version.h>

#include "compat/arguments.h"
#include "compat/codec.h"

void compat_version(void)
{
	printf("makedumpfile: version %s (as vmcull %s)\n", COMPAT_VERSION, vmc_version());
	compat_codec_list();
}

void compat_usage(void)
{
	puts("Usage: makedumpfile [OPTION]... VMCORE DUMPFILE\n"
	     "       makedumpfile -F [OPTION]... VMCORE > STREAM\n"
	     "       makedumpfile -R DUMPFILE < STREAM\n"
	     "       makedumpfile --split [OPTION]... VMCORE DUMPFILE DUMPFILE...\n"
	     "       makedumpfile --reassemble DUMPFILE... DUMPFILE\n"
	     "       makedumpfile --dump-dmesg [OPTION]... VMCORE LOGFILE\n"
	     "       makedumpfile --mem-usage /proc/kcore\n"
	     "       makedumpfile -g VMCOREINFO -x VMLINUX\n"
	     "vmcull in the clothes of makedumpfile: shrinks dumps of crashed kernels.\n");
	options_help(stdout, compat_options);
	puts("\n"
	     "LEVEL of -d is a sum: 1 pages of zeros, 2 page cache, 4 page cache with private\n"
	     "data too, 8 user data, 16 free pages.  That of messages: 1 progress, 2 common,\n"
	     "4 errors, 8 debugging, 16 report.  See vmcull-makedumpfile(7).\n");
	compat_codec_list();
}
