/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mips64: the segments that the machine maps without tables.  Image (CKSEG0, or XKPHYS), all memory
 * (XKPHYS) and the memory map, which is in it, are there.
 *
 * Follows arch/mips/include/asm/addrspace.h.  What is mapped by tables (modules, vmalloc) is not
 * translated: where the pfn stands in an entry depends on what the CPU can do (RIXI, huge pages)
 * and on the configuration (arch/mips/include/asm/pgtable-bits.h), of which no key tells anything.
 * No rule needs it.  A kernel that is mapped itself (CONFIG_MAPPED_KERNEL of SGI IP27) is refused.
 * The 32-bit MIPS is another architecture, of the same EM_MIPS.  Not tried on a real dump.
 */
#include "arch/registry.h"

#include <elf.h>

#define XKPHYS       0x8000000000000000u
#define XKPHYS_LAST  0xbfffffffffffffffu
#define XKPHYS_SHIFT 59 /* above the physical address: how it is cached */
#define CKSEG0       0xffffffff80000000u
#define CKSEG1_LAST  0xffffffffbfffffffu
#define CKSEG_SHIFT  29 /* two segments of so many bits, cached and not */

static struct vmc_error *mips64_find(const struct arch *arch, const struct phys_reader *reader,
				     vmc_vaddr address, struct va_range *ret_range)
{
	bool compatible = address >= CKSEG0 && address <= CKSEG1_LAST;
	bool mapped = compatible || (address >= XKPHYS && address <= XKPHYS_LAST);
	uint64_t mask = ((uint64_t)1 << (compatible ? CKSEG_SHIFT : XKPHYS_SHIFT)) - 1;

	(void)arch;
	(void)reader;
	if (!mapped)
		return error_create_at(VMC_ERR_UNSUPPORTED, ERROR_AT_VADDR, address,
				       "mapped segments of mips64 are not translated: how entries "
				       "of page tables are to be read depends on the CPU");
	*ret_range = (struct va_range){
		.first = address & ~mask,
		.last = address | mask,
		.mapped = true,
	};
	return NULL;
}

static struct vmc_error *mips64_init(struct arch *arch, const struct vmc_dump *dump,
				     const struct phys_reader *reader)
{
	(void)arch;
	(void)reader;
	if (dump->layout.word_size != 8)
		return error_create(VMC_ERR_UNSUPPORTED, "32-bit MIPS is not supported");
	return NULL;
}

const struct arch_ops arch_mips64 = {
	.name = "mips64",
	.machine = EM_MIPS,
	.word_size = 8,
	.page_sizes = 4096 | 8192 | 16384 | 32768 | 65536,
	.big_endian = true,
	.little_endian = true,
	.section_size_bits = 28,
	.max_physmem_bits = 48,
	.init = mips64_init,
	.find = mips64_find,
};
