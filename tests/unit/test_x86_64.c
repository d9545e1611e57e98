/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over page tables made here; the real ones are in the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define IMAGE_BASE 0xffffffff80000000u
#define PHYS_BASE  0x1000000u
#define SME_MASK   ((uint64_t)1 << 47)
#define ROOT       (PHYS_BASE + 0x2000)

static void machine_init(struct machine *machine, unsigned int levels, uint64_t sme_mask)
{
	machine_prepare(machine, &arch_x86_64, false, 12, PHYS_BASE);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, IMAGE_BASE + 0x2000);
	machine_fact(machine, FACT_NUMBER_phys_base, PHYS_BASE);
	machine_fact(machine, FACT_NUMBER_pgtable_l5_enabled, levels == 5);
	machine_fact(machine, FACT_NUMBER_sme_mask, sme_mask);
	succeed(machine_start(machine));
}

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | 0x63;
}

static uint64_t encrypted_table_entry(vmc_paddr table, unsigned int level)
{
	return table_entry(table, level) | SME_MASK;
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

static void test_pages_of_all_sizes(void **state)
{
	static struct machine machine;

	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		machine_init(&machine, levels, 0);
		map(&machine, 0xffffea0000001000, 0, 0x8000000012345163);
		map(&machine, 0xffffea0000200000, 1, 0x80000000abe001e3);
		map(&machine, 0xffffea0040000000, 2, 0x80000001c00001e3);
		expect_range(machine_translate(&machine, 0xffffea0000001abc), 0xffffea0000001000,
			     0xffffea0000001fff, true, 0x12345000);
		expect_range(machine_translate(&machine, 0xffffea00003fffff), 0xffffea0000200000,
			     0xffffea00003fffff, true, 0xabe00000);
		expect_range(machine_translate(&machine, 0xffffea0055555555), 0xffffea0040000000,
			     0xffffea007fffffff, true, 0x1c0000000);
	}
}

static void test_large_leaf_flags_are_no_address(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	map(&machine, 0xffffea0000200000, 1, 0xabe011e3); /* PAT is bit 12 of a large leaf */
	expect_range(machine_translate(&machine, 0xffffea0000200000), 0xffffea0000200000,
		     0xffffea00003fffff, true, 0xabe00000);
}

static void test_holes_cost_one_step(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	map(&machine, 0xffffea0000001000, 0, 0x12345163);
	expect_range(machine_translate(&machine, 0xffffea0000002000), 0xffffea0000002000,
		     0xffffea0000002fff, false, 0);
	expect_range(machine_translate(&machine, 0xffffea0000200000), 0xffffea0000200000,
		     0xffffea00003fffff, false, 0);
	expect_range(machine_translate(&machine, 0xffff888000000000), 0xffff888000000000,
		     0xffff88ffffffffff, false, 0);
	expect_range(machine_translate(&machine, 0x0000900000000000), 0, 0xffff7fffffffffff, false,
		     0);
}

static void test_memory_encryption(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, SME_MASK);
	machine_map(&machine, 0xffffea0000001000, 0, 0x12345163 | SME_MASK, encrypted_table_entry);
	expect_range(machine_translate(&machine, 0xffffea0000001000), 0xffffea0000001000,
		     0xffffea0000001fff, true, 0x12345000);
}

static void test_missing_table_is_an_error(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	machine_init(&machine, 4, 0);
	map(&machine, 0xffffea0000000000, 3, 0x7777777000 | 0x63);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0xffffea0000001000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

/* With KASLR the kernel may lie below its link address: phys_base is negative then. */
static void test_negative_phys_base(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_x86_64, false, 12, PHYS_BASE);
	machine_fact(&machine, FACT_SYMBOL_init_top_pgt, IMAGE_BASE + 0x3002000);
	machine_fact(&machine, FACT_NUMBER_phys_base, (uint64_t) - (int64_t)0x2000000);
	succeed(machine_start(&machine));
	map(&machine, 0xffffea0000001000, 0, 0x12345163);
	expect_range(machine_translate(&machine, 0xffffea0000001000), 0xffffea0000001000,
		     0xffffea0000001fff, true, 0x12345000);
}

/* Without NUMBER(phys_base) the image is searched, on multiples of its alignment. */
static void test_image_is_searched(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_x86_64, false, 12, 0x200000);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, IMAGE_BASE + 0x1002000);
	machine_fact(&machine, FACT_SYMBOL_init_uts_ns, IMAGE_BASE + 0x1003000);
	machine_fact(&machine, FACT_OFFSET_uts_namespace_name, 0);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "NUMBER(phys_base)");
	machine_put_uts(&machine, 0x203000);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, 0x202000);
}

static void test_missing_facts(void **state)
{
	static struct machine machine;

	(void)state;
	machine_prepare(&machine, &arch_x86_64, false, 12, PHYS_BASE);
	machine_fact(&machine, FACT_NUMBER_phys_base, PHYS_BASE);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
}

/* What a visitor of tables saw; it enters each table once, if told to. */
#define TABLES 16

struct visits {
	vmc_paddr first;                    /* tables lie from here on */
	unsigned int tables[TABLES + 1][5]; /* by number and level; the last is any other */
	unsigned int unreadable;
};

static struct vmc_error *visit_once(void *arg, vmc_paddr table, unsigned int level, bool *ret_enter)
{
	struct visits *visits = arg;
	uint64_t number = (table - visits->first) / 4096;

	*ret_enter = !visits->tables[number < TABLES ? number : TABLES][level]++;
	return NULL;
}

static struct vmc_error *pass_over(void *arg, vmc_paddr table, struct vmc_error *err)
{
	struct visits *visits = arg;

	(void)table;
	visits->unreadable++;
	vmc_error_free(err);
	return NULL;
}

static unsigned int tables_visited(const struct visits *visits)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i <= TABLES; i++) {
		for (unsigned int level = 0; level < 5; level++)
			count += visits->tables[i][level] != 0;
	}
	return count;
}

static void test_tables(void **state)
{
	static struct machine machine;
	struct visits visits = {0};
	struct table_visitor visitor = {
		.visit = visit_once, .unreadable = pass_over, .arg = &visits};

	(void)state;
	machine_init(&machine, 4, 0);
	visits.first = machine.next_table;
	map(&machine, 0x400000, 0, 0x1000 | 0x67); /* of a user: tables 0 to 2 */
	assert_int_equal(machine.made, 3);
	map(&machine, 0xffff888000000000u, 2, 0x40000000 | 0x1e3); /* 3 */
	map(&machine, 0xffffc90000000000u, 0, 0x1000 | 0x63);      /* 4 to 6 */
	assert_int_equal(machine.made, 7);
	/* All of another region by the same table of pages, number 6, as KASAN does. */
	for (uint64_t i = 0; i < 512; i++)
		map(&machine, 0xffffec0000000000u + (i << 21), 1,
		    (visits.first + (vmc_paddr)6 * 4096) | 0x63);
	assert_int_equal(machine.made, 9);
	succeed(arch_visit_tables(&machine.arch, &machine.reader, &visitor));
	assert_int_equal(tables_visited(&visits), 7); /* root, 3 to 6, and 2 of the region */
	assert_int_equal(visits.tables[6][0], 513);
	assert_int_equal(visits.tables[0][2] + visits.tables[1][1] + visits.tables[2][0], 0);
	assert_int_equal(visits.unreadable, 0);

	/* A table that points to itself, and one that is not there. */
	memset(visits.tables, 0, sizeof(visits.tables));
	map(&machine, 0xffffff0000000000u, 3, ROOT | 0x63);
	map(&machine, 0xffffee0000000000u, 3, 0x1000 | 0x63);
	succeed(arch_visit_tables(&machine.arch, &machine.reader, &visitor));
	assert_true(visits.tables[TABLES][3] && visits.tables[TABLES][2]);
	assert_true(visits.unreadable > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_of_all_sizes),
		cmocka_unit_test(test_large_leaf_flags_are_no_address),
		cmocka_unit_test(test_holes_cost_one_step),
		cmocka_unit_test(test_memory_encryption),
		cmocka_unit_test(test_missing_table_is_an_error),
		cmocka_unit_test(test_negative_phys_base),
		cmocka_unit_test(test_image_is_searched),
		cmocka_unit_test(test_missing_facts),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
