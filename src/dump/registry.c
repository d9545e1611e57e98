/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that can be read, in the order in which they are tried. */
#include "dump/dump.h"

extern const struct dump_format dump_format_elf;
extern const struct dump_format dump_format_kdump;

const struct dump_format *const dump_formats[] = {
	&dump_format_elf,
	&dump_format_kdump,
	NULL,
};
