/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation on riscv64 over page tables made here; the real ones are in the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define BASE      0x80200000u
#define ROOT      (BASE + 0x10000)
#define UTS       (BASE + 0x24000)
#define PA_OFFSET 0xfffffffeffe00000u /* va_kernel_pa_offset */

#define ENTRY(address, flags) ((uint64_t)(address) >> 12 << 10 | (flags))
#define TABLE                 0x01u
#define LEAF                  0xe7u /* valid, readable, writable, global, accessed, dirty */
#define NAPOT                 ((uint64_t)1 << 63)
#define PBMT_NC               ((uint64_t)1 << 61)

static vmc_vaddr image(vmc_paddr address)
{
	return address + PA_OFFSET;
}

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	(void)level;
	return ENTRY(table, TABLE);
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

/* Enough of entries to make tables before there is an architecture that knows them. */
static struct paging_entry decode_tables(const struct paging *paging, uint64_t entry,
					 unsigned int level, vmc_vaddr address)
{
	(void)paging;
	(void)level;
	(void)address;
	return (struct paging_entry){entry ? PAGING_TABLE : PAGING_NONE, entry >> 10 << 12};
}

/* A kernel with tables of so many levels that map its image, and without keys of the machine. */
static void prepare(struct machine *machine, unsigned int levels)
{
	static const uint8_t bits[] = {9, 9, 9, 9, 9};

	machine_prepare(machine, &arch_riscv64, false, 12, BASE);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, image(ROOT));
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, image(UTS));
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	machine_put_uts(machine, UTS);
	machine->arch.paging =
		(struct paging){.root = ROOT, .entries = {.word_size = 8}, .decode = decode_tables};
	paging_set_levels(&machine->arch.paging, 12, bits, levels);
	map(machine, image(UTS), 1, ENTRY(BASE, LEAF));
}

static void machine_init(struct machine *machine, unsigned int levels)
{
	prepare(machine, levels);
	machine_fact(machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
	machine_fact(machine, FACT_NUMBER_VA_BITS, 12 + 9 * levels);
	succeed(machine_start(machine));
}

static void test_levels(void **state)
{
	static struct machine machine;

	(void)state;
	for (unsigned int levels = 3; levels <= 5; levels++) {
		vmc_vaddr first = UINT64_MAX << (9 * levels + 11);

		machine_init(&machine, levels);
		assert_int_equal(machine.arch.paging.levels, levels);
		assert_int_equal(machine.arch.paging.root, ROOT);
		expect_range(machine_translate(&machine, 0x1000), 0, first - 1, false, 0);

		prepare(&machine, levels); /* 7.2, were VA_BITS not there */
		machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
		machine_fact(&machine, FACT_NUMBER_satp, ((uint64_t)levels + 5) << 60 | 0x80210);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.levels, levels);

		prepare(&machine, levels); /* before 6.1: no key at all */
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.levels, levels);
		assert_int_equal(machine.arch.paging.root, ROOT);
	}
}

static void test_pages_of_all_sizes(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 5);
	map(&machine, 0xff1c000000001000, 0, ENTRY(0xf12345000, LEAF));
	map(&machine, 0xff1c000000200000, 1, ENTRY(0xf00200000, LEAF));
	map(&machine, 0xff1c000040000000, 2, ENTRY(0xc0000000, LEAF));
	map(&machine, 0xff1c008000000000, 3, ENTRY(0x8000000000, LEAF));
	expect_range(machine_translate(&machine, 0xff1c000000001abc), 0xff1c000000001000,
		     0xff1c000000001fff, true, 0xf12345000);
	expect_range(machine_translate(&machine, 0xff1c0000003fffff), 0xff1c000000200000,
		     0xff1c0000003fffff, true, 0xf00200000);
	expect_range(machine_translate(&machine, 0xff1c00007fffffff), 0xff1c000040000000,
		     0xff1c00007fffffff, true, 0xc0000000);
	expect_range(machine_translate(&machine, 0xff1c008000000000), 0xff1c008000000000,
		     0xff1c00ffffffffff, true, 0x8000000000);
	expect_range(machine_translate(&machine, 0xff1c010000000000), 0xff1c010000000000,
		     0xff1c017fffffffff, false, 0);
}

/* Extensions put flags above the address. */
static void test_flags_above_the_address(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4);
	map(&machine, 0xffff8d8000000000, 0, ENTRY(0xf12345000, LEAF) | PBMT_NC);
	map(&machine, 0xffff8d8000200000, 1, ENTRY(0xf00200000, LEAF) | PBMT_NC | NAPOT);
	map(&machine, 0xffff8d8000001000, 0, ENTRY(0xfffffffffff000, LEAF) | (uint64_t)0x3ff << 54);
	assert_int_equal(machine_translate(&machine, 0xffff8d8000000000).address, 0xf12345000);
	assert_int_equal(machine_translate(&machine, 0xffff8d8000200000).address, 0xf00200000);
	assert_int_equal(machine_translate(&machine, 0xffff8d8000001000).address, 0xfffffffffff000);
}

/* 16 entries that are alike make a block of 64 KiB. */
static void test_blocks_of_64k(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 3);
	for (vmc_vaddr i = 0; i < 16; i++)
		map(&machine, 0xffffffc600010000 + i * 4096, 0, ENTRY(0x91238000, LEAF) | NAPOT);
	for (vmc_vaddr i = 0; i < 16; i++)
		expect_range(machine_translate(&machine, 0xffffffc600010000 + i * 4096 + 8),
			     0xffffffc600010000 + i * 4096, 0xffffffc600010fff + i * 4096, true,
			     0x91230000 + i * 4096);
}

static void test_what_is_not_mapped(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	machine_init(&machine, 3);
	map(&machine, 0xffffffc600001000, 0, ENTRY(0x91238000, LEAF & ~1u));
	map(&machine, 0xffffffc600002000, 0, ENTRY(0x91238000, TABLE)); /* below the last level */
	assert_false(machine_translate(&machine, 0xffffffc600001000).mapped);
	assert_false(machine_translate(&machine, 0xffffffc600002000).mapped);
	map(&machine, 0xffffffc640000000, 2, ENTRY(0x7777777000, TABLE));
	fail_with(arch_translate(&machine.arch, &machine.reader, 0xffffffc640000000, &range),
		  VMC_ERR_NODATA, "the kernel's page tables are not in the dump");
}

/* As in a dump by kexec-tools 2.0.32, which leaves out early tables. */
static void test_tables_cut_out(void **state)
{
	static struct machine machine;

	(void)state;
	for (unsigned int keys = 0; keys <= 1; keys++) {
		prepare(&machine, 4);
		if (keys)
			machine_fact(&machine, FACT_NUMBER_VA_BITS, 48);
		machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
		machine_put(&machine, machine.arch.layout, ROOT + 511 * 8,
			    ENTRY(0x7777777000, TABLE));
		fail_with(machine_start(&machine), VMC_ERR_NODATA,
			  "the kernel's page tables are not in the dump");
	}
}

static void test_bad_facts(void **state)
{
	static struct machine machine;
	static const uint64_t bad[] = {0, 32, 38, 40, 66, UINT64_MAX, (uint64_t)1 << 63};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		prepare(&machine, 3);
		machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
		machine_fact(&machine, FACT_NUMBER_VA_BITS, bad[i]);
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "no address space");
	}
	prepare(&machine, 3);
	machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
	machine_fact(&machine, FACT_NUMBER_satp, 0);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "no address space");
	prepare(&machine, 3);
	machine.arch.page_shift = 16;
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	prepare(&machine, 3);
	machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
	map(&machine, image(UTS), 1, ENTRY(0, LEAF)); /* the tables of something else */
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "do not map the kernel image");
}

static void test_missing_facts(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_riscv64, false, 12, BASE);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, image(ROOT));
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "NUMBER(va_kernel_pa_offset)");
	machine_fact(&machine, FACT_NUMBER_va_kernel_pa_offset, PA_OFFSET);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(init_uts_ns)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_pages_of_all_sizes),
		cmocka_unit_test(test_flags_above_the_address),
		cmocka_unit_test(test_blocks_of_64k),
		cmocka_unit_test(test_what_is_not_mapped),
		cmocka_unit_test(test_tables_cut_out),
		cmocka_unit_test(test_bad_facts),
		cmocka_unit_test(test_missing_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
