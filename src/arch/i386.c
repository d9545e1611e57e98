/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i386: two levels of entries of 4 bytes, or three of 8 bytes (PAE), rooted in swapper_pg_dir.
 *
 * Follows arch/x86/include/asm/pgtable-{2,3}level_types.h and arch/x86/kernel/head_32.S.  Image and
 * lowmem lie PAGE_OFFSET above their physical addresses, KASLR or not; the tables have everything
 * else.  The file may be a 64-bit ELF (QEMU with a CPU that could).  Tried with 5.10
 * (PAE) and 6.1 (both forms).
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#define PAGE_SHIFT    12
#define ENTRY_PRESENT 0x1u
#define ENTRY_LARGE   0x80u
#define LARGE_LEVEL   1 /* 2 MiB, without PAE 4 MiB; entries of the top of PAE have no such bit */

static const uint8_t plain_bits[] = {10, 10};
static const uint8_t pae_bits[] = {2, 9, 9};

static struct paging_entry pae_decode(const struct paging *paging, uint64_t entry,
				      unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;

	(void)address;
	if (!(entry & ENTRY_PRESENT))
		return (struct paging_entry){PAGING_NONE, 0};
	entry &= level == LARGE_LEVEL ? UINT64_MAX : ~(uint64_t)ENTRY_LARGE;
	if (level == 0 || entry & ENTRY_LARGE)
		return (struct paging_entry){PAGING_LEAF,
					     entry & paging->address_mask & ~offset_mask};
	return (struct paging_entry){PAGING_TABLE, entry & paging->address_mask};
}

static struct paging_entry plain_decode(const struct paging *paging, uint64_t entry,
					unsigned int level, vmc_vaddr address)
{
	(void)address;
	if (!(entry & ENTRY_PRESENT))
		return (struct paging_entry){PAGING_NONE, 0};
	/* PSE-36: address bits 39:32 of 4 MiB stand in bits 20:13. */
	if (level == LARGE_LEVEL && entry & ENTRY_LARGE)
		return (struct paging_entry){PAGING_LEAF,
					     (entry & 0xffc00000u) | (entry & 0x1fe000u) << 19};
	return (struct paging_entry){level ? PAGING_TABLE : PAGING_LEAF,
				     entry & paging->address_mask};
}

/* CONFIG_VMSPLIT_* */
static struct vmc_error *find_page_offset(const struct arch *arch, const struct phys_reader *reader,
					  uint64_t *ret_page_offset)
{
	static const uint32_t splits[] = {0xc0000000u, 0xb0000000u, 0x80000000u, 0x78000000u,
					  0x40000000u};

	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		if (image_is_at(arch, reader, splits[i])) {
			*ret_page_offset = splits[i];
			return NULL;
		}
	}
	return error_create(VMC_ERR_MISSING,
			    "init_uts_ns is not where any CONFIG_VMSPLIT has the kernel");
}

static void set_tables(struct arch *arch, vmc_paddr root, bool pae)
{
	arch->paging = (struct paging){
		.root = root,
		.first = 0,
		.last = UINT32_MAX,
		.entries = {.word_size = pae ? 8 : 4},
		.decode = pae ? pae_decode : plain_decode,
		.address_mask = pae ? 0x000ffffffffff000u : 0xfffff000u,
	};
	if (pae)
		paging_set_levels(&arch->paging, PAGE_SHIFT, pae_bits, 3);
	else
		paging_set_levels(&arch->paging, PAGE_SHIFT, plain_bits, 2);
}

static struct vmc_error *i386_init(struct arch *arch, const struct vmc_dump *dump,
				   const struct phys_reader *reader)
{
	uint64_t root, page_offset = 0; /* gcc does not see that it is set */
	bool pae = fact_or(arch->facts, FACT_CONFIG_X86_PAE, 0);
	struct vmc_error *why = NULL;

	(void)dump;
	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	TRY(find_page_offset(arch, reader, &page_offset));
	root = (root - page_offset) & UINT32_MAX;
	set_tables(arch, root, pae);
	if (image_is_mapped(arch, reader, page_offset, &why) || pae)
		return why;
	/* The key is there where PAE is, but a VMCOREINFO that the user made may lack it. */
	set_tables(arch, root, true);
	image_is_mapped(arch, reader, page_offset, &why);
	return why;
}

const struct arch_ops arch_i386 = {
	.name = "i386",
	.machine = EM_386,
	.word_size = 4,
	.page_sizes = 4096,
	.little_endian = true,
	.section_size_bits = 26, /* without PAE; with it see infer.c */
	.max_physmem_bits = 32,
	.init = i386_init,
};
