/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dump/machine.h"
#include "kernel/vmlinux.h"

/* How many contradictions are told one by one. */
#define CONTRADICTIONS_TOLD 4

struct target_debug {
	struct vmlinux *vmlinux;
	struct types *types;
	struct facts facts; /* with addresses as linked */
	uint64_t offset;    /* from there to where the kernel ran */
};

struct vmc_error *target_debug_open(struct vmc_target *target, const char *path)
{
	struct target_debug *debug = calloc(1, sizeof(*debug));

	if (!debug)
		return error_nomem();
	target->debug = debug;
	facts_init(&debug->facts);
	TRY(vmlinux_open(path, &debug->vmlinux));
	if (target->dump->machine && vmlinux_machine(debug->vmlinux) != target->dump->machine)
		return error_create(VMC_ERR_OTHER_KERNEL,
				    "%s: is of ELF machine %u, but the dump is of %s", path,
				    vmlinux_machine(debug->vmlinux),
				    vmc_dump_machine(target->dump));
	TRY(vmlinux_types(debug->vmlinux, &debug->types));
	return error_context(facts_from_vmlinux(&debug->facts, debug->vmlinux, debug->types), "%s",
			     path);
}

void target_debug_close(struct vmc_target *target)
{
	if (!target->debug)
		return;
	types_destroy(target->debug->types);
	vmlinux_close(target->debug->vmlinux);
	free(target->debug);
	target->debug = NULL;
}

const struct types *target_debug_types(const struct vmc_target *target)
{
	return target->debug ? target->debug->types : NULL;
}

struct vmc_error *target_debug_find(const struct vmc_target *target, struct kallsyms_query *queries,
				    size_t count)
{
	uint64_t mask = target->layout.word_size == 4 ? UINT32_MAX : UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		queries[i].matches = 0;
	if (!target->debug)
		return NULL;
	TRY(vmlinux_find(target->debug->vmlinux, queries, count));
	for (size_t i = 0; i < count; i++)
		queries[i].address = (queries[i].address + target->debug->offset) & mask;
	return NULL;
}

static struct vmc_error *check_same(const char *path, const char *what, const char *given,
				    const char *wanted)
{
	if (!wanted || !*given || strcmp(given, wanted) == 0)
		return NULL;
	return error_create(VMC_ERR_OTHER_KERNEL,
			    "%s: is of another kernel: its %s is %s, that "
			    "of the dump %.64s",
			    path, what, given, wanted);
}

/* By how much the kernel was moved when it booted.  Two symbols must agree on it. */
static struct vmc_error *find_offset(const struct vmc_target *target, uint64_t *ret_offset)
{
	static const enum fact_id ids[] = {FACT_SYMBOL_stext, FACT_SYMBOL_init_uts_ns};
	const struct facts *linked = &target->debug->facts, *real = &target->facts;
	uint64_t mask = facts_word_size(linked) == 4 ? UINT32_MAX : UINT64_MAX;
	bool known = false;

	*ret_offset = fact_or(real, FACT_KERNELOFFSET, 0);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (!fact_known(linked, ids[i]) || !fact_known(real, ids[i]))
			continue;

		uint64_t offset = (fact_or(real, ids[i], 0) - fact_or(linked, ids[i], 0)) & mask;

		if (known && offset != *ret_offset)
			return error_create(VMC_ERR_OTHER_KERNEL,
					    "%s: is of another kernel: _stext and init_uts_ns do "
					    "not lie in it as they do in the dump",
					    vmlinux_path(target->debug->vmlinux));
		*ret_offset = offset;
		known = true;
	}
	return NULL;
}

/* Types of one kernel are the same in whatever tells them: the vmlinux is of another build. */
static void tell_contradictions(const struct vmc_target *target, const struct facts *moved)
{
	const char *path = vmlinux_path(target->debug->vmlinux);
	unsigned int told = 0;

	for (enum fact_id id = 0; id < FACT_COUNT && told < CONTRADICTIONS_TOLD; id++) {
		struct vmc_fact ours, theirs;

		/* Values of pointers, which a vmlinux has the addresses of, and VMCOREINFO in some
		 * kernels as well. */
		if (!fact_known(moved, id) || !fact_known(&target->facts, id) ||
		    id == FACT_SYMBOL_mem_section)
			continue;
		fact_describe(&target->facts, id, &ours);
		fact_describe(moved, id, &theirs);
		if (ours.value == theirs.value)
			continue;
		told++;
		log_warning(&target->dump->log,
			    "%s: has %s %" PRId64 ", but the %s has %" PRId64
			    ", which is believed: is it of another build?",
			    path, ours.name, (int64_t)theirs.value,
			    vmc_fact_source_name(ours.source), (int64_t)ours.value);
	}
}

struct vmc_error *target_debug_use(struct vmc_target *target)
{
	struct target_debug *debug = target->debug;
	const struct vmcoreinfo *vmcoreinfo = &target->vmcoreinfo;

	if (!debug)
		return NULL;

	const char *path = vmlinux_path(debug->vmlinux);
	struct facts moved = debug->facts, filled = target->facts;

	TRY(check_same(path, "release", vmlinux_release(debug->vmlinux),
		       vmcoreinfo_string(vmcoreinfo, "OSRELEASE")));
	TRY(check_same(path, "build id", vmlinux_build_id(debug->vmlinux),
		       vmcoreinfo_string(vmcoreinfo, "BUILD-ID")));
	TRY(find_offset(target, &debug->offset));
	facts_shift(&moved, VMC_FACT_DWARF, debug->offset);
	tell_contradictions(target, &moved);
	for (enum fact_id id = 0; id < FACT_COUNT; id++) {
		if (fact_known(&moved, id))
			fact_set(&filled, id, moved.table[id].value, VMC_FACT_DWARF,
				 moved.table[id].reason);
	}
	TRY(error_context(facts_check(&filled), "%s", path));
	target->facts = filled;
	return NULL;
}
