/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm: two levels of short descriptors, or three of long ones (LPAE), rooted in swapper_pg_dir.
 *
 * Follows arch/arm/include/asm/pgtable-{2,3}level-hwdef.h, arch/arm/kernel/head.S,
 * arch/arm/mm/mmu.c.  No key tells where RAM is.  Image and lowmem lie at one distance from it, so
 * that where init_uts_ns is found tells, and everything else is in the tables.  Tried with 5.10
 * (short), 6.12 (both forms) and 7.2 (LPAE).
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#define PAGE_SHIFT      12
#define IMAGE_ALIGNMENT ((uint64_t)2 << 20) /* since 5.11; 16 MiB before */

/* Short descriptors */
#define SECTION_LEVEL 1
#define TYPE_MASK     0x3u
#define TYPE_TABLE    0x1u
#define TYPE_LARGE    0x1u     /* of a page: 64 KiB, in 16 equal entries */
#define SUPERSECTION  0x40000u /* 16 MiB, in 16 equal entries */

/* Long ones */
#define TYPE_LONG_TABLE 0x3u /* of the last level: a page */

static const uint8_t short_bits[] = {12, 8};
static const uint8_t long_bits[] = {2, 9, 9};

/* Address bits 35:32 of a supersection stand in bits 23:20, bits 39:36 in bits 8:5. */
static vmc_paddr supersection(uint64_t entry, vmc_vaddr address)
{
	return (entry & 0xff000000u) | (entry & 0x00f00000u) << 12 | (entry & 0x1e0u) << 31 |
	       (address & 0x00f00000u);
}

static struct paging_entry short_decode(const struct paging *paging, uint64_t entry,
					unsigned int level, vmc_vaddr address)
{
	unsigned int type = entry & TYPE_MASK;

	(void)paging;
	if (!type)
		return (struct paging_entry){PAGING_NONE, 0};
	if (level < SECTION_LEVEL)
		return (struct paging_entry){PAGING_LEAF,
					     type == TYPE_LARGE
						     ? (entry & 0xffff0000u) | (address & 0xf000u)
						     : entry & 0xfffff000u};
	if (type == TYPE_TABLE)
		return (struct paging_entry){PAGING_TABLE, entry & 0xfffffc00u};
	if (entry & SUPERSECTION)
		return (struct paging_entry){PAGING_LEAF, supersection(entry, address)};
	return (struct paging_entry){PAGING_LEAF, entry & 0xfff00000u};
}

static struct paging_entry long_decode(const struct paging *paging, uint64_t entry,
				       unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;
	bool table = (entry & TYPE_MASK) == TYPE_LONG_TABLE;

	(void)address;
	if (!(entry & 1) || (level == 0 && !table))
		return (struct paging_entry){PAGING_NONE, 0};
	if (level == 0 || !table)
		return (struct paging_entry){PAGING_LEAF,
					     entry & paging->address_mask & ~offset_mask};
	return (struct paging_entry){PAGING_TABLE, entry & paging->address_mask};
}

/* The kernel is linked right above PAGE_OFFSET, of which CONFIG_VMSPLIT_* has four. */
static struct vmc_error *find_page_offset(uint64_t root, uint64_t *ret_page_offset)
{
	static const uint32_t splits[] = {0xc0000000u, 0xb0000000u, 0x80000000u, 0x40000000u};

	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		if (root >= splits[i] && root <= UINT32_MAX) {
			*ret_page_offset = splits[i];
			return NULL;
		}
	}
	return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
			       "swapper_pg_dir is no address of an arm kernel");
}

static void set_tables(struct arch *arch, vmc_paddr root, bool lpae)
{
	arch->paging = (struct paging){
		.root = root,
		.first = 0,
		.last = UINT32_MAX,
		.entries = {.big_endian = arch->layout.big_endian, .word_size = lpae ? 8 : 4},
		.decode = lpae ? long_decode : short_decode,
		.address_mask = 0xfffffff000u,
	};
	if (lpae)
		paging_set_levels(&arch->paging, PAGE_SHIFT, long_bits, 3);
	else
		paging_set_levels(&arch->paging, PAGE_SHIFT, short_bits, 2);
}

static struct vmc_error *arm_init(struct arch *arch, const struct vmc_dump *dump,
				  const struct phys_reader *reader)
{
	uint64_t root, page_offset = 0, offset = 0; /* gcc does not see that they are set */
	bool lpae = fact_or(arch->facts, FACT_CONFIG_ARM_LPAE, 0);
	struct vmc_error *why = NULL;

	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	TRY(find_page_offset(root, &page_offset));
	/* RAM, which begins at PAGE_OFFSET, is nearly always the first memory of a dump. */
	TRY(image_find(arch, dump, reader, page_offset, IMAGE_ALIGNMENT, &offset));
	arch->phys_offset = (page_offset - offset) & UINT32_MAX;

	root = (root - offset) & UINT32_MAX;
	set_tables(arch, root, lpae);
	if (image_is_mapped(arch, reader, offset, &why) || lpae)
		return why;
	/* LPAE (3.3) is older than its key. */
	set_tables(arch, root, true);
	image_is_mapped(arch, reader, offset, &why);
	return why;
}

const struct arch_ops arch_arm = {
	.name = "arm",
	.machine = EM_ARM,
	.word_size = 4,
	.page_sizes = 4096,
	.big_endian = true,
	.little_endian = true,
	.init = arm_init,
};
