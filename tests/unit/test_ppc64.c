/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation of ppc64: over radix tables and over lists of a hash MMU, made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define LINEAR ((uint64_t)0xc000000000000000)
#define BASE   0x2000000u
#define ROOT   (BASE + 0x10000) /* 64 KiB of it: 8192 entries */
#define UTS    (BASE + 0x20000)
#define PSIZE  (BASE + 0x21000) /* mmu_vmemmap_psize */
#define PSIZES (BASE + 0x21100) /* mmu_psize_defs */
#define HEAD   (BASE + 0x22000) /* vmemmap_list */
#define NODES  (BASE + 0x23000)

#define VALID ((uint64_t)1 << 63)
#define LEAF  ((uint64_t)1 << 62)

/* struct vmemmap_backing and struct mmu_psize_def as they are */
#define NODE_SIZE  24
#define PSIZE_SIZE 96

static void put_u32(struct machine *machine, vmc_paddr address, uint32_t value)
{
	store_u32(machine->arch.layout, machine->memory + (address - machine->base), value);
}

static void machine_make(struct machine *machine, bool big_endian, unsigned int page_shift)
{
	machine_prepare(machine, &arch_ppc64, big_endian, page_shift, BASE);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, LINEAR + ROOT);
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, LINEAR + UTS);
	machine_fact(machine, FACT_SYMBOL_mmu_psize_defs, LINEAR + PSIZES);
	machine_fact(machine, FACT_SIZE_mmu_psize_def, PSIZE_SIZE);
	machine_fact(machine, FACT_OFFSET_mmu_psize_def_shift, 0);
	put_u32(machine, PSIZES, 12);
}

static void radix_init(struct machine *machine, bool big_endian, unsigned int page_shift)
{
	machine_make(machine, big_endian, page_shift);
	machine_fact(machine, FACT_NUMBER_RADIX_MMU, 1);
	succeed(machine_start(machine));
}

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	return VALID | table | (level ? 9 : 5);
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

static void test_radix(void **state)
{
	static struct machine machine;

	(void)state;
	for (int big_endian = 0; big_endian <= 1; big_endian++) {
		for (unsigned int shift = 12; shift <= 16; shift += 4) {
			uint64_t page = (uint64_t)1 << shift;

			radix_init(&machine, big_endian, shift);
			/* 1 GiB, 2 MiB and a page; bits of software above and below. */
			map(&machine, LINEAR, 2, VALID | LEAF | 0x1000018e);
			map(&machine, 0xc00c000000200000, 1, VALID | LEAF | 0x4180000000200ff);
			map(&machine, 0xc008000000000000 + page, 0, VALID | LEAF | 0x7770018e);
			expect_range(machine_translate(&machine, LINEAR + 0x12345678), LINEAR,
				     LINEAR + 0x3fffffff, true, 0);
			expect_range(machine_translate(&machine, 0xc00c0000003fffff),
				     0xc00c000000200000, 0xc00c0000003fffff, true,
				     0x18000000000000);
			expect_range(machine_translate(&machine, 0xc008000000000001 + page),
				     0xc008000000000000 + page, 0xc007ffffffffffff + 2 * page, true,
				     0x77700000);
			expect_range(machine_translate(&machine, 0xc008000000000000),
				     0xc008000000000000, 0xc007ffffffffffff + page, false, 0);
		}
	}
}

static void test_radix_has_one_region(void **state)
{
	static struct machine machine;

	(void)state;
	radix_init(&machine, false, 16);
	expect_range(machine_translate(&machine, 0xf000000000000000), 0xc010000000000000,
		     UINT64_MAX, false, 0);
	expect_range(machine_translate(&machine, 0x1000), 0, LINEAR - 1, false, 0);
}

static void test_missing_table_is_an_error(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	radix_init(&machine, false, 16);
	map(&machine, 0xc00c000000000000, 3, VALID | 0x7777777000 | 9);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0xc00c000000000000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

/* Of kernels that do not say so, tables that map the image are radix tables. */
static void test_mmu_by_tables(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, false, 16);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.window_count, 1);
	assert_int_equal(machine.arch.paging.levels, 0);
	arch_deinit(&machine.arch);

	radix_init(&machine, false, 16);
	map(&machine, LINEAR, 2, VALID | LEAF | 0x18e);
	machine.facts.table[FACT_NUMBER_RADIX_MMU].source = VMC_FACT_UNKNOWN;
	machine.arch.paging = (struct paging){0};
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.window_count, 0);
	assert_int_equal(machine.arch.paging.levels, 4);

	/* To another place: no proof. */
	map(&machine, LINEAR, 2, VALID | LEAF | 0x4000000000);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.window_count, 1);
	arch_deinit(&machine.arch);
}

/* Tables and strings are alike in both orders. */
static void test_byte_order(void **state)
{
	static struct machine machine;

	(void)state;
	for (int big_endian = 0; big_endian <= 1; big_endian++) {
		radix_init(&machine, big_endian, 16);
		machine.arch.layout.big_endian = !big_endian;
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT,
			  big_endian ? "little-endian memory" : "big-endian memory");
	}
}

/* ---- hash */

struct backing {
	vmc_vaddr address;
	vmc_paddr phys;
};

static vmc_paddr node_at(size_t i)
{
	return NODES + i * NODE_SIZE;
}

/* As the kernel does: the last is the first of the list. */
static void hash_make(struct machine *machine, bool big_endian, unsigned int page_shift,
		      unsigned int block_shift, const struct backing *backing, size_t count)
{
	machine_make(machine, big_endian, page_shift);
	machine_fact(machine, FACT_NUMBER_RADIX_MMU, 0);
	machine_fact(machine, FACT_SYMBOL_vmemmap_list, LINEAR + HEAD);
	machine_fact(machine, FACT_SYMBOL_mmu_vmemmap_psize, LINEAR + PSIZE);
	machine_fact(machine, FACT_SIZE_vmemmap_backing, NODE_SIZE);
	machine_fact(machine, FACT_OFFSET_vmemmap_backing_list, 0);
	machine_fact(machine, FACT_OFFSET_vmemmap_backing_phys, 8);
	machine_fact(machine, FACT_OFFSET_vmemmap_backing_virt_addr, 16);
	put_u32(machine, PSIZE, 2);
	put_u32(machine, PSIZES + 2 * PSIZE_SIZE, block_shift);
	machine_put(machine, machine->arch.layout, HEAD, count ? LINEAR + node_at(count - 1) : 0);
	for (size_t i = 0; i < count; i++) {
		machine_put(machine, machine->arch.layout, node_at(i),
			    i ? LINEAR + node_at(i - 1) : 0);
		machine_put(machine, machine->arch.layout, node_at(i) + 8, backing[i].phys);
		machine_put(machine, machine->arch.layout, node_at(i) + 16, backing[i].address);
	}
}

static void test_hash(void **state)
{
	static const struct backing backing[] = {
		{0xc00c000000000000, 0x5f000000},
		{0xc00c000000010000, 0x5f010000}, /* lies behind: they become one */
		{0xc00c000000040000, 0x60000000},
		{0xc00c000000030000, 0x5fff0000},
		{0xc00c000000020000, 0x10000000},
	};
	static struct machine machine;

	(void)state;
	for (int big_endian = 0; big_endian <= 1; big_endian++) {
		hash_make(&machine, big_endian, 16, 16, backing, 5);
		succeed(machine_start(&machine));
		expect_range(machine_translate(&machine, LINEAR + 0x12345678), LINEAR,
			     0xc007ffffffffffff, true, 0);
		expect_range(machine_translate(&machine, 0xc00c000000000040), 0xc00c000000000000,
			     0xc00c00000001ffff, true, 0x5f000000);
		expect_range(machine_translate(&machine, 0xc00c000000020000), 0xc00c000000020000,
			     0xc00c00000002ffff, true, 0x10000000);
		expect_range(machine_translate(&machine, 0xc00c00000003ffff), 0xc00c000000030000,
			     0xc00c00000003ffff, true, 0x5fff0000);
		expect_range(machine_translate(&machine, 0xc00c000000050000), 0xc00c000000050000,
			     UINT64_MAX, false, 0);
		arch_deinit(&machine.arch);
	}
}

/* vmalloc is in tables, between the linear map and the memory map. */
static void test_hash_vmalloc(void **state)
{
	static const struct {
		unsigned int page_shift;
		vmc_vaddr vmalloc, memory_map;
	} layouts[] = {
		{16, 0xc008000000000000, 0xc00c000000000000},
		{12, 0xc0003d0000000000, 0xc0003f0000000000},
		{12, 0xc000100000000000, 0xc000300000000000},
	};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct backing backing = {layouts[i].memory_map + 0x1000000, 0x5f000000};
		uint64_t page = (uint64_t)1 << layouts[i].page_shift;

		hash_make(&machine, true, layouts[i].page_shift, 24, &backing, 1);
		succeed(machine_start(&machine));
		expect_range(machine_translate(&machine, LINEAR), LINEAR, layouts[i].vmalloc - 1,
			     true, 0);
		map(&machine, layouts[i].vmalloc + page, 0,
		    VALID | LEAF | (uint64_t)0xe0 << 48 | 0x77700000 | 0x18e);
		expect_range(machine_translate(&machine, layouts[i].vmalloc + page + 5),
			     layouts[i].vmalloc + page, layouts[i].vmalloc + 2 * page - 1, true,
			     0x77700000);
		expect_range(machine_translate(&machine, layouts[i].memory_map),
			     layouts[i].memory_map, backing.address - 1, false, 0);
		expect_range(machine_translate(&machine, backing.address + 1), backing.address,
			     backing.address + 0xffffff, true, 0x5f000000);
		expect_range(machine_translate(&machine, 0x1000), 0, LINEAR - 1, false, 0);
		arch_deinit(&machine.arch);
	}
}

/* Before 5.2 the memory map is in a region of its own, and vmalloc in tables of many forms. */
static void test_hash_with_regions(void **state)
{
	static const struct backing backing = {0xf000000000000000, 0x5f000000};
	static struct machine machine;

	(void)state;
	hash_make(&machine, true, 16, 24, &backing, 1);
	succeed(machine_start(&machine));
	expect_range(machine_translate(&machine, LINEAR), LINEAR, 0xcfffffffffffffff, true, 0);
	expect_range(machine_translate(&machine, 0xd000000000000000), 0xd000000000000000,
		     0xefffffffffffffff, false, 0);
	expect_range(machine_translate(&machine, 0xf000000000000040), 0xf000000000000000,
		     0xf000000000ffffff, true, 0x5f000000);
	arch_deinit(&machine.arch);
}

static void expect_bad_list(struct machine *machine, const char *why)
{
	fail_with(machine_start(machine), VMC_ERR_CORRUPT, why);
	assert_null(machine->arch.private);
}

static void test_bad_lists(void **state)
{
	static const struct backing backing[] = {
		{0xc00c000000000000, 0x5f000000},
		{0xc00c000000030000, 0x5f010000},
		{0xc00c000000020000, 0x5f030000},
	};
	static struct machine machine;

	(void)state;
	hash_make(&machine, false, 16, 16, backing, 3);
	for (size_t i = 0; i < 3; i++) { /* a circle of three, of two, of one */
		machine_put(&machine, machine.arch.layout, node_at(0), LINEAR + node_at(2 - i));
		expect_bad_list(&machine, "the list has no end");
	}
	machine_put(&machine, machine.arch.layout, node_at(0), 0x1000);
	expect_bad_list(&machine, "not in the linear map");
	machine_put(&machine, machine.arch.layout, node_at(0), LINEAR + 0x7000000);
	fail_with(machine_start(&machine), VMC_ERR_NODATA, "no such memory");

	hash_make(&machine, false, 16, 16, backing, 3);
	machine_put(&machine, machine.arch.layout, node_at(0) + 16, backing[1].address);
	expect_bad_list(&machine, "two blocks");
	machine_put(&machine, machine.arch.layout, node_at(0) + 16, backing[1].address + 0x1000);
	expect_bad_list(&machine, "a block of 0x10000 bytes");
	machine_put(&machine, machine.arch.layout, node_at(0) + 16, 0x7fff0000);
	expect_bad_list(&machine, "a block of 0x10000 bytes");
	machine_put(&machine, machine.arch.layout, node_at(0) + 16, LINEAR);
	expect_bad_list(&machine, "a block of 0x10000 bytes");
	machine_put(&machine, machine.arch.layout, node_at(0) + 16, 0xffffffffffff0000);
	succeed(machine_start(&machine));
	expect_range(machine_translate(&machine, UINT64_MAX), 0xffffffffffff0000, UINT64_MAX, true,
		     0x5f000000);
	arch_deinit(&machine.arch);
}

static void test_bad_block_sizes(void **state)
{
	static const struct backing backing = {0xc00c000000000000, 0x5f000000};
	static const unsigned int shifts[] = {0, 11, 35, 64, UINT32_MAX};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		hash_make(&machine, false, 16, shifts[i], &backing, 1);
		expect_bad_list(&machine, "mmu_psize_defs");
	}
	hash_make(&machine, false, 16, 16, &backing, 1);
	put_u32(&machine, PSIZE, 16);
	expect_bad_list(&machine, "mmu_vmemmap_psize is 16");
}

static void test_missing_facts(void **state)
{
	static const struct backing backing = {0xc00c000000000000, 0x5f000000};
	static const struct {
		enum fact_id id;
		const char *name;
	} needed[] = {
		{FACT_SYMBOL_swapper_pg_dir, "SYMBOL(swapper_pg_dir)"},
		{FACT_SYMBOL_mmu_vmemmap_psize, "SYMBOL(mmu_vmemmap_psize)"},
		{FACT_SYMBOL_mmu_psize_defs, "SYMBOL(mmu_psize_defs)"},
		{FACT_SIZE_mmu_psize_def, "SIZE(mmu_psize_def)"},
		{FACT_OFFSET_vmemmap_backing_virt_addr, "OFFSET(vmemmap_backing.virt_addr)"},
	};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		hash_make(&machine, false, 16, 16, &backing, 1);
		machine.facts.table[needed[i].id].source = VMC_FACT_UNKNOWN;
		fail_with(machine_start(&machine), VMC_ERR_MISSING, needed[i].name);
		assert_null(machine.arch.private);
	}
}

static void test_what_is_refused(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, false, 14);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	machine_make(&machine, false, 16);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, 0x10000);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "not in the linear map");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_radix),
		cmocka_unit_test(test_radix_has_one_region),
		cmocka_unit_test(test_missing_table_is_an_error),
		cmocka_unit_test(test_mmu_by_tables),
		cmocka_unit_test(test_byte_order),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_hash_vmalloc),
		cmocka_unit_test(test_hash_with_regions),
		cmocka_unit_test(test_bad_lists),
		cmocka_unit_test(test_bad_block_sizes),
		cmocka_unit_test(test_missing_facts),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
