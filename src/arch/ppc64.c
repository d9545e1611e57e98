/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64, of both byte orders, with either MMU.
 *
 * Radix (POWER9 on, since 4.7): a tree of tables that maps everything, the linear map too, with
 * entries that are big endian in all kernels.  Hash: the linear map is mapped by arithmetic; the
 * memory map is in no table of Linux, but its blocks are on the list vmemmap_list; vmalloc is in
 * tables of Linux, which had many forms before 5.2.  The image is in the linear map, whose physical
 * addresses are the virtual ones without their top bits.
 *
 * Follows arch/powerpc/include/asm/book3s/64/{radix,hash,hash-4k,hash-64k,pgtable}.h and
 * arch/powerpc/mm/init_64.c.  Tried with 6.1, 6.12 and 7.2, little endian: radix with pages of 64
 * and 4 KiB, hash with 64.
 */
#include "arch/image.h"
#include "arch/registry.h"

#include <elf.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/grow.h"

#define REGION_SHIFT 60 /* of an address: the top 4 bits */
#define REGION_MASK  ((uint64_t)0xf << REGION_SHIFT)
#define LINEAR       ((uint64_t)0xc << REGION_SHIFT)
#define RADIX_LAST   (LINEAR + ((uint64_t)1 << 52) - 1)

#define ENTRY_VALID   ((uint64_t)1 << 63)
#define ENTRY_LEAF    ((uint64_t)1 << 62)
#define LEAF_ADDRESS  0x001ffffffffff000u /* above are bits of software, and hash's slots */
#define TABLE_ADDRESS 0x0fffffffffffff00u

#define PSIZE_COUNT     16 /* MMU_PAGE_COUNT is 15 or 16 */
#define PSIZE_SHIFT_MAX 34 /* pages of 16 GiB */

/* A node of the list, in 1 TiB of memory with blocks of 64 KiB: 16,384. */
#define BLOCKS_MAX ((size_t)1 << 20)

static const uint8_t radix_bits_4k[] = {13, 9, 9, 9};
static const uint8_t radix_bits_64k[] = {13, 9, 9, 5};

/* Since 5.2 hash has all areas in one region: linear map, vmalloc and I/O, memory map.  Before, the
 * memory map was in a region of its own. */
static const struct hash_layout {
	unsigned int page_shift;
	vmc_vaddr vmalloc, memory_map;
	uint8_t bits[4];
} hash_layouts[] = {
	{16, 0xc008000000000000, 0xc00c000000000000, {8, 10, 10, 8}},
	{12, 0xc0003d0000000000, 0xc0003f0000000000, {9, 9, 7, 9}}, /* 5.8 */
	{12, 0xc000100000000000, 0xc000300000000000, {9, 9, 7, 9}},
};

/* The memory map in blocks, by address; from vmemmap_list. */
struct blocks {
	struct va_range *ranges;
	size_t count, capacity;
};

static struct vmc_error *linear_read(const struct phys_reader *reader, vmc_vaddr address,
				     void *buffer, size_t size)
{
	if ((address & REGION_MASK) != LINEAR)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
				       "not in the linear map");
	return reader->read(reader->arg, address & ~REGION_MASK, buffer, size);
}

static struct vmc_error *linear_read_word(const struct arch *arch, const struct phys_reader *reader,
					  vmc_vaddr address, uint64_t *ret_value)
{
	uint8_t bytes[8];

	TRY(linear_read(reader, address, bytes, sizeof(bytes)));
	*ret_value = load_u64(arch->layout, bytes);
	return NULL;
}

static struct vmc_error *linear_read_u32(const struct arch *arch, const struct phys_reader *reader,
					 vmc_vaddr address, uint32_t *ret_value)
{
	uint8_t bytes[4];

	TRY(linear_read(reader, address, bytes, sizeof(bytes)));
	*ret_value = load_u32(arch->layout, bytes);
	return NULL;
}

/* Entries of tables and strings are the same in both byte orders, so that init_uts_ns proves none:
 * that a page of the smallest size has 4 KiB does. */
static struct vmc_error *check_byte_order(const struct arch *arch, const struct phys_reader *reader)
{
	uint64_t sizes = fact_or(arch->facts, FACT_SYMBOL_mmu_psize_defs, 0);
	uint32_t shift;

	if (!sizes)
		return NULL;
	TRY(error_context(
		linear_read_u32(arch, reader,
				sizes + fact_or(arch->facts, FACT_OFFSET_mmu_psize_def_shift, 0),
				&shift),
		"mmu_psize_defs"));
	if (shift == 12)
		return NULL;
	return error_create_at(
		VMC_ERR_CORRUPT, ERROR_AT_VADDR, sizes,
		"mmu_psize_defs: 2^%u bytes for a page of 4 KiB, in %s-endian memory", shift,
		arch->layout.big_endian ? "big" : "little");
}

static struct paging_entry ppc64_decode(const struct paging *paging, uint64_t entry,
					unsigned int level, vmc_vaddr address)
{
	uint64_t offset_mask = ((uint64_t)1 << paging->level[level].shift) - 1;

	(void)address;
	if (!(entry & ENTRY_VALID))
		return (struct paging_entry){PAGING_NONE, 0};
	if (level == 0 || entry & ENTRY_LEAF)
		return (struct paging_entry){PAGING_LEAF, entry & LEAF_ADDRESS & ~offset_mask};
	return (struct paging_entry){PAGING_TABLE, entry & TABLE_ADDRESS};
}

static void set_paging(struct arch *arch, vmc_vaddr root, vmc_vaddr first, vmc_vaddr last,
		       const uint8_t *bits)
{
	arch->paging = (struct paging){
		.root = root & ~REGION_MASK,
		.first = first,
		.last = last,
		.entries = {.big_endian = true, .word_size = 8},
		.decode = ppc64_decode,
	};
	paging_set_levels(&arch->paging, arch->page_shift, bits, 4);
}

/* NUMBER(RADIX_MMU) tells since 6.10.  Before, that the tables map the image does: those of hash do
 * not.  (vmemmap_list tells nothing: until 6.6 radix had it, too.) */
static struct vmc_error *find_mmu(const struct arch *arch, const struct phys_reader *reader,
				  bool *ret_radix)
{
	uint64_t image;
	struct va_range range;

	if (fact_known(arch->facts, FACT_NUMBER_RADIX_MMU)) {
		*ret_radix = fact_or(arch->facts, FACT_NUMBER_RADIX_MMU, 0);
		return NULL;
	}
	TRY(fact_need(arch->facts, FACT_SYMBOL_init_uts_ns, &image));
	TRY(error_context(paging_translate(&arch->paging, reader, image, &range), "page table"));
	*ret_radix = range.mapped && range.address + (image - range.first) == image - LINEAR;
	return NULL;
}

static struct vmc_error *read_block_size(const struct arch *arch, const struct phys_reader *reader,
					 uint64_t *ret_size)
{
	uint64_t psize_at, sizes, size, offset;
	uint32_t psize, shift;

	TRY(fact_need(arch->facts, FACT_SYMBOL_mmu_vmemmap_psize, &psize_at));
	TRY(fact_need(arch->facts, FACT_SYMBOL_mmu_psize_defs, &sizes));
	TRY(fact_need(arch->facts, FACT_SIZE_mmu_psize_def, &size));
	TRY(fact_need(arch->facts, FACT_OFFSET_mmu_psize_def_shift, &offset));
	TRY(error_context(linear_read_u32(arch, reader, psize_at, &psize), "mmu_vmemmap_psize"));
	if (psize >= PSIZE_COUNT)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, psize_at,
				       "mmu_vmemmap_psize is %u", psize);
	sizes += psize * size + offset;
	TRY(error_context(linear_read_u32(arch, reader, sizes, &shift), "mmu_psize_defs"));
	if (shift < 12 || shift > PSIZE_SHIFT_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, sizes,
				       "mmu_psize_defs: blocks of the memory map of 2^%u bytes",
				       shift);
	*ret_size = (uint64_t)1 << shift;
	return NULL;
}

/* Neighbours often lie together: such blocks become one. */
static struct vmc_error *blocks_add(struct blocks *blocks, vmc_vaddr address, vmc_paddr phys,
				    uint64_t size)
{
	struct va_range *range = blocks->count ? &blocks->ranges[blocks->count - 1] : NULL;

	/* At LINEAR the first page of memory is mapped. */
	if (address & (size - 1) || phys & (size - 1) || address <= LINEAR)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, address,
				       "a block of 0x%jx bytes is at 0x%jx", (uintmax_t)size,
				       (uintmax_t)phys);
	if (range && address + size == range->first && phys + size == range->address) {
		range->first = address;
		range->address = phys;
		return NULL;
	}
	TRY(grow_array((void **)&blocks->ranges, &blocks->capacity, blocks->count + 1,
		       sizeof(*range)));
	blocks->ranges[blocks->count++] = (struct va_range){
		.first = address,
		.last = address + size - 1,
		.mapped = true,
		.address = phys,
	};
	return NULL;
}

static struct vmc_error *blocks_read(const struct arch *arch, const struct phys_reader *reader,
				     vmc_vaddr head, struct blocks *blocks)
{
	uint64_t list = 0, phys = 0, virt = 0, node = 0, size = 0, mark = 0;

	TRY(fact_need(arch->facts, FACT_OFFSET_vmemmap_backing_list, &list));
	TRY(fact_need(arch->facts, FACT_OFFSET_vmemmap_backing_phys, &phys));
	TRY(fact_need(arch->facts, FACT_OFFSET_vmemmap_backing_virt_addr, &virt));
	TRY(read_block_size(arch, reader, &size));
	TRY(linear_read_word(arch, reader, head, &node));
	for (size_t i = 1; node; i++) {
		uint64_t address, place;

		TRY(linear_read_word(arch, reader, node + virt, &address));
		TRY(linear_read_word(arch, reader, node + phys, &place));
		TRY(blocks_add(blocks, address, place, size));
		/* A circle comes back to the node that is marked at every power of two. */
		if (is_power_of_two(i))
			mark = node;
		TRY(linear_read_word(arch, reader, node + list, &node));
		if (node == mark || i > BLOCKS_MAX)
			return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, node,
					       "the list has no end");
	}
	return NULL;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct va_range *left = a, *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

static struct vmc_error *blocks_sort(struct blocks *blocks)
{
	if (!blocks->count)
		return NULL;
	qsort(blocks->ranges, blocks->count, sizeof(blocks->ranges[0]), compare_ranges);
	for (size_t i = 1; i < blocks->count; i++) {
		if (blocks->ranges[i].first <= blocks->ranges[i - 1].last)
			return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR,
					       blocks->ranges[i].first,
					       "two blocks of the memory map are for one address");
	}
	return NULL;
}

static struct vmc_error *ppc64_find(const struct arch *arch, const struct phys_reader *reader,
				    vmc_vaddr address, struct va_range *ret_range)
{
	const struct blocks *blocks = arch->private;
	size_t low = 0, high = blocks ? blocks->count : 0;
	size_t count = high;

	(void)reader;
	while (low < high) { /* the first block that ends at @address or above it */
		size_t middle = low + (high - low) / 2;

		if (blocks->ranges[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < count && blocks->ranges[low].first <= address) {
		*ret_range = blocks->ranges[low];
		return NULL;
	}
	*ret_range = (struct va_range){
		.first = low ? blocks->ranges[low - 1].last + 1 : 0,
		.last = low < count ? blocks->ranges[low].first - 1 : UINT64_MAX,
	};
	return NULL;
}

/* Without tables whose form is known, vmalloc is not mapped. */
static void set_hash_layout(struct arch *arch, vmc_vaddr root)
{
	const struct blocks *blocks = arch->private;
	vmc_vaddr memory_map = blocks->count ? blocks->ranges[0].first : UINT64_MAX;
	vmc_vaddr linear_last = LINEAR + ~REGION_MASK;

	for (size_t i = 0; i < sizeof(hash_layouts) / sizeof(hash_layouts[0]); i++) {
		const struct hash_layout *layout = &hash_layouts[i];

		if (arch->page_shift != layout->page_shift || memory_map < layout->memory_map ||
		    memory_map > linear_last)
			continue;
		linear_last = layout->vmalloc - 1;
		set_paging(arch, root, layout->vmalloc, layout->memory_map - 1, layout->bits);
		break;
	}
	arch_add_window(arch, LINEAR, min_u64(linear_last, memory_map - 1), 0);
}

static struct vmc_error *init_hash(struct arch *arch, const struct phys_reader *reader,
				   vmc_vaddr root)
{
	struct blocks *blocks = calloc(1, sizeof(*blocks));
	uint64_t head = fact_or(arch->facts, FACT_SYMBOL_vmemmap_list, 0);

	if (!blocks)
		return error_nomem();
	arch->private = blocks;
	arch->paging = (struct paging){0};
	if (head) { /* none: the memory map is in the linear map */
		TRY(error_context(blocks_read(arch, reader, head, blocks),
				  "vmemmap_list, which leads to the memory map"));
		TRY(error_context(blocks_sort(blocks), "vmemmap_list"));
	}
	set_hash_layout(arch, root);
	return NULL;
}

static struct vmc_error *ppc64_init(struct arch *arch, const struct vmc_dump *dump,
				    const struct phys_reader *reader)
{
	uint64_t root;
	bool radix;

	(void)dump;
	TRY(fact_need(arch->facts, FACT_SYMBOL_swapper_pg_dir, &root));
	if ((root & REGION_MASK) != LINEAR)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
				       "swapper_pg_dir is not in the linear map");
	TRY(check_byte_order(arch, reader));
	set_paging(arch, root, LINEAR, RADIX_LAST,
		   arch->page_shift == 16 ? radix_bits_64k : radix_bits_4k);
	TRY(find_mmu(arch, reader, &radix));
	return radix ? NULL : init_hash(arch, reader, root);
}

static void ppc64_deinit(struct arch *arch)
{
	struct blocks *blocks = arch->private;

	if (blocks)
		free(blocks->ranges);
	free(blocks);
}

const struct arch_ops arch_ppc64 = {
	.name = "ppc64",
	.name_little_endian = "ppc64le",
	.machine = EM_PPC64,
	.word_size = 8,
	.page_sizes = 4096 | 65536,
	.big_endian = true,
	.little_endian = true,
	.section_size_bits = 24,
	.max_physmem_bits = 46, /* 3.9 to 4.19; LENGTH(mem_section) tells of others */
	.init = ppc64_init,
	.deinit = ppc64_deinit,
	.find = ppc64_find,
};
