/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter/identity.h"

#include <elf.h>
#include <string.h>

/* What crash and makedumpfile look for there: on x86_64 by how much the kernel was shifted,
 * elsewhere where RAM begins.  makedumpfile (1.7.8) believes this number more than VMCOREINFO: of a
 * riscv64 dump with 0 it finds no memory map. */
static uint64_t phys_base(const struct vmc_target *target)
{
	static const enum fact_id sources[] = {
		FACT_NUMBER_phys_base,     /* x86_64 */
		FACT_NUMBER_phys_ram_base, /* riscv64 */
		FACT_NUMBER_PHYS_OFFSET,   /* arm64 */
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (fact_known(&target->facts, sources[i]))
			return fact_or(&target->facts, sources[i], 0);
	return target->dump->phys_base_hint;
}

void identity_from_target(const struct vmc_target *target, struct identity *ret)
{
	*ret = (struct identity){
		.layout = target->layout,
		.machine = target->arch.ops->machine,
		.phys_offset = target->arch.phys_offset,
		.phys_base = phys_base(target),
		.crash_time = fact_or(&target->facts, FACT_CRASHTIME, 0),
		.cpus = notes_cpu_count(&target->dump->notes),
		.vmcoreinfo_offset = target->vmcoreinfo_offset,
		.vmcoreinfo = target->vmcoreinfo.text,
		.vmcoreinfo_size = target->vmcoreinfo.size,
	};
	memcpy(ret->uts, target->uts, sizeof(ret->uts));
}

/* Of an ELF file RAM begins with the first memory it has, as arch/arm.c has it. */
static vmc_paddr phys_offset(const struct vmc_dump *dump)
{
	vmc_paddr start;
	uint64_t size;

	if (dump->machine != EM_ARM || dump->layout.word_size != 4)
		return 0;
	if (dump->said.by_kdump)
		return dump->said.first_address;
	return dump_next_range(dump, 0, &start, &size) ? start : 0;
}

void identity_from_dump(const struct vmc_dump *dump, struct identity *ret)
{
	const struct note *vmcoreinfo = notes_find(&dump->notes, "VMCOREINFO", 0);
	uint32_t cpus = notes_cpu_count(&dump->notes);

	*ret = (struct identity){
		.layout = dump->layout,
		.machine = dump->machine,
		.phys_offset = phys_offset(dump),
		.phys_base = dump->phys_base_hint,
		.crash_time = dump->said.crash_time,
		.cpus = cpus ? cpus : dump->said.cpus,
	};
	if (vmcoreinfo) {
		ret->vmcoreinfo_offset = vmcoreinfo->offset;
		ret->vmcoreinfo_size = vmcoreinfo->size;
	}
	memcpy(ret->uts, dump->said.uts, sizeof(ret->uts));
}

void identity_of_copy(const struct vmc_target *target, struct identity *ret)
{
	const struct vmc_dump *dump = target->dump;

	identity_from_target(target, ret);
	if (dump->said.crash_time)
		ret->crash_time = dump->said.crash_time;
	if (!ret->cpus)
		ret->cpus = dump->said.cpus;
	/* QEMU leaves them empty.  Who stripped a dump of names did not do so for nothing. */
	if (*dump->said.uts[UTS_SYSNAME])
		memcpy(ret->uts, dump->said.uts, sizeof(ret->uts));
}
