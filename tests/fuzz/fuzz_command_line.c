/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of every command. */
#include "fuzz_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int status = fuzz_program("vmcull", fuzz_input(data, size));

	fuzz_require(status == STATUS_DONE || status == STATUS_FAILED || status == STATUS_USAGE);
	return 0;
}
