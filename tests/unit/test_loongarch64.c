/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation on loongarch64, with windows and page tables made here; the real ones are in the
 * fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define BASE   0x1000000u
#define CACHED 0x9000000000000000u
#define ROOT   (BASE + 0x40000)
#define PAGE   0x113u /* valid, dirty, cached, global … */
#define HUGE   0x40u

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | CACHED;
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

/* Fills a table with the same entry. */
static void fill(struct machine *machine, vmc_paddr table, unsigned int page_shift, uint64_t entry)
{
	for (uint64_t at = 0; at < (uint64_t)1 << page_shift; at += 8)
		machine_put(machine, machine->arch.layout, table + at, entry);
}

/* A kernel with tables of so many levels, all of whose entries lead to the tables for nothing. */
static void prepare(struct machine *machine, unsigned int page_shift, unsigned int levels)
{
	vmc_paddr page = (vmc_paddr)1 << page_shift;

	machine_prepare(machine, &arch_loongarch64, false, page_shift, BASE);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, CACHED + ROOT);
	for (unsigned int i = 0; i + 1 < levels; i++)
		fill(machine, ROOT + i * page, page_shift, CACHED + ROOT + (i + 1) * page);
	machine->next_table = ROOT + levels * page;
}

static void machine_init(struct machine *machine, unsigned int page_shift, unsigned int levels)
{
	prepare(machine, page_shift, levels);
	succeed(machine_start(machine));
	assert_int_equal(machine->arch.paging.levels, levels);
}

static void test_windows(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 14, 3);
	for (uint64_t i = 8; i <= 10; i++)
		expect_range(machine_translate(&machine, (i << 60) + 0x123456789abc), i << 60,
			     (i << 60) + 0xffffffffffff, true, 0);
	assert_false(machine_translate(&machine, 0x9001000000000000).mapped);
	assert_false(machine_translate(&machine, 0xb000000000000000).mapped);
	assert_false(machine_translate(&machine, 0x1000).mapped);
}

static void test_levels(void **state)
{
	static struct machine machine;
	static const struct {
		unsigned int page_shift, levels;
	} layouts[] = {{12, 3}, {12, 4}, {14, 2}, {14, 3}, {16, 2}, {16, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		unsigned int shift = layouts[i].page_shift;
		vmc_vaddr address = 0xffff800000000000 + ((vmc_vaddr)5 << shift);
		vmc_vaddr page = ((vmc_vaddr)1 << shift) - 1;

		machine_init(&machine, shift, layouts[i].levels);
		/* Nothing is mapped, though all entries have an address. */
		expect_range(machine_translate(&machine, address), address, address + page, false,
			     0);
		machine_put(&machine, machine.arch.layout,
			    ROOT + ((vmc_paddr)(layouts[i].levels - 1) << shift) + 5 * 8,
			    0xe000000000000000 | (uint64_t)0x77 << shift | PAGE);
		expect_range(machine_translate(&machine, address), address, address + page, true,
			     (uint64_t)0x77 << shift);
	}
}

static void test_pages(void **state)
{
	static struct machine machine;
	vmc_paddr tables[2];

	(void)state;
	machine_init(&machine, 14, 3);
	/* Tables of their own for one address of each level. */
	tables[1] = machine_new_table(&machine, 1);
	tables[0] = machine_new_table(&machine, 0);
	fill(&machine, tables[1], 14, CACHED + ROOT + 2 * 0x4000);
	machine_put(&machine, machine.arch.layout,
		    entry_address(&machine, ROOT, 2, 0xfffffebffe000000), CACHED + tables[1]);
	machine_put(&machine, machine.arch.layout,
		    entry_address(&machine, tables[1], 1, 0xfffffebffe000000), CACHED + tables[0]);
	map(&machine, 0xfffffebffe000000, 0, 0x9f004000 | PAGE);
	map(&machine, 0xfffffebffe004000, 0, 0x9f004000 | (PAGE & ~1u));
	/* A huge page, whose lowest bits of address hold flags; one that is not valid. */
	map(&machine, 0xfffffebffc000000, 1, 0x4600000000000000 | 0x9e001000 | HUGE | PAGE);
	map(&machine, 0xfffffebffa000000, 1, 0x9e000000 | HUGE | (PAGE & ~1u));
	map(&machine, 0xfffffebff8000000, 1, 0x9e000000 | PAGE);
	expect_range(machine_translate(&machine, 0xfffffebffe000abc), 0xfffffebffe000000,
		     0xfffffebffe003fff, true, 0x9f004000);
	expect_range(machine_translate(&machine, 0xfffffebffe004000), 0xfffffebffe004000,
		     0xfffffebffe007fff, false, 0);
	expect_range(machine_translate(&machine, 0xfffffebffdffffff), 0xfffffebffc000000,
		     0xfffffebffdffffff, true, 0x9e000000);
	assert_false(machine_translate(&machine, 0xfffffebffa000000).mapped);
	assert_false(machine_translate(&machine, 0xfffffebff8000000).mapped);
}

static void test_tables_that_are_none(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 14, 3);
	fill(&machine, ROOT, 14, CACHED + ROOT); /* a cycle */
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "does not hold page tables");
	fill(&machine, ROOT, 14, 0);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "does not hold page tables");
	prepare(&machine, 16, 4); /* 68 bits */
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "does not hold page tables");
	fill(&machine, ROOT, 14, CACHED + 0x7777770000);
	fail_with(machine_start(&machine), VMC_ERR_NODATA,
		  "the kernel's page tables are not in the dump");
	prepare(&machine, 14, 3);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, CACHED + 0x7777770000);
	fail_with(machine_start(&machine), VMC_ERR_NODATA,
		  "the kernel's page tables are not in the dump");
}

static void test_bad_facts(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_loongarch64, false, 14, BASE);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, 0xffffffff80000000);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "not where the kernel image is");
	for (unsigned int shift = 13; shift <= 18; shift++) {
		if (shift == 14 || shift == 16)
			continue;
		machine_prepare(&machine, &arch_loongarch64, false, shift, BASE);
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),   cmocka_unit_test(test_levels),
		cmocka_unit_test(test_pages),     cmocka_unit_test(test_tables_that_are_none),
		cmocka_unit_test(test_bad_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
