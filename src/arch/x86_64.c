/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: page tables of 4 or 5 levels, rooted in the kernel's own top table.
 *
 * Follows arch/x86/include/asm/pgtable_types.h and Documentation/arch/x86/x86_64/mm.rst.  Every
 * kernel address is translated by walking, the direct map and the kernel image too: so KASLR of
 * image (3.14) and of the regions (4.8) needs no thought.
 */
#include "arch/registry.h"

#include <elf.h>

/* __START_KERNEL_map: virtual address of the kernel image at load offset 0, the same since 2.6. */
#define IMAGE_BASE        0xffffffff80000000u
#define ENTRIES_PER_TABLE 512
#define INDEX_BITS        9
#define PAGE_SHIFT        12
#define ENTRY_PRESENT     0x1u
#define ENTRY_LARGE       0x80u /* PSE: a leaf at the 2 MiB or 1 GiB level */
#define ENTRY_ADDRESS     0x000ffffffffff000u

struct x86_64 {
	vmc_paddr root;
	unsigned int levels;
	uint64_t address_mask;
};

/* The image is mapped at IMAGE_BASE + its physical address - phys_base (NUMBER(phys_base)
 * since 4.10). Before, the segment of the kernel text in the ELF headers tells. */
static struct vmc_error *find_phys_base(const struct arch *arch, const struct vmc_dump *dump,
					uint64_t *ret_phys_base)
{
	if (fact_known(arch->facts, FACT_NUMBER_phys_base)) {
		*ret_phys_base = fact_or(arch->facts, FACT_NUMBER_phys_base, 0);
		return NULL;
	}
	if (dump->has_phys_base_hint) {
		*ret_phys_base = dump->phys_base_hint;
		return NULL;
	}
	return fact_need(arch->facts, FACT_NUMBER_phys_base, ret_phys_base);
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

static struct vmc_error *x86_64_init(struct arch *arch, const struct vmc_dump *dump)
{
	uint64_t phys_base, root;

	if (arch->page_shift != PAGE_SHIFT)
		return error_create(VMC_ERR_CORRUPT,
				    "x86_64 has pages of 4096 bytes, PAGESIZE says %u",
				    1u << arch->page_shift);
	TRY(find_phys_base(arch, dump, &phys_base));
	TRY(find_root(arch, &root));
	if (root < IMAGE_BASE)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, root,
				       "the top page table is not in the kernel image");

	struct x86_64 *x86 = malloc(sizeof(*x86));

	if (!x86)
		return error_nomem();
	*x86 = (struct x86_64){
		/* phys_base may be "negative": the sum wraps as it does in the kernel. */
		.root = root - IMAGE_BASE + phys_base,
		.levels = fact_or(arch->facts, FACT_NUMBER_pgtable_l5_enabled, 0) ? 5 : 4,
		.address_mask = ENTRY_ADDRESS & ~fact_or(arch->facts, FACT_NUMBER_sme_mask, 0),
	};
	arch->private = x86;
	return NULL;
}

static void x86_64_deinit(struct arch *arch)
{
	free(arch->private);
	arch->private = NULL;
}

/* Addresses between the two halves of the address space belong to nobody. */
static bool is_canonical(const struct x86_64 *x86, vmc_vaddr address)
{
	unsigned int bits = PAGE_SHIFT + INDEX_BITS * x86->levels;
	uint64_t upper = address >> (bits - 1);

	return upper == 0 || upper == UINT64_MAX >> (bits - 1);
}

static struct va_range non_canonical_range(const struct x86_64 *x86)
{
	unsigned int bits = PAGE_SHIFT + INDEX_BITS * x86->levels;
	vmc_vaddr lower_half = (vmc_vaddr)1 << (bits - 1);

	return (struct va_range){.first = lower_half, .last = ~lower_half};
}

static struct vmc_error *x86_64_translate(const struct arch *arch, const struct phys_reader *reader,
					  vmc_vaddr address, struct va_range *ret_range)
{
	const struct x86_64 *x86 = arch->private;
	vmc_paddr table = x86->root;

	if (!is_canonical(x86, address)) {
		*ret_range = non_canonical_range(x86);
		return NULL;
	}
	for (unsigned int level = x86->levels; level-- > 0;) {
		unsigned int shift = PAGE_SHIFT + INDEX_BITS * level;
		uint64_t offset_mask = ((uint64_t)1 << shift) - 1;
		uint8_t bytes[8];

		TRY(reader->read(reader->arg,
				 table + (address >> shift) % ENTRIES_PER_TABLE * sizeof(bytes),
				 bytes, sizeof(bytes)));

		uint64_t entry = load_u64(arch->layout, bytes);
		bool is_leaf = level == 0 || ((level == 1 || level == 2) && (entry & ENTRY_LARGE));

		if (!(entry & ENTRY_PRESENT) || is_leaf) {
			*ret_range = (struct va_range){
				.first = address & ~offset_mask,
				.last = address | offset_mask,
				.mapped = entry & ENTRY_PRESENT,
				/* The low bits of a large leaf hold flags (PAT), not address. */
				.address = entry & x86->address_mask & ~offset_mask,
			};
			return NULL;
		}
		table = entry & x86->address_mask;
	}
	__builtin_unreachable(); /* level 0 always is a leaf */
}

/* Of the top table the upper half is the kernel's. */
static struct vmc_error *visit_table(const struct arch *arch, const struct phys_reader *reader,
				     const struct table_visitor *visitor, vmc_paddr table,
				     unsigned int level)
{
	const struct x86_64 *x86 = arch->private;
	bool is_top = level + 1 == x86->levels;
	uint8_t bytes[8 * ENTRIES_PER_TABLE];
	bool enter;

	TRY(visitor->visit(visitor->arg, table, level, &enter));
	if (!enter)
		return NULL;

	struct vmc_error *err = reader->read(reader->arg, table, bytes, sizeof(bytes));

	if (err)
		return visitor->unreadable(visitor->arg, table, err);
	if (level == 0)
		return NULL;
	for (size_t i = is_top ? ENTRIES_PER_TABLE / 2 : 0; i < ENTRIES_PER_TABLE; i++) {
		uint64_t entry = load_u64(arch->layout, bytes + 8 * i);
		bool is_leaf = level <= 2 && (entry & ENTRY_LARGE);

		if ((entry & ENTRY_PRESENT) && !is_leaf)
			TRY(visit_table(arch, reader, visitor, entry & x86->address_mask,
					level - 1));
	}
	return NULL;
}

static struct vmc_error *x86_64_visit_tables(const struct arch *arch,
					     const struct phys_reader *reader,
					     const struct table_visitor *visitor)
{
	const struct x86_64 *x86 = arch->private;

	return visit_table(arch, reader, visitor, x86->root, x86->levels - 1);
}

const struct arch_ops arch_x86_64 = {
	.name = "x86_64",
	.machine = EM_X86_64,
	.word_size = 8,
	.little_endian = true,
	.section_size_bits = 27, /* since 2.6.26 */
	.max_physmem_bits = 46,  /* 4 levels, since 2.6.31; 5 levels export the number */
	.init = x86_64_init,
	.deinit = x86_64_deinit,
	.translate = x86_64_translate,
	.visit_tables = x86_64_visit_tables,
};
