/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390x: region, segment and page tables, rooted in the kernel's own top table.
 *
 * Follows arch/s390/include/asm/pgtable.h, arch/s390/boot/{startup,vmem}.c and, for kernels before
 * 6.1, arch/s390/mm/{init,vmem}.c.  The tables map all that the kernel uses: lowcore, memory by
 * itself (the identity map), the image, the memory map.  Virtual and physical addresses of image
 * and identity map were the same until 6.10.  Tried with 6.1, 6.12 and 7.2.
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#define PAGE_SHIFT      12
#define IMAGE_ALIGNMENT ((uint64_t)16 << 10) /* THREAD_SIZE */
#define TEXT_OFFSET     ((uint64_t)1 << 20)  /* the image begins so far before its text */

#define LOWCORE_VMCOREINFO 0xe0cu /* an absolute address, since 3.0 */

#define PAGE_INVALID  0x400u
#define TABLE_INVALID 0x20u
#define TABLE_LARGE   0x400u /* format control: 1 MiB in a segment, 2 GiB in a third region table */
#define TABLE_TYPE    0xcu
#define TYPE_SHIFT    2

/* From the first region table down; a segment has 256 pages. */
static const uint8_t index_bits[] = {11, 11, 11, 11, 8};

#define LEVELS_MAX (sizeof(index_bits) / sizeof(index_bits[0]))

/* Which memory each is for, an entry says itself; empty ones do, too.  Tables have full length and
 * begin at their first entry, always in Linux, so that what entries say of that is not needed. */
static struct paging_entry s390x_decode(const struct paging *paging, uint64_t entry,
					unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;

	(void)address;
	if (level == 0)
		return (struct paging_entry){entry & PAGE_INVALID ? PAGING_NONE : PAGING_LEAF,
					     entry & ~offset_mask};
	if (entry & TABLE_INVALID || (entry & TABLE_TYPE) >> TYPE_SHIFT != level - 1)
		return (struct paging_entry){PAGING_NONE, 0};
	if (level <= 2 && entry & TABLE_LARGE)
		return (struct paging_entry){PAGING_LEAF, entry & ~offset_mask};
	/* Tables of pages have 2 KiB, the others 16. */
	return (struct paging_entry){PAGING_TABLE, entry & ~(uint64_t)(level == 1 ? 0x7ff : 0xfff)};
}

/* How far the image's virtual addresses are above the physical ones.  KERNELOFFSET has counted
 * from the image's beginning and from where it is linked to. */
static struct vmc_error *find_image(const struct arch *arch, const struct vmc_dump *dump,
				    const struct phys_reader *reader, uint64_t *ret_offset)
{
	uint64_t offset = 0;

	if (fact_known(arch->facts, FACT_KERNELOFFPHYS))
		offset = fact_or(arch->facts, FACT_KERNELOFFSET, 0) -
			 fact_or(arch->facts, FACT_KERNELOFFPHYS, 0);

	const uint64_t offsets[] = {offset, offset - TEXT_OFFSET, offset + TEXT_OFFSET, 0};

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		if (image_is_at(arch, reader, offsets[i])) {
			*ret_offset = offsets[i];
			return NULL;
		}
	}
	return image_search(arch, dump, reader, IMAGE_ALIGNMENT, ret_offset);
}

static struct vmc_error *s390x_init(struct arch *arch, const struct vmc_dump *dump,
				    const struct phys_reader *reader)
{
	struct paging *paging = &arch->paging;
	uint64_t table, offset;
	unsigned int levels;
	uint8_t entry[8];

	if (dump->layout.word_size == 4 || facts_word_size(arch->facts) == 4)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "31-bit s390 is not supported, only s390x");
	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &table));
	TRY(find_image(arch, dump, reader, &offset));
	*paging = (struct paging){
		.root = table - offset,
		.entries = arch->layout,
		.decode = s390x_decode,
	};
	TRY(error_context(reader->read(reader->arg, paging->root, entry, sizeof(entry)),
			  "swapper_pg_dir"));
	levels = (unsigned int)((load_u64(arch->layout, entry) & TABLE_TYPE) >> TYPE_SHIFT) + 2;
	paging_set_levels(paging, PAGE_SHIFT, index_bits + LEVELS_MAX - levels, levels);
	paging->last = UINT64_MAX;
	if (levels < LEVELS_MAX)
		paging->last = ((uint64_t)1 << (paging->level[levels - 1].shift + 11)) - 1;
	return NULL;
}

const struct arch_ops arch_s390x = {
	.name = "s390x",
	.machine = EM_S390,
	.word_size = 8,
	.page_sizes = 4096,
	.big_endian = true,
	.section_size_bits = 28, /* 27 since 6.17, which export the number */
	.max_physmem_bits = 46,  /* since 3.3; configurable */
	.vmcoreinfo_pointer = LOWCORE_VMCOREINFO,
	.init = s390x_init,
};
