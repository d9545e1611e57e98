/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over tables of s390x made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define IMAGE ((uint64_t)0x3fffe3a8000)
#define PHYS  0x840000u
#define ROOT  (PHYS + 0x10000)
#define UTS   (PHYS + 0x20000)

static const struct layout big = {.big_endian = true, .word_size = 8};

/* The image is at @image; its top table begins with an empty entry of that type. */
static void machine_make(struct machine *machine, uint64_t image, unsigned int type)
{
	machine_prepare(machine, &arch_s390x, true, 12, PHYS);
	/* Entries of zeros are valid; these are invalid in any table. */
	for (vmc_paddr at = PHYS; at < PHYS + MACHINE_MEMORY - 8; at += 8) {
		if (at < UTS || at >= machine->next_table)
			machine_put(machine, big, at, 0x420);
	}
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, image + 0x10000);
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, image + 0x20000);
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	machine_put_uts(machine, UTS);
	machine_put(machine, big, ROOT, type << 2 | 0x20);
}

static void machine_init(struct machine *machine, unsigned int type)
{
	machine_make(machine, IMAGE, type);
	machine_fact(machine, FACT_KERNELOFFSET, IMAGE);
	machine_fact(machine, FACT_KERNELOFFPHYS, PHYS);
	succeed(machine_start(machine));
}

/* Region tables say their type and length; a table of segments says neither. */
static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	return level ? table | level << 2 | 3 : table;
}

static void map(struct machine *machine, vmc_vaddr address, unsigned int level, uint64_t entry)
{
	machine_map(machine, address, level, entry, table_entry);
}

static void test_all_depths(void **state)
{
	static struct machine machine;

	(void)state;
	for (unsigned int type = 1; type <= 3; type++) {
		machine_init(&machine, type);
		assert_int_equal(machine.arch.paging.levels, type + 2);
		assert_int_equal(machine.arch.paging.root, ROOT);
		map(&machine, 0x37200001000, 0, 0x12345000 | 0x3);
		map(&machine, 0x37200100000, 1, 0xabc00000 | 0x3400);
		expect_range(machine_translate(&machine, 0x37200001abc), 0x37200001000,
			     0x37200001fff, true, 0x12345000);
		expect_range(machine_translate(&machine, 0x372001fffff), 0x37200100000,
			     0x372001fffff, true, 0xabc00000);
		/* Third region tables have a type of their own. */
		map(&machine, 0x37280000000, 2, 0x180000000 | 0x3400 | 0x4);
		expect_range(machine_translate(&machine, 0x372ffffffff), 0x37280000000,
			     0x372ffffffff, true, 0x180000000);
	}
}

/* What a table of pages begins with decides where it is: they have 2 KiB. */
static void test_tables_of_pages_are_halves(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 1);
	map(&machine, 0x1000, 0, 0x1000 | 0x3);
	map(&machine, 0x100000, 0, 0x2000 | 0x3);
	assert_int_equal(machine.next_table & 0xfff, 0);
	expect_range(machine_translate(&machine, 0x100000), 0x100000, 0x100fff, true, 0x2000);
	expect_range(machine_translate(&machine, 0x1000), 0x1000, 0x1fff, true, 0x1000);
}

static void test_what_is_not_mapped(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 1);
	map(&machine, 0x37200001000, 0, 0x12345000 | 0x400);
	expect_range(machine_translate(&machine, 0x37200001000), 0x37200001000, 0x37200001fff,
		     false, 0);
	map(&machine, 0x37200300000, 1, 0x12345000 | 0x420);
	expect_range(machine_translate(&machine, 0x37200300000), 0x37200300000, 0x372003fffff,
		     false, 0);
	/* An entry of another type of table is no entry of this one. */
	map(&machine, 0x37200500000, 1, 0x12300000 | 0x404);
	expect_range(machine_translate(&machine, 0x37200500000), 0x37200500000, 0x372005fffff,
		     false, 0);
	/* Above what three levels reach. */
	expect_range(machine_translate(&machine, 0x40000000000), 0x40000000000, UINT64_MAX, false,
		     0);
}

static void test_missing_table_is_an_error(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	machine_init(&machine, 1);
	map(&machine, 0x37200000000, 2, 0x7777777000 | 0x7);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0x37200000000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

/* KERNELOFFSET counts from the image's beginning or from its text. */
static void test_image_by_offsets(void **state)
{
	static const int64_t shifts[] = {-0x100000, 0, 0x100000};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		machine_make(&machine, IMAGE, 1);
		machine_fact(&machine, FACT_KERNELOFFSET, IMAGE + (uint64_t)shifts[i]);
		machine_fact(&machine, FACT_KERNELOFFPHYS, PHYS);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.root, ROOT);
	}
}

/* Until 6.10 addresses of the image are physical ones; KERNELOFFSET is in them. */
static void test_old_kernels(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, PHYS, 1);
	machine_fact(&machine, FACT_KERNELOFFSET, 0x200000);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
}

static void test_image_is_searched(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, IMAGE, 1);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
	memset(machine.memory + 0x20000, 0, 5);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "image is not found");
	machine.arch.may_scan = false;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "usual place");
}

static void test_what_is_refused(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, IMAGE, 1);
	machine.arch.page_shift = 16;
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	machine.arch.page_shift = 12;
	machine.dump.layout.word_size = 4;
	fail_with(machine_start(&machine), VMC_ERR_UNSUPPORTED, "31-bit");
	machine.dump.layout.word_size = 8;
	machine_fact(&machine, FACT_SIZE_list_head, 8);
	fail_with(machine_start(&machine), VMC_ERR_UNSUPPORTED, "31-bit");

	machine_prepare(&machine, &arch_s390x, true, 12, PHYS);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
}

static void test_top_table_is_missing(void **state)
{
	static struct machine machine;

	(void)state;
	machine_make(&machine, IMAGE, 1);
	machine_fact(&machine, FACT_KERNELOFFSET, IMAGE);
	machine_fact(&machine, FACT_KERNELOFFPHYS, PHYS);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, IMAGE + 0x10000000);
	fail_with(machine_start(&machine), VMC_ERR_NODATA, "swapper_pg_dir");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_depths),
		cmocka_unit_test(test_tables_of_pages_are_halves),
		cmocka_unit_test(test_what_is_not_mapped),
		cmocka_unit_test(test_missing_table_is_an_error),
		cmocka_unit_test(test_image_by_offsets),
		cmocka_unit_test(test_old_kernels),
		cmocka_unit_test(test_image_is_searched),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_top_table_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
