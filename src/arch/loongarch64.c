/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loongarch64: windows in which the machine maps memory without tables, and page tables of 2 to 4
 * levels for what lies above them (modules, vmalloc, vmemmap).
 *
 * Follows arch/loongarch/include/asm/{addrspace,pgtable,pgtable-bits}.h, mm/init.c, mm/pgtable.c
 * and mm/tlbex.S.  No key tells anything of it: the levels are counted in the tables themselves.
 * Tried with 7.2 (16K pages, 3 levels).
 */
#include "arch/registry.h"

#include <elf.h>

#include "base/checked.h"

/* Windows 0x8… (uncached), 0x9… (cached, where the kernel runs) and 0xa… (write-combining, 6.4),
 * each with all physical memory. */
#define WINDOW_FIRST       8u
#define WINDOW_LAST        10u
#define WINDOW_SHIFT       60
#define WINDOW_OFFSET_MASK (((uint64_t)1 << 48) - 1)
/* The kernel's tables are for addresses from -2^47 on, or wherever the machine has its lowest. */
#define PAGED_FIRST ((uint64_t)0xffff << 48)
#define LEVELS_MAX  4u
#define LEVELS_MIN  2u
#define ENTRY_VALID 0x1u  /* of a page */
#define ENTRY_HUGE  0x40u /* a leaf, on levels that have tables */
/* A table is read to so many entries to find out of which level it is. */
#define ENTRIES_LOOKED_AT 512

static bool in_window(uint64_t address)
{
	return address >> WINDOW_SHIFT >= WINDOW_FIRST && address >> WINDOW_SHIFT <= WINDOW_LAST;
}

/* Entries for tables are the addresses of these, in a window.  An entry for nothing is the address
 * of a table in which all entries are so, down to one of zeros. */
static bool is_table(uint64_t entry, unsigned int page_shift)
{
	return in_window(entry) && !(entry & (((uint64_t)1 << page_shift) - 1));
}

static struct paging_entry loongarch64_decode(const struct paging *paging, uint64_t entry,
					      unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;

	(void)address;
	if (level > 0 && is_table(entry, paging->level[0].shift))
		return (struct paging_entry){PAGING_TABLE, entry & WINDOW_OFFSET_MASK};
	if (!(entry & ENTRY_VALID) || (level > 0 && !(entry & ENTRY_HUGE)))
		return (struct paging_entry){PAGING_NONE, 0};
	return (struct paging_entry){PAGING_LEAF, entry & paging->address_mask & ~offset_mask};
}

/* The first entry for a table in @table; not found: it is of the last level. */
static struct vmc_error *find_next_table(const struct arch *arch, const struct phys_reader *reader,
					 vmc_paddr table, bool *ret_found, vmc_paddr *ret_next)
{
	uint8_t bytes[ENTRIES_LOOKED_AT * 8];

	TRY(paging_read(reader, table, bytes, sizeof(bytes)));
	*ret_found = false;
	for (size_t i = 0; i < ENTRIES_LOOKED_AT && !*ret_found; i++) {
		uint64_t entry = load_u64(arch->layout, bytes + i * 8);

		*ret_found = is_table(entry, arch->page_shift);
		*ret_next = entry & WINDOW_OFFSET_MASK;
	}
	return NULL;
}

static struct vmc_error *count_levels(const struct arch *arch, const struct phys_reader *reader,
				      vmc_paddr root, unsigned int *ret_levels)
{
	vmc_paddr table = root;
	unsigned int levels = 0;

	for (bool found = true; found && levels <= LEVELS_MAX; levels++)
		TRY(find_next_table(arch, reader, table, &found, &table));
	if (levels < LEVELS_MIN || levels > LEVELS_MAX ||
	    arch->page_shift + levels * (arch->page_shift - 3) > 63)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_PADDR, root,
				       "swapper_pg_dir does not hold page tables of %u levels",
				       levels);
	*ret_levels = levels;
	return NULL;
}

static struct vmc_error *loongarch64_init(struct arch *arch, const struct vmc_dump *dump,
					  const struct phys_reader *reader)
{
	uint8_t bits[LEVELS_MAX];
	unsigned int levels = 0;
	uint64_t root;

	(void)dump;
	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	if (!in_window(root))
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
				       "the top page table is not where the kernel image is");
	for (uint64_t i = WINDOW_FIRST; i <= WINDOW_LAST; i++)
		arch_add_window(arch, i << WINDOW_SHIFT, (i << WINDOW_SHIFT) + WINDOW_OFFSET_MASK,
				0);
	root &= WINDOW_OFFSET_MASK;
	TRY(count_levels(arch, reader, root, &levels));
	for (unsigned int i = 0; i < levels; i++)
		bits[i] = (uint8_t)(arch->page_shift - 3);
	arch->paging = (struct paging){
		.root = root,
		.first = PAGED_FIRST,
		.last = UINT64_MAX,
		.entries = {.word_size = 8},
		.decode = loongarch64_decode,
		.address_mask = WINDOW_OFFSET_MASK & ~(((uint64_t)1 << arch->page_shift) - 1),
	};
	paging_set_levels(&arch->paging, arch->page_shift, bits, levels);
	return NULL;
}

const struct arch_ops arch_loongarch64 = {
	.name = "loongarch64",
	.machine = EM_LOONGARCH,
	.word_size = 8,
	.page_sizes = 4096 | 16384 | 65536,
	.little_endian = true,
	.section_size_bits = 29,
	.max_physmem_bits = 48,
	.init = loongarch64_init,
};
