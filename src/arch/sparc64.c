/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sparc64: four levels of page tables, which also map all memory and the memory map (3.18), and the
 * image, which locked entries of the TLB map.
 *
 * Follows arch/sparc/include/asm/pgtable_64.h and arch/sparc/mm/init_64.c.  No key tells where the
 * image is: it is found by its init_uts_ns.  One that kexec loaded in pieces (--load) is not
 * contiguous and not found as a whole.  PAGE_OFFSET, which depends on the CPU, need not be known.
 * Not tried on a real dump.
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#define PAGE_SHIFT 13

/* KERNBASE, up to TLBTEMP_BASE; in 4 MiB pages. */
#define IMAGE_FIRST     0x400000u
#define IMAGE_LAST      0x5ffffffu
#define IMAGE_ALIGNMENT ((uint64_t)4 << 20)

/* Entries for tables are bare addresses.  Of the leaves of two formats (sun4u and sun4v) Linux sets
 * nothing else within the longer address of sun4v. */
#define ENTRY_VALID   0x8000000000000000u
#define ENTRY_HUGE    0x0100000000000000u
#define ENTRY_ADDRESS 0x00ffffffffffe000u

#define TOP_LEVEL    3
#define ADDRESS_BITS 53 /* sign-extended */

static const uint8_t index_bits[] = {10, 10, 10, 10};

/* Addresses are signed; those of a walk through the tables from the start are not yet. */
static bool is_address(vmc_vaddr address)
{
	uint64_t sign = address >> (ADDRESS_BITS - 1);

	return sign <= 1 || sign == UINT64_MAX >> (ADDRESS_BITS - 1);
}

static struct paging_entry sparc64_decode(const struct paging *paging, uint64_t entry,
					  unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;
	bool leaf = level == 0 || (level < TOP_LEVEL && entry & ENTRY_HUGE);

	if (!entry || (leaf && !(entry & ENTRY_VALID)) ||
	    (level == TOP_LEVEL && !is_address(address)))
		return (struct paging_entry){PAGING_NONE, 0};
	entry &= paging->address_mask;
	return leaf ? (struct paging_entry){PAGING_LEAF, entry & ~offset_mask}
		    : (struct paging_entry){PAGING_TABLE, entry};
}

static struct vmc_error *sparc64_init(struct arch *arch, const struct vmc_dump *dump,
				      const struct phys_reader *reader)
{
	uint64_t root, offset = 0; /* gcc does not see that it is set */

	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	if (root < IMAGE_FIRST || root > IMAGE_LAST)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
				       "the top page table is not in the kernel image");
	TRY(image_find(arch, dump, reader, IMAGE_FIRST, IMAGE_ALIGNMENT, &offset));
	arch_add_window(arch, IMAGE_FIRST, IMAGE_LAST, IMAGE_FIRST - offset);
	arch->paging = (struct paging){
		.root = root - offset,
		.last = UINT64_MAX,
		.entries = {.big_endian = true, .word_size = 8},
		.decode = sparc64_decode,
		.address_mask = ENTRY_ADDRESS,
	};
	paging_set_levels(&arch->paging, PAGE_SHIFT, index_bits, TOP_LEVEL + 1);
	return NULL;
}

const struct arch_ops arch_sparc64 = {
	.name = "sparc64",
	.machine = EM_SPARCV9,
	.word_size = 8,
	.page_sizes = 8192,
	.big_endian = true,
	.section_size_bits = 30,
	.max_physmem_bits = 53, /* since 3.18 */
	.init = sparc64_init,
};
