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
	{"S390X", EM_S390}, /* QEMU */
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

/* Elf_Prstatus of the kernel: 112 or 72 bytes, the registers, and an int padded to a word. */
uint16_t machine_from_prstatus(struct layout layout, uint32_t size)
{
	static const struct {
		struct layout layout;
		uint32_t size;
		uint16_t machine;
	} notes[] = {
		{{false, 8}, 336, EM_X86_64}, {{false, 8}, 392, EM_AARCH64},
		{{true, 8}, 392, EM_AARCH64}, {{true, 8}, 336, EM_S390},
		{{false, 8}, 504, EM_PPC64},  {{true, 8}, 504, EM_PPC64},
		{{false, 8}, 376, EM_RISCV},  {{false, 8}, 480, EM_LOONGARCH},
		{{false, 4}, 144, EM_386},    {{false, 4}, 148, EM_ARM},
		{{true, 4}, 148, EM_ARM},
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		if (notes[i].layout.big_endian == layout.big_endian &&
		    notes[i].layout.word_size == layout.word_size && notes[i].size == size)
			return notes[i].machine;
	}
	return EM_NONE;
}
