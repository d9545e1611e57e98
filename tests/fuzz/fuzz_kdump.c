/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of kdump-compressed files, and of sets of parts. */
#include "read_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_dump_input(data, size, "kdump");
	return 0;
}
