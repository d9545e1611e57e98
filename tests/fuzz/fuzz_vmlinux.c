/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vmlinux: its symbols, build id, banner and debug information, through libelf and libdw. */
#include "fuzz_file.h"
#include "fuzz_types.h"
#include "kernel/vmlinux.h"

static void look_at(struct vmlinux *vmlinux)
{
	struct kallsyms_query queries[] = {{.name = "main"}, {.name = "linux_banner"}};
	struct types *types;
	struct facts facts;

	fuzz_require(vmlinux_release(vmlinux) && vmlinux_build_id(vmlinux));
	vmlinux_machine(vmlinux);
	fuzz_failed(vmlinux_find(vmlinux, queries, 2));
	facts_init(&facts);
	if (!fuzz_failed(vmlinux_types(vmlinux, &types))) {
		fuzz_types(types);
		fuzz_failed(facts_from_vmlinux(&facts, vmlinux, types));
		types_destroy(types);
	}
	fuzz_failed(vmlinux_check(vmlinux));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmlinux *vmlinux;

	if (fuzz_failed(vmlinux_open(fuzz_file(data, size), &vmlinux)))
		return 0;
	look_at(vmlinux);
	vmlinux_close(vmlinux);
	return 0;
}
