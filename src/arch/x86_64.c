/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: page tables of 4 or 5 levels, rooted in the kernel's own top table.
 *
 * Follows arch/x86/include/asm/pgtable_types.h and Documentation/arch/x86/x86_64/mm.rst.  Every
 * kernel address is translated by walking, the direct map and the kernel image too: so KASLR of
 * image (3.14) and of the regions (4.8) needs no thought.  Tried with 6.1 to 7.3.
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

/* __START_KERNEL_map: virtual address of the kernel image at load offset 0, the same since 2.6. */
#define IMAGE_BASE      0xffffffff80000000u
#define IMAGE_ALIGNMENT ((uint64_t)2 << 20) /* CONFIG_PHYSICAL_ALIGN is no less */
#define PAGE_SHIFT      12
#define ENTRY_PRESENT   0x1u
#define ENTRY_LARGE     0x80u /* PSE: a leaf at the 2 MiB or 1 GiB level */
#define ENTRY_ADDRESS   0x000ffffffffff000u

static const uint8_t index_bits[] = {9, 9, 9, 9, 9};

/* The image is mapped at IMAGE_BASE + its physical address - phys_base (NUMBER(phys_base)
 * since 4.10). Before, the segment of the kernel text in the ELF headers tells. */
static struct vmc_error *find_phys_base(const struct arch *arch, const struct vmc_dump *dump,
					const struct phys_reader *reader, uint64_t *ret_phys_base)
{
	uint64_t offset;

	if (fact_known(arch->facts, FACT_NUMBER_phys_base)) {
		*ret_phys_base = fact_or(arch->facts, FACT_NUMBER_phys_base, 0);
		return NULL;
	}
	if (dump->has_phys_base_hint) {
		*ret_phys_base = dump->phys_base_hint;
		return NULL;
	}
	TRY(error_context(image_search(arch, dump, reader, IMAGE_ALIGNMENT, &offset),
			  "NUMBER(phys_base) is not known"));
	*ret_phys_base = IMAGE_BASE - offset;
	return NULL;
}

static struct vmc_error *find_root(const struct arch *arch, uint64_t *ret_root)
{
	/* One table under three names: init_level4_pgt until 4.12, init_top_pgt since 4.13,
	 * swapper_pg_dir as an alias in all of them. */
	static const enum fact_id names[] = {FACT_SYMBOL_init_top_pgt, FACT_SYMBOL_init_level4_pgt};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (fact_known(arch->facts, names[i])) {
			*ret_root = fact_or(arch->facts, names[i], 0);
			return NULL;
		}
	}
	return fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, ret_root);
}

static struct paging_entry x86_64_decode(const struct paging *paging, uint64_t entry,
					 unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;

	(void)address;
	if (!(entry & ENTRY_PRESENT))
		return (struct paging_entry){PAGING_NONE, 0};
	/* The low bits of a large leaf hold flags (PAT), not address. */
	if (level == 0 || (level <= 2 && (entry & ENTRY_LARGE)))
		return (struct paging_entry){PAGING_LEAF,
					     entry & paging->address_mask & ~offset_mask};
	return (struct paging_entry){PAGING_TABLE, entry & paging->address_mask};
}

static struct vmc_error *x86_64_init(struct arch *arch, const struct vmc_dump *dump,
				     const struct phys_reader *reader)
{
	unsigned int levels = fact_or(arch->facts, FACT_NUMBER_pgtable_l5_enabled, 0) ? 5 : 4;
	uint64_t phys_base, root;

	TRY(find_phys_base(arch, dump, reader, &phys_base));
	TRY(find_root(arch, &root));
	if (root < IMAGE_BASE)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
				       "the top page table is not in the kernel image");
	arch->paging = (struct paging){
		/* phys_base may be "negative": the sum wraps as it does in the kernel. */
		.root = root - IMAGE_BASE + phys_base,
		/* The upper half of the address space is the kernel's. */
		.first = UINT64_MAX << (PAGE_SHIFT + 9 * levels - 1),
		.last = UINT64_MAX,
		.entries = {.word_size = 8},
		.decode = x86_64_decode,
		.address_mask = ENTRY_ADDRESS & ~fact_or(arch->facts, FACT_NUMBER_sme_mask, 0),
	};
	paging_set_levels(&arch->paging, PAGE_SHIFT, index_bits, levels);
	return NULL;
}

const struct arch_ops arch_x86_64 = {
	.name = "x86_64",
	.machine = EM_X86_64,
	.word_size = 8,
	.page_sizes = 4096,
	.little_endian = true,
	.section_size_bits = 27, /* since 2.6.26 */
	.max_physmem_bits = 46,  /* 4 levels, since 2.6.31; 5 levels export the number */
	.init = x86_64_init,
};
