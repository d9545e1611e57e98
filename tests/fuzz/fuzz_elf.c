/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of ELF cores. */
#include "read_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_dump_input(data, size, "elf");
	return 0;
}
