/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO lines from a vmlinux, for dumps that have none. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>

#include "kernel/facts.h"
#include "kernel/vmlinux.h"
#include "target/target.h"

/* Of machines that have one size alone; of others the page of zeros tells, which is an array there.
 */
static uint64_t page_size_of(const struct vmlinux *vmlinux, const struct types *types)
{
	struct type zeros;

	switch (vmlinux_machine(vmlinux)) {
	case EM_386:
	case EM_X86_64:
	case EM_S390:
	case EM_ARM:
	case EM_RISCV:
		return 4096;
	default:
		return types_variable(types, "empty_zero_page", &zeros) ? zeros.size : 0;
	}
}

static struct vmc_error *text_join(const struct vmlinux *vmlinux, const char *facts,
				   uint64_t page_size, char **ret_text)
{
	const char *build_id = vmlinux_build_id(vmlinux);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return error_nomem();
	fprintf(stream, "OSRELEASE=%s\n", vmlinux_release(vmlinux));
	if (*build_id)
		fprintf(stream, "BUILD-ID=%s\n", build_id);
	if (page_size)
		fprintf(stream, "PAGESIZE=%" PRIu64 "\n", page_size);
	fprintf(stream, "KERNELOFFSET=0\n%s", facts);

	bool failed = ferror(stream);

	if (fclose(stream) || failed) {
		free(text);
		return error_nomem();
	}
	*ret_text = text;
	return NULL;
}

struct vmc_error *vmc_vmcoreinfo_generate(const char *vmlinux_path, char **ret_text)
{
	_cleanup_(vmlinux_close) struct vmlinux *vmlinux = NULL;
	_cleanup_(types_destroy) struct types *types = NULL;
	_cleanup_free_ char *lines = NULL;
	struct facts facts;

	facts_init(&facts);
	TRY(vmlinux_open(vmlinux_path, &vmlinux));
	TRY(vmlinux_types(vmlinux, &types));
	TRY(error_context(facts_from_vmlinux(&facts, vmlinux, types), "%s", vmlinux_path));
	if (!*vmlinux_release(vmlinux))
		return error_create(VMC_ERR_MISSING,
				    "%s: has no linux_banner: which release is it of?",
				    vmlinux_path);
	if (!fact_known(&facts, FACT_SIZE_page))
		return error_create(VMC_ERR_MISSING, "%s: has no struct page in its types",
				    vmlinux_path);
	TRY(facts_to_text(&facts, VMC_FACT_DWARF, &lines));
	return text_join(vmlinux, lines, page_size_of(vmlinux, types), ret_text);
}
