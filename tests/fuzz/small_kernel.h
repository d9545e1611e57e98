/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel of unit tests, small: 16 MiB in four sections, with something of everything in its
 * memory map, as dumps that edits are made in.
 */
#ifndef VMCULL_TESTS_SMALL_KERNEL_H
#define VMCULL_TESTS_SMALL_KERNEL_H

#include "edits.h"

#include <vmcull/audit.h>

#define SECTION_BITS 22
#define MEMORY_END   (16 * MIB)
#define HOLE_START   0x600
#define HOLE_END     0xa00 /* what the dump lacks costs no time */
#define STRUCT_PAGES (4 * MIB)
#define ZONE_BORDER  0xc00

#include "audited_kernel.h"

#define EFI_TABLE 0x150000
#define EFI_KEYS  "SYMBOL(efi)=ffffffff80116000\nOFFSET(efi.unaccepted)=8\n"

/* As a flag, and as bits of 6.8; both keys are given in the text of the kernel. */
#define KERNEL_HEAD_FLAG (1u << 6)
#define KERNEL_LRU_FLAG  (1u << 5)

enum small_kernel {
	SMALL_6_8,
	SMALL_7_2,
	SMALL_PLAIN, /* without lists of CPUs, counters and the EFI table */
	SMALL_KERNELS
};

static inline void small_flags(struct built_kernel *kernel, vmc_pfn pfn, uint64_t flags)
{
	page_put_flags(kernel, pfn, zone_flag(pfn) | flags);
}

static inline void small_compound(struct built_kernel *kernel, vmc_pfn head, unsigned int order,
				  uint64_t flags)
{
	small_flags(kernel, head, KERNEL_HEAD_FLAG | flags);
	small_flags(kernel, head + 1, order);
	for (vmc_pfn i = 1; i < (vmc_pfn)1 << order; i++)
		page_put(kernel, head + i, PAGE_COMPOUND, struct_address(head) | 1);
}

/* Anonymous memory, page cache, a pair of folios, bad and offline pages. */
static inline void small_users(struct built_kernel *kernel, uint64_t poison, uint32_t offline)
{
	for (vmc_pfn pfn = 0xa20; pfn < 0xa28; pfn++) {
		small_flags(kernel, pfn, KERNEL_LRU_FLAG);
		page_put(kernel, pfn, PAGE_MAPPING, IMAGE(0x118000) | (pfn & 1));
	}
	small_compound(kernel, 0xa40, 3, KERNEL_LRU_FLAG);
	page_put(kernel, 0xa40, PAGE_MAPPING, IMAGE(0x118000) | 1);
	small_compound(kernel, 0xa60, 2, KERNEL_LRU_FLAG);
	page_put(kernel, 0xa60, PAGE_MAPPING, IMAGE(0x118000));
	small_compound(kernel, 0xa80, 4, 0);
	small_flags(kernel, 0xaa0, poison);
	page_put_type(kernel, 0xaa4, offline);
}

static inline void small_free(struct built_kernel *kernel, uint32_t buddy)
{
	static const struct {
		vmc_pfn pfn;
		unsigned int order, type;
	} blocks[] = {{0x200, 9, 1}, {0x510, 4, 0}, {0x520, 4, 2},
		      {0x900, 8, 1}, {0xb00, 0, 0}, {0xb02, 1, 0}};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		put_free_in(kernel, 0, blocks[i].pfn, blocks[i].order, blocks[i].type, buddy);
}

static inline void small_unaccepted(struct built_kernel *kernel, uint32_t type)
{
	static const uint8_t bits[8] = {0xc0}; /* units of 2 MiB: 0xc00 to 0x1000 */

	put_unaccepted_block(kernel, 0xc00, type);
	memory_put32(kernel, EFI_TABLE, 1);
	memory_put32(kernel, EFI_TABLE + 4, 2 * MIB);
	memory_put64(kernel, EFI_TABLE + 16, sizeof(bits));
	memory_write(kernel, EFI_TABLE + 24, bits, sizeof(bits));
	memory_put64(kernel, EFI + 8, EFI_TABLE);
}

/* Not all zeros, and not all alike. */
static inline void small_content(struct built_kernel *kernel)
{
	for (vmc_pfn pfn = 0xa10; pfn < 0xc00; pfn += 3)
		memory_put64(kernel, pfn << 12, 0x1234567 * (pfn / 9));
}

static inline void small_kernel_create(struct built_kernel *kernel, enum small_kernel which)
{
	bool typed = which == SMALL_7_2;

	audited_kernel_create(kernel, typed ? AUDIT_KEYS_7_2 : AUDIT_KEYS_6_8,
			      which == SMALL_PLAIN ? "" : CPU_KEYS EFI_KEYS);
	small_users(kernel, typed ? 1u << 21 : 1u << 22, typed ? 0xf1000000u : TYPE_OFFLINE_6_8);
	small_free(kernel, typed ? TYPE_BUDDY_7_2 : TYPE_BUDDY_6_8);
	small_content(kernel);
	if (which == SMALL_PLAIN)
		return;
	small_unaccepted(kernel, typed ? TYPE_UNACCEPTED_7_2 : TYPE_NONE);
	put_cpu_block(kernel, 0x540, 0, 0, 0);
	put_cpu_block(kernel, 0x544, 1, 4, 1);
}

/* By which the kernel of small_kernel_create() knows a place in the file. */
static inline uint64_t small_address(uint64_t offset)
{
	uint64_t physical = offset - FILE_OF_MEMORY;

	if (physical >= STRUCT_PAGES && physical < STRUCT_PAGES + END_PFN * STRUCT_SIZE)
		return VMEMMAP + (physical - STRUCT_PAGES);
	return IMAGE(physical);
}

/* The dump, made when it is first asked for. */
static inline struct edit_base *small_kernel_base(enum small_kernel which)
{
	static struct edit_base bases[SMALL_KERNELS];
	struct edit_base *base = &bases[which];

	if (!base->size) {
		struct built_kernel kernel;

		small_kernel_create(&kernel, which);
		base->fd = kernel.scratch.fd;
		snprintf(base->path, sizeof(base->path), "%s", kernel.scratch.path);
		base->size = FILE_OF_MEMORY + MEMORY_END;
		base->layout = kernel_layout;
		base->address = small_address;
	}
	return base;
}

#endif
