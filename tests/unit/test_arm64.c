/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation on arm64, in every layout of its page tables; the real ones are in the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define BASE    0x40000000u
#define ROOT    (BASE + 0x10000)
#define UTS     (BASE + 0x24000)
#define UNKNOWN 0

/* Entries of pages and blocks have flags all over; only the type and the address count. */
#define FLAGS      0x00e8000000000f00u
#define FLAGS_LPA2 0x00e8000000000c00u /* bits 9:8 are address there */
#define PAGE       3u
#define BLOCK      1u

struct layout_case {
	unsigned int page_shift;
	uint64_t va_bits, t1sz;
	unsigned int bits; /* that are right */
	unsigned int levels, top_bits;
};

static const struct layout_case layouts[] = {
	{12, 48, 16, 48, 4, 9},
	{12, 39, 25, 39, 3, 9},
	{12, 52, 12, 52, 5, 4},
	{12, 52, 16, 48, 4, 9},
	{14, 36, 28, 36, 2, 11},
	{14, 47, 17, 47, 3, 11},
	{14, 48, 16, 48, 4, 1},
	{14, 52, 12, 52, 4, 5},
	{14, 52, 17, 47, 3, 11},
	{16, 42, 22, 42, 2, 13},
	{16, 48, 16, 48, 3, 6},
	{16, 52, 12, 52, 3, 10},
	{16, 52, 16, 48, 3, 10},
	{12, 48, UNKNOWN, 48, 4, 9},
	{12, 39, UNKNOWN, 39, 3, 9},
	{14, 47, UNKNOWN, 47, 3, 11},
	{16, 42, UNKNOWN, 42, 2, 13},
	{16, 48, UNKNOWN, 48, 3, 6},
	/* 5.4 to 5.8 for 52 bits: hardware that has only 48 uses a part of the same table */
	{16, 52, UNKNOWN, 52, 3, 10},
	/* 5.0 to 5.3, when 52 bits were for user space */
	{16, 48, UNKNOWN, 48, 3, 10},
	/* before 4.12 */
	{12, UNKNOWN, UNKNOWN, 48, 4, 9},
	{12, UNKNOWN, UNKNOWN, 39, 3, 9},
	{14, UNKNOWN, UNKNOWN, 36, 2, 11},
	{14, UNKNOWN, UNKNOWN, 48, 4, 1},
	{16, UNKNOWN, UNKNOWN, 48, 3, 6},
	{16, UNKNOWN, UNKNOWN, 42, 2, 13},
};

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | PAGE;
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

/* The image is the same in all address spaces: those of 36 bits have it too. */
static vmc_vaddr image(vmc_paddr address)
{
	return address + 0xfffffff000000000u;
}

static void prepare(struct machine *machine, unsigned int page_shift, uint64_t va_bits,
		    uint64_t t1sz, bool big_endian)
{
	machine_prepare(machine, &arch_arm64, big_endian, page_shift, BASE);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, image(ROOT));
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, image(UTS));
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	machine_put_uts(machine, UTS);
	if (va_bits)
		machine_fact(machine, FACT_NUMBER_VA_BITS, va_bits);
	if (t1sz)
		machine_fact(machine, FACT_NUMBER_TCR_EL1_T1SZ, t1sz);
}

/* Enough of entries to make tables before there is an architecture that knows them. */
static struct paging_entry decode_tables(const struct paging *paging, uint64_t entry,
					 unsigned int level, vmc_vaddr address)
{
	(void)level;
	(void)address;
	return (struct paging_entry){entry & 1 ? PAGING_TABLE : PAGING_NONE,
				     entry & paging->address_mask};
}

/* Page tables in the layout that a kernel would have chosen, for init() to find. */
static void make_tables(struct machine *machine, const struct layout_case *layout)
{
	unsigned int per_level = layout->page_shift - 3;
	uint8_t bits[PAGING_LEVELS_MAX];

	for (unsigned int i = 0; i < layout->levels; i++)
		bits[i] = (uint8_t)(i ? per_level : layout->top_bits);
	machine->arch.paging = (struct paging){
		.root = ROOT,
		.first = UINT64_MAX << layout->bits,
		.last = UINT64_MAX,
		.entries = machine->arch.layout,
		.decode = decode_tables,
		.address_mask = ((uint64_t)1 << 48) - ((uint64_t)1 << layout->page_shift),
	};
	paging_set_levels(&machine->arch.paging, layout->page_shift, bits, layout->levels);
}

static void map_image(struct machine *machine, unsigned int page_shift)
{
	uint64_t page = ~(((uint64_t)1 << page_shift) - 1);

	map(machine, image(UTS), 0, (UTS & page) | FLAGS_LPA2 | PAGE);
}

static void test_layouts(void **state)
{
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout_case *layout = &layouts[i];

		prepare(&machine, layout->page_shift, layout->va_bits, layout->t1sz, i % 2);
		if (layout->va_bits) /* before 4.12 it is searched */
			machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
		make_tables(&machine, layout);
		map_image(&machine, layout->page_shift);

		struct paging made = machine.arch.paging;

		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.root, made.root);
		assert_int_equal(machine.arch.paging.first, made.first);
		assert_int_equal(machine.arch.paging.levels, layout->levels);
		assert_memory_equal(machine.arch.paging.level, made.level, sizeof(made.level));
		assert_int_equal(machine_translate(&machine, UINT64_MAX << layout->bits).first,
				 UINT64_MAX << layout->bits);
		expect_range(machine_translate(&machine, 0x1000), 0,
			     (UINT64_MAX << layout->bits) - 1, false, 0);
	}
}

/* A machine with the layout of the given number. */
static void machine_init(struct machine *machine, unsigned int page_shift, uint64_t va_bits,
			 uint64_t t1sz)
{
	prepare(machine, page_shift, va_bits, t1sz, false);
	machine_fact(machine, FACT_NUMBER_kimage_voffset, image(0));
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].page_shift == page_shift && layouts[i].va_bits == va_bits &&
		    layouts[i].t1sz == t1sz)
			make_tables(machine, &layouts[i]);
	}
	map_image(machine, page_shift);
	succeed(machine_start(machine));
}

static void test_pages_and_blocks(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 12, 48, 16);
	map(&machine, 0xffff000040000000, 0, 0xf12345000 | FLAGS | PAGE);
	map(&machine, 0xffff000040200000, 1, 0xf00200000 | FLAGS | BLOCK);
	map(&machine, 0xffff000080000000, 2, 0x880000000 | FLAGS | BLOCK);
	expect_range(machine_translate(&machine, 0xffff000040000abc), 0xffff000040000000,
		     0xffff000040000fff, true, 0xf12345000);
	expect_range(machine_translate(&machine, 0xffff0000402fffff), 0xffff000040200000,
		     0xffff0000403fffff, true, 0xf00200000);
	expect_range(machine_translate(&machine, 0xffff00009fffffff), 0xffff000080000000,
		     0xffff0000bfffffff, true, 0x880000000);
	expect_range(machine_translate(&machine, 0xffff0000c0000000), 0xffff0000c0000000,
		     0xffff0000ffffffff, false, 0);
	/* Not valid, though a type is there; a block where there are none. */
	map(&machine, 0xffff000040001000, 0, 0xf12345000 | FLAGS | 2);
	map(&machine, 0xffff000040002000, 0, 0xf12345000 | FLAGS | BLOCK);
	assert_false(machine_translate(&machine, 0xffff000040001000).mapped);
	assert_false(machine_translate(&machine, 0xffff000040002000).mapped);

	machine_init(&machine, 16, 48, 16);
	map(&machine, 0xffff000040000000, 1, 0x1f40000000 | BLOCK);
	expect_range(machine_translate(&machine, 0xffff000050000000), 0xffff000040000000,
		     0xffff00005fffffff, true, 0x1f40000000);
	machine_init(&machine, 14, 47, 17);
	map(&machine, 0xffff800042000000, 1, 0x1f42000000 | BLOCK);
	expect_range(machine_translate(&machine, 0xffff800043ffffff), 0xffff800042000000,
		     0xffff800043ffffff, true, 0x1f42000000);
}

/* Bits of addresses above 47 stand where the size of pages and the real number of bits say. */
static void test_physical_addresses_of_52_bits(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 12, 52, 12); /* LPA2 */
	map(&machine, 0xfff0000040000000, 0, 0x3c00012345000 | 0x200 | FLAGS_LPA2 | PAGE);
	assert_int_equal(machine_translate(&machine, 0xfff0000040000000).address, 0xbc00012345000);
	map(&machine, 0xfff0000040200000, 1, 0x3c00000200000 | 0x300 | FLAGS_LPA2 | BLOCK);
	assert_int_equal(machine_translate(&machine, 0xfff0000040200000).address, 0xfc00000200000);

	machine_init(&machine, 14, 52, 12); /* LPA2 */
	map(&machine, 0xfff0000040000000, 0, 0x3c00012344000 | 0x100 | FLAGS_LPA2 | PAGE);
	assert_int_equal(machine_translate(&machine, 0xfff0000040000000).address, 0x7c00012344000);

	machine_init(&machine, 12, 52, 16); /* a kernel for LPA2 on hardware without */
	map(&machine, 0xffff000040000000, 0, 0x12345000 | FLAGS | PAGE);
	assert_int_equal(machine_translate(&machine, 0xffff000040000000).address, 0x12345000);

	machine_init(&machine, 16, 52, 12);
	map(&machine, 0xfff0000040000000, 0, 0x12340000 | 0xa000 | FLAGS | PAGE);
	assert_int_equal(machine_translate(&machine, 0xfff0000040000000).address, 0xa000012340000);
	map(&machine, 0xfff0000060000000, 1, 0x1f40000000 | 0xb000 | FLAGS | BLOCK);
	assert_int_equal(machine_translate(&machine, 0xfff0000060000000).address, 0xb001f40000000);
}

/* Tables that are there, but are not the kernel's. */
static void test_tables_without_the_image(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 12, 39, 25, false);
	machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "do not map the kernel image");
	machine_init(&machine, 12, 39, 25);
	machine_fact(&machine, FACT_SYMBOL_init_uts_ns, image(UTS) + 8);
	succeed(machine_start(&machine));
	map(&machine, image(UTS), 0, (UTS + 0x1000) | FLAGS | PAGE);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "do not map the kernel image");
}

static void test_missing_tables(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	machine_init(&machine, 12, 48, 16);
	map(&machine, 0xffff000040000000, 3, 0x7777777000 | PAGE);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0xffff000040000000, &range),
		  VMC_ERR_NODATA, "the kernel's page tables are not in the dump");

	/* Of two layouts that are tried, the error that names what is missing is told. */
	prepare(&machine, 16, 52, UNKNOWN, false);
	machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
	machine_put(&machine, machine.arch.layout, ROOT + 1023 * 8, 0x7777770000 | PAGE);
	fail_with(machine_start(&machine), VMC_ERR_NODATA,
		  "the kernel's page tables are not in the dump");
	machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0x100000000));
	fail_with(machine_start(&machine), VMC_ERR_NODATA,
		  "the kernel's page tables are not in the dump");
}

static void test_bad_facts(void **state)
{
	static struct machine machine;
	static const uint64_t bad[] = {1, 11, 24, 63, 64, 4096, UINT64_MAX, (uint64_t)1 << 63};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		prepare(&machine, 12, bad[i], UNKNOWN, false);
		machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "no address space");
		prepare(&machine, 12, 48, bad[i], false);
		machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "no address space");
	}
	for (unsigned int shift = 13; shift <= 18; shift++) {
		if (shift == 14 || shift == 16)
			continue;
		prepare(&machine, shift, UNKNOWN, UNKNOWN, false);
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	}
}

static void test_missing_facts(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_arm64, false, 12, BASE);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, image(ROOT));
	machine_fact(&machine, FACT_SYMBOL_init_uts_ns, image(UTS));
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "NUMBER(kimage_voffset)");
	machine_prepare(&machine, &arch_arm64, false, 12, BASE);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, image(ROOT));
	machine_fact(&machine, FACT_NUMBER_kimage_voffset, image(0));
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(init_uts_ns)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_pages_and_blocks),
		cmocka_unit_test(test_physical_addresses_of_52_bits),
		cmocka_unit_test(test_tables_without_the_image),
		cmocka_unit_test(test_missing_tables),
		cmocka_unit_test(test_bad_facts),
		cmocka_unit_test(test_missing_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
