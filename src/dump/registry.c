/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that can be read, in the order in which they are tried. */
#include "dump/dump.h"

extern const struct dump_format dump_format_elf;
extern const struct dump_format dump_format_kdump;
extern const struct dump_format dump_format_sadump;
#ifdef HAVE_KDUMPFILE
extern const struct dump_format dump_format_diskdump, dump_format_lkcd, dump_format_s390;
#endif

const struct dump_format *const dump_formats[] = {
	&dump_format_elf,
	&dump_format_kdump,
	&dump_format_sadump,
#ifdef HAVE_KDUMPFILE
	&dump_format_diskdump,
	&dump_format_lkcd,
	&dump_format_s390,
#endif
	NULL,
};
