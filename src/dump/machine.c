/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/machine.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

/* Of several names of a machine the first is the usual one. */
static const struct {
	const char *name;
	uint16_t machine;
} machines[] = {
	{"x86_64", EM_X86_64},
	{"aarch64", EM_AARCH64},
	{"aarch64_be", EM_AARCH64},
	{"s390x", EM_S390},
	{"ppc64", EM_PPC64},
	{"ppc64le", EM_PPC64},
	{"ppc", EM_PPC},
	{"riscv64", EM_RISCV},
	{"loongarch64", EM_LOONGARCH},
	{"arm", EM_ARM},
	{"mips64", EM_MIPS},
	{"mips", EM_MIPS},
	{"sparc64", EM_SPARCV9},
	{"ia64", EM_IA_64},
	{"i386", EM_386},
	{"i486", EM_386},
	{"i586", EM_386},
	{"i686", EM_386},
};

#define MACHINE_COUNT (sizeof(machines) / sizeof(machines[0]))

uint16_t machine_from_name(const char *name)
{
	for (size_t i = 0; i < MACHINE_COUNT; i++) {
		if (strcmp(machines[i].name, name) == 0)
			return machines[i].machine;
	}
	/* armv5tel, armv6l, armv7l, armv7b …: each core has a name of its own. */
	return strncmp(name, "armv", 4) == 0 ? EM_ARM : EM_NONE;
}

const char *machine_name(uint16_t machine)
{
	for (size_t i = 0; i < MACHINE_COUNT; i++) {
		if (machines[i].machine == machine)
			return machines[i].name;
	}
	return NULL;
}
