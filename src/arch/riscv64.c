/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64: page tables of 3, 4 or 5 levels (Sv39, Sv48, Sv57), rooted in swapper_pg_dir.
 *
 * Follows arch/riscv/include/asm/{pgtable,pgtable-64,pgtable-bits}.h, mm/init.c and
 * kernel/vmcore_info.c.  Image, linear map and vmemmap are all in the tables, wherever a release
 * has them.  Kernels that run from flash (XIP) are not read.  Tried with 6.12 (Sv39,
 * Sv57) and 7.2 (Sv48).
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#include "base/checked.h"

#define PAGE_SHIFT          12
#define IMAGE_ALIGNMENT     ((uint64_t)2 << 20)
#define ENTRY_VALID         0x1u
#define ENTRY_LEAF          0xeu /* may be read, written or executed; none of that: a table */
#define ENTRY_NUMBER(entry) ((entry) >> 10 & (((uint64_t)1 << 44) - 1))

/* Svnapot: 16 pages have the same entry, whose number ends in this. */
#define ENTRY_NAPOT ((uint64_t)1 << 63)
#define NAPOT_MASK  0xfu
#define NAPOT_64K   0x8u

static const uint8_t index_bits[] = {9, 9, 9, 9, 9};

/* Modes of the register satp, in its upper four bits, are SATP_SV39 and the next two. */
#define LEVELS_MIN 3u
#define LEVELS_MAX 5u
#define SATP_SV39  8u

static struct paging_entry riscv64_decode(const struct paging *paging, uint64_t entry,
					  unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;
	uint64_t number = ENTRY_NUMBER(entry);

	if (!(entry & ENTRY_VALID))
		return (struct paging_entry){PAGING_NONE, 0};
	if (level > 0 && !(entry & ENTRY_LEAF))
		return (struct paging_entry){PAGING_TABLE, number << PAGE_SHIFT};
	if (!(entry & ENTRY_LEAF)) /* a pointer on the last level */
		return (struct paging_entry){PAGING_NONE, 0};
	if (level == 0 && (entry & ENTRY_NAPOT) && (number & NAPOT_MASK) == NAPOT_64K)
		number = (number & ~(uint64_t)NAPOT_MASK) | (address >> PAGE_SHIFT & NAPOT_MASK);
	return (struct paging_entry){PAGING_LEAF, number << PAGE_SHIFT & ~offset_mask};
}

static unsigned int address_bits(unsigned int levels)
{
	return PAGE_SHIFT + 9 * levels;
}

static bool levels_allowed(const struct facts *facts, unsigned int levels)
{
	if (fact_known(facts, FACT_NUMBER_VA_BITS)) /* since 6.1 */
		return fact_or(facts, FACT_NUMBER_VA_BITS, 0) == address_bits(levels);
	if (fact_known(facts, FACT_NUMBER_satp))
		return fact_or(facts, FACT_NUMBER_satp, 0) >> 60 == levels - LEVELS_MIN + SATP_SV39;
	return true;
}

static struct vmc_error *find_levels(struct arch *arch, const struct phys_reader *reader,
				     vmc_vaddr root, uint64_t offset)
{
	struct vmc_error *why = NULL;

	for (unsigned int levels = LEVELS_MIN; levels <= LEVELS_MAX; levels++) {
		if (!levels_allowed(arch->facts, levels))
			continue;
		arch->paging = (struct paging){
			.root = root - offset,
			.first = UINT64_MAX << (address_bits(levels) - 1),
			.last = UINT64_MAX,
			.entries = {.word_size = 8},
			.decode = riscv64_decode,
		};
		paging_set_levels(&arch->paging, PAGE_SHIFT, index_bits, levels);
		if (image_is_mapped(arch, reader, offset, &why))
			return NULL;
	}
	if (why)
		return why;
	return error_create(VMC_ERR_CORRUPT, "riscv64 has no address space of %ju bits",
			    (uintmax_t)fact_or(arch->facts, FACT_NUMBER_VA_BITS, 0));
}

static struct vmc_error *riscv64_init(struct arch *arch, const struct vmc_dump *dump,
				      const struct phys_reader *reader)
{
	uint64_t root, offset = fact_or(arch->facts, FACT_NUMBER_va_kernel_pa_offset, 0);

	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	if (!fact_known(arch->facts, FACT_NUMBER_va_kernel_pa_offset)) /* before 6.1 */
		TRY(error_context(image_search(arch, dump, reader, IMAGE_ALIGNMENT, &offset),
				  "NUMBER(va_kernel_pa_offset) is not known"));
	return find_levels(arch, reader, root, offset);
}

const struct arch_ops arch_riscv64 = {
	.name = "riscv64",
	.machine = EM_RISCV,
	.word_size = 8,
	.page_sizes = 4096,
	.little_endian = true,
	.section_size_bits = 27,
	.max_physmem_bits = 56,
	.init = riscv64_init,
};
