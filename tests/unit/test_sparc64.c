/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over page tables made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define RAM      0x800000000u /* memory need not begin at 0 */
#define KERNBASE 0x400000u
#define ROOT     (RAM + 0x4000)
#define UTS      (RAM + 0x10000)

#define VALID 0x8000000000000000u
#define HUGE  0x0100000000000000u

static void prepare(struct machine *machine, uint64_t loaded)
{
	machine_prepare(machine, &arch_sparc64, true, 13, RAM);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, KERNBASE + (ROOT - loaded));
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, KERNBASE + (UTS - loaded));
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	machine_put_uts(machine, UTS);
}

static uint64_t bare_address(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table;
}

static void test_image(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, RAM);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
	expect_range(machine_translate(&machine, KERNBASE + 0x123), KERNBASE, 0x5ffffff, true, RAM);
	/* Where it begins below all memory of the dump, it is searched. */
	prepare(&machine, RAM - 0x400000);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
	machine.arch.may_scan = false;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "usual place");
}

static void test_tables(void **state)
{
	static struct machine machine;
	/* The linear map of a T4, sun4v; vmemmap; vmalloc; a page of sun4u with its flags. */
	const vmc_vaddr linear = 0xfff8000000000000u, vmemmap = 0x0006000000000000u;

	(void)state;
	prepare(&machine, RAM);
	succeed(machine_start(&machine));
	machine_map(&machine, linear + RAM, 1, VALID | HUGE | RAM | 0x743, bare_address);
	machine_map(&machine, linear + 0x800000000000, 2, VALID | HUGE | 0x800000000747,
		    bare_address);
	machine_map(&machine, vmemmap, 1, VALID | HUGE | 0x812800343, bare_address);
	machine_map(&machine, 0x100002000, 0, VALID | 0x3400000812346000 | 0x7d0, bare_address);
	machine_map(&machine, 0x100004000, 0, VALID | 0x812348000 | 0xfb6, bare_address);
	machine_map(&machine, 0x100006000, 0, 0x812348000 | 0xfb6, bare_address);
	expect_range(machine_translate(&machine, linear + RAM + 0x7fffff), linear + RAM,
		     linear + RAM + 0x7fffff, true, RAM);
	expect_range(machine_translate(&machine, linear + 0x800012345678), linear + 0x800000000000,
		     linear + 0x8001ffffffff, true, 0x800000000000);
	expect_range(machine_translate(&machine, vmemmap + 0x40), vmemmap, vmemmap + 0x7fffff, true,
		     0x812800000);
	expect_range(machine_translate(&machine, 0x100002abc), 0x100002000, 0x100003fff, true,
		     0x812346000);
	expect_range(machine_translate(&machine, 0x100004000), 0x100004000, 0x100005fff, true,
		     0x812348000);
	expect_range(machine_translate(&machine, 0x100006000), 0x100006000, 0x100007fff, false, 0);
	expect_range(machine_translate(&machine, vmemmap + 0x800000), vmemmap + 0x800000,
		     vmemmap + 0xffffff, false, 0);
	/* Leaf without VALID; and no address, though its index is that of vmemmap. */
	machine_map(&machine, vmemmap + 0x800000, 1, HUGE | 0x812800343, bare_address);
	assert_false(machine_translate(&machine, vmemmap + 0x800000).mapped);
	assert_false(machine_translate(&machine, vmemmap + 0x0020000000000000u).mapped);
	/* Modules, below the image's window and the PROM. */
	machine_map(&machine, 0x10000000, 0, VALID | 0x81234a000, bare_address);
	expect_range(machine_translate(&machine, 0x10000000), 0x10000000, 0x10001fff, true,
		     0x81234a000);
}

static struct vmc_error *count_table(void *arg, vmc_paddr table, unsigned int level,
				     bool *ret_enter)
{
	(void)table;
	(void)level;
	++*(unsigned int *)arg;
	*ret_enter = true;
	return NULL;
}

static struct vmc_error *no_table(void *arg, vmc_paddr table, struct vmc_error *err)
{
	(void)arg;
	(void)table;
	return err;
}

/* Of both halves. */
static void test_all_tables_are_visited(void **state)
{
	static struct machine machine;
	unsigned int count = 0;
	struct table_visitor visitor = {
		.visit = count_table, .unreadable = no_table, .arg = &count};

	(void)state;
	prepare(&machine, RAM);
	succeed(machine_start(&machine));
	machine_map(&machine, 0xfffff80000000000u, 1, VALID | HUGE, bare_address);
	machine_map(&machine, 0x100000000, 0, VALID | 0x812346000, bare_address);
	succeed(arch_visit_tables(&machine.arch, &machine.reader, &visitor));
	assert_int_equal(count, 1 + 2 + 3);
}

static void test_bad_facts(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	prepare(&machine, RAM);
	machine.arch.page_shift = 12;
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	prepare(&machine, RAM);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, UINT64_MAX);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "not in the kernel image");
	prepare(&machine, RAM);
	machine.facts.table[FACT_SYMBOL_swapper_pg_dir].source = VMC_FACT_UNKNOWN;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	prepare(&machine, RAM);
	succeed(machine_start(&machine));
	machine_map(&machine, 0x100000000, 3, UINT64_MAX, bare_address);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0x100000000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_all_tables_are_visited),
		cmocka_unit_test(test_bad_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
