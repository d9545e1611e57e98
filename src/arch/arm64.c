/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: page tables of 2 to 5 levels with pages of 4, 16 or 64 KiB, rooted in swapper_pg_dir.
 *
 * Follows arch/arm64/include/asm/{pgtable-hwdef,pgtable,memory}.h, kernel/head.S and
 * kernel/vmcore_info.c.  Image, linear map (whose place and half of the address space changed in
 * 5.4) and vmemmap are all in the tables.  Tried with 6.1, 6.12 and 7.2: 4K pages with 48 and 52
 * bits, 16K with 52.
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>

#include "base/checked.h"

/* Image and memory are alike modulo 2 MiB, whatever KASLR does, so that blocks can map them. */
#define IMAGE_ALIGNMENT ((uint64_t)2 << 20)
#define TYPE_MASK       0x3u
#define TYPE_BLOCK      0x1u
#define TYPE_TABLE      0x3u /* a page on the last level */
#define ADDRESS_BITS    48   /* of physical addresses, where entries have no bits for more */

/*
 * Address spaces that kernels are built for.  @bits of addresses are translated; the top table has
 * entries for @table_bits.  These are more where a kernel for 52 bits finds hardware of 48: with
 * pages of 64K it keeps the larger table and has the hardware begin inside of it (also in 5.0 to
 * 5.3, when only user space had 52 bits), with other pages (6.9) it goes without one level.
 */
static const struct shape {
	uint8_t page_shift;
	uint8_t bits, table_bits;
	uint8_t va_bits; /* NUMBER(VA_BITS) */
} shapes[] = {
	{12, 48, 48, 48}, {12, 39, 39, 39}, {12, 52, 52, 52}, {12, 48, 48, 52}, {14, 47, 47, 47},
	{14, 48, 48, 48}, {14, 36, 36, 36}, {14, 52, 52, 52}, {14, 47, 47, 52}, {16, 48, 48, 48},
	{16, 42, 42, 42}, {16, 52, 52, 52}, {16, 48, 52, 52}, {16, 48, 52, 48},
};

/* Bits 51:48 of an address where entries have 48, whose places differ. */
static uint64_t high_bits_64k(uint64_t entry)
{
	return (entry >> 12 & 0xf) << ADDRESS_BITS;
}

static uint64_t high_bits_lpa2(uint64_t entry)
{
	return (entry >> 8 & 0x3) << 50;
}

static struct paging_entry arm64_decode(const struct paging *paging, uint64_t entry,
					unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;
	unsigned int page_shift = paging->level[0].shift;
	uint64_t place = entry & paging->address_mask;
	unsigned int type = entry & TYPE_MASK;

	(void)address;
	/* Until 52-bit physical addresses (4.16) the bits of 64K pages were always 0.  Those of
	 * LPA2 say something else (shareability) when it is not in use. */
	if (page_shift == 16)
		place |= high_bits_64k(entry);
	else if (paging->address_mask >> ADDRESS_BITS)
		place |= high_bits_lpa2(entry);
	if (type == TYPE_TABLE && level > 0)
		return (struct paging_entry){PAGING_TABLE, place};
	if (type == (level > 0 ? TYPE_BLOCK : TYPE_TABLE))
		return (struct paging_entry){PAGING_LEAF, place & ~offset_mask};
	return (struct paging_entry){PAGING_NONE, 0};
}

static void set_shape(struct arch *arch, const struct shape *shape, vmc_paddr root)
{
	unsigned int per_level = shape->page_shift - 3u;
	unsigned int left = shape->table_bits - shape->page_shift;
	uint8_t bits[PAGING_LEVELS_MAX];
	unsigned int levels = (left + per_level - 1) / per_level;

	for (unsigned int i = levels; i-- > 0; left -= bits[i])
		bits[i] = (uint8_t)(left < per_level ? left : per_level);

	bool lpa2 = shape->page_shift < 16 && shape->bits > ADDRESS_BITS;

	arch->paging = (struct paging){
		.root = root,
		.first = UINT64_MAX << shape->bits,
		.last = UINT64_MAX,
		.entries = {.word_size = 8}, /* big-endian kernels have tables in their order */
		.decode = arm64_decode,
		.address_mask = ((uint64_t)1 << (lpa2 ? 50 : ADDRESS_BITS)) -
				((uint64_t)1 << shape->page_shift),
	};
	arch->paging.entries.big_endian = arch->layout.big_endian;
	paging_set_levels(&arch->paging, shape->page_shift, bits, levels);
}

static bool shape_allowed(const struct arch *arch, const struct shape *shape)
{
	const struct facts *facts = arch->facts;

	if (shape->page_shift != arch->page_shift ||
	    fact_or(facts, FACT_NUMBER_VA_BITS, shape->va_bits) != shape->va_bits)
		return false;
	/* Since 5.9, carried back to 5.4: what the hardware was set to. */
	return fact_or(facts, FACT_NUMBER_TCR_EL1_T1SZ, 64u - shape->bits) == 64u - shape->bits;
}

/* Takes the first shape in which the tables lead to the kernel image. */
static struct vmc_error *find_shape(struct arch *arch, const struct phys_reader *reader,
				    vmc_vaddr root, uint64_t offset)
{
	struct vmc_error *why = NULL;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!shape_allowed(arch, &shapes[i]))
			continue;
		set_shape(arch, &shapes[i], root - offset);
		if (image_is_mapped(arch, reader, offset, &why))
			return NULL;
	}
	if (why)
		return why;
	return error_create(VMC_ERR_CORRUPT,
			    "arm64 has no address space with PAGESIZE=%u, NUMBER(VA_BITS)=%ju, "
			    "NUMBER(TCR_EL1_T1SZ)=%ju",
			    1u << arch->page_shift,
			    (uintmax_t)fact_or(arch->facts, FACT_NUMBER_VA_BITS, 0),
			    (uintmax_t)fact_or(arch->facts, FACT_NUMBER_TCR_EL1_T1SZ, 0));
}

static struct vmc_error *arm64_init(struct arch *arch, const struct vmc_dump *dump,
				    const struct phys_reader *reader)
{
	uint64_t root, offset = fact_or(arch->facts, FACT_NUMBER_kimage_voffset, 0);

	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	if (!fact_known(arch->facts, FACT_NUMBER_kimage_voffset)) /* before 4.12 */
		TRY(error_context(image_search(arch, dump, reader, IMAGE_ALIGNMENT, &offset),
				  "NUMBER(kimage_voffset) is not known"));
	return find_shape(arch, reader, root, offset);
}

const struct arch_ops arch_arm64 = {
	.name = "aarch64",
	.machine = EM_AARCH64,
	.word_size = 8,
	.page_sizes = 4096 | 16384 | 65536,
	.big_endian = true,
	.little_endian = true,
	.section_size_bits = 30, /* until 5.11; since 5.9 LENGTH(mem_section) tells */
	.max_physmem_bits = 48,
	.init = arm64_init,
};
