/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that never ran: the ELF core of an x86_64 with page tables, a memory map of three
 * sections, a node with one zone and a VMCOREINFO note, for tests that put struct pages into any
 * state.
 *
 * Its memory is [0, MEMORY_END), but for a hole from HOLE_START to HOLE_END (pfns), which no
 * segment has.
 */
#ifndef VMCULL_TESTS_BUILT_KERNEL_H
#define VMCULL_TESTS_BUILT_KERNEL_H

#include <stdio.h>

#include "elf_builder.h"
#include "expect.h"
#include "target/target.h"

#define MIB ((uint64_t)1 << 20)
#ifndef SECTION_BITS /* whoever wants a smaller kernel defines all of these */
#define SECTION_BITS 27
#define MEMORY_END   (320 * MIB)
#define HOLE_START   0x8000
#define HOLE_END     0x8100
#define STRUCT_PAGES (16 * MIB)
#endif
#define END_PFN     (MEMORY_END >> 12)
#define SECTION_PFN (1 << (SECTION_BITS - 12)) /* pages a section */
#define SECTIONS    ((END_PFN + SECTION_PFN - 1) / SECTION_PFN)

/* Where memory lies in the file, and what lies where in memory. */
#define FILE_OF_MEMORY 0x10000
#define NOTE_OFFSET    0x1000
#define TOP_TABLE      0x100000
#define IMAGE_TABLE    0x101000
#define MAP_TABLE      0x102000
#define MAP_TABLE_LOW  0x103000
#define UTS            0x110000
#define SECTION_ROOTS  0x111000
#define SECTION_ROOT   0x112000
#define PGDAT          0x120000
#define ZONE           PGDAT /* node_zones is the first member */

#define IMAGE(physical) (0xffffffff80000000u + (uint64_t)(physical))
#define VMEMMAP         0xffffea0000000000u
#define STRUCT_SIZE     64

/* Offsets in the structures of this kernel, as in those of 6.x. */
#define PAGE_COMPOUND   8
#define PAGE_MAPPING    24
#define PAGE_PRIVATE    40
#define PAGE_TYPE       48
#define PGDAT_NR_ZONES  0x4000
#define ZONE_SPANNED    160
#define ZONE_FREE_AREA  256
#define ZONE_UNACCEPTED (ZONE_FREE_AREA + 11 * 104)
#define ZONE_VM_STAT    1536

struct built_kernel {
	struct scratch_file scratch;
	struct vmc_dump *dump;
	struct vmc_target *target;
	char said[256]; /* the last warning */
};

static const struct layout kernel_layout = {.word_size = 8};

static inline void memory_write(struct built_kernel *kernel, uint64_t physical, const void *bytes,
				size_t size)
{
	scratch_file_write(&kernel->scratch, FILE_OF_MEMORY + physical, bytes, size);
}

static inline void memory_put64(struct built_kernel *kernel, uint64_t physical, uint64_t value)
{
	uint8_t bytes[8];

	store_u64(kernel_layout, bytes, value);
	memory_write(kernel, physical, bytes, sizeof(bytes));
}

static inline void memory_put32(struct built_kernel *kernel, uint64_t physical, uint32_t value)
{
	uint8_t bytes[4];

	store_u32(kernel_layout, bytes, value);
	memory_write(kernel, physical, bytes, sizeof(bytes));
}

static inline vmc_vaddr struct_address(vmc_pfn pfn)
{
	return VMEMMAP + pfn * STRUCT_SIZE;
}

/* Writes a word of the struct page of @pfn. */
static inline void page_put(struct built_kernel *kernel, vmc_pfn pfn, uint64_t offset,
			    uint64_t value)
{
	memory_put64(kernel, STRUCT_PAGES + pfn * STRUCT_SIZE + offset, value);
}

static inline void page_put_flags(struct built_kernel *kernel, vmc_pfn pfn, uint64_t flags)
{
	page_put(kernel, pfn, 0, flags);
}

static inline void page_put_type(struct built_kernel *kernel, vmc_pfn pfn, uint32_t type)
{
	memory_put32(kernel, STRUCT_PAGES + pfn * STRUCT_SIZE + PAGE_TYPE, type);
}

static inline void build_tables(struct built_kernel *kernel)
{
	/* The image: one page of 1 GiB.  The memory map: one of 2 MiB a section. */
	memory_put64(kernel, TOP_TABLE + 511 * 8, IMAGE_TABLE | 0x63);
	memory_put64(kernel, IMAGE_TABLE + 510 * 8, 0x1e3);
	memory_put64(kernel, TOP_TABLE + (VMEMMAP >> 39) % 512 * 8, MAP_TABLE | 0x63);
	memory_put64(kernel, MAP_TABLE, MAP_TABLE_LOW | 0x63);
	for (uint64_t i = 0; i < 3; i++)
		memory_put64(kernel, MAP_TABLE_LOW + i * 8, (STRUCT_PAGES + i * 2 * MIB) | 0x1e3);
}

static inline void build_memory_map(struct built_kernel *kernel)
{
	memory_put64(kernel, SECTION_ROOTS, IMAGE(SECTION_ROOT));
	for (uint64_t i = 0; i < SECTIONS; i++)
		memory_put64(kernel, SECTION_ROOT + i * 16, VMEMMAP | 0x7);
	for (vmc_pfn pfn = 0; pfn < END_PFN; pfn++)
		page_put_type(kernel, pfn, UINT32_MAX);
	memory_put32(kernel, PGDAT + PGDAT_NR_ZONES, 1);
	memory_put64(kernel, ZONE + ZONE_SPANNED, END_PFN);
	memory_put64(kernel, ZONE + ZONE_UNACCEPTED, IMAGE(ZONE + ZONE_UNACCEPTED));
	memory_put64(kernel, ZONE + ZONE_UNACCEPTED + 8, IMAGE(ZONE + ZONE_UNACCEPTED));
}

static inline size_t build_note(const char *more_keys, uint8_t *note)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "OSRELEASE=6.99-test\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=%jx\n"
		 "OFFSET(uts_namespace.name)=0\nSYMBOL(swapper_pg_dir)=%jx\nNUMBER(phys_base)=0\n"
		 "NUMBER(pgtable_l5_enabled)=0\nSYMBOL(mem_section)=%jx\nLENGTH(mem_section)=2048\n"
		 "SIZE(mem_section)=16\nOFFSET(mem_section.section_mem_map)=0\n"
		 "NUMBER(SECTION_SIZE_BITS)=%d\nNUMBER(MAX_PHYSMEM_BITS)=%d\nSIZE(page)=64\n"
		 "OFFSET(page.flags)=0\nOFFSET(page.lru)=8\nOFFSET(page.mapping)=24\n"
		 "OFFSET(page.private)=40\nOFFSET(page._mapcount)=48\nOFFSET(page._refcount)=52\n"
		 "OFFSET(page.compound_head)=8\nSYMBOL(contig_page_data)=%jx\n"
		 "SIZE(pglist_data)=32768\nOFFSET(pglist_data.node_zones)=0\n"
		 "OFFSET(pglist_data.nr_zones)=%d\nSIZE(zone)=2048\nOFFSET(zone.free_area)=%d\n"
		 "OFFSET(zone.vm_stat)=%d\nOFFSET(zone.spanned_pages)=%d\nSIZE(free_area)=104\n"
		 "LENGTH(zone.free_area)=11\nLENGTH(free_area.free_list)=6\nSIZE(list_head)=16\n"
		 "OFFSET(list_head.next)=0\nOFFSET(list_head.prev)=8\nNUMBER(NR_FREE_PAGES)=0\n%s",
		 (uintmax_t)IMAGE(UTS), (uintmax_t)IMAGE(TOP_TABLE),
		 (uintmax_t)IMAGE(SECTION_ROOTS), SECTION_BITS, SECTION_BITS + 19,
		 (uintmax_t)IMAGE(PGDAT), PGDAT_NR_ZONES, ZONE_FREE_AREA, ZONE_VM_STAT,
		 ZONE_SPANNED, more_keys);
	return note_put(kernel_layout, note, "VMCOREINFO", 0, text);
}

static inline void built_kernel_say(void *arg, enum vmc_log_level level, const char *message)
{
	struct built_kernel *kernel = arg;

	if (level == VMC_LOG_WARNING)
		snprintf(kernel->said, sizeof(kernel->said), "%s", message);
}

/* @more_keys: the lines of VMCOREINFO that tell how pages are marked. */
static inline void built_kernel_create(struct built_kernel *kernel, const char *more_keys)
{
	static const char names[6][65] = {"Linux", "test", "6.99-test", "#1", "x86_64", ""};
	uint8_t note[8192], headers[512];
	size_t note_size = build_note(more_keys, note);
	const struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = NOTE_OFFSET, .filesz = note_size, .memsz = note_size},
		LOAD(FILE_OF_MEMORY, 0, HOLE_START << 12, HOLE_START << 12),
		LOAD(FILE_OF_MEMORY + (HOLE_END << 12), HOLE_END << 12,
		     MEMORY_END - (HOLE_END << 12), MEMORY_END - (HOLE_END << 12)),
	};
	struct built_elf elf = {.layout = kernel_layout, .segments = segments, .count = 3};

	memset(kernel, 0, sizeof(*kernel));
	scratch_file_create(&kernel->scratch, NULL, FILE_OF_MEMORY + MEMORY_END);
	build_header(&elf, headers);
	for (uint32_t i = 0; i < elf.count; i++)
		build_segment(&elf, headers + built_phoff(&elf) + i * built_phdr_size(&elf),
			      &segments[i]);
	scratch_file_write(&kernel->scratch, 0, headers,
			   built_phoff(&elf) + 3 * built_phdr_size(&elf));
	scratch_file_write(&kernel->scratch, NOTE_OFFSET, note, note_size);
	memory_write(kernel, UTS, names, sizeof(names));
	build_tables(kernel);
	build_memory_map(kernel);
}

static inline void built_kernel_open(struct built_kernel *kernel)
{
	struct vmc_dump_options options = {.log = {.write = built_kernel_say, .arg = kernel}};

	succeed(vmc_dump_open(kernel->scratch.path, &options, &kernel->dump));
	succeed(vmc_target_open(kernel->dump, NULL, &kernel->target));
}

static inline void built_kernel_destroy(struct built_kernel *kernel)
{
	vmc_target_close(kernel->target);
	vmc_dump_close(kernel->dump);
	scratch_file_destroy(&kernel->scratch);
}

#endif
