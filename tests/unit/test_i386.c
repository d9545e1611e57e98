/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over page tables made here, with PAE and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define RAM  0x1e000000u /* KASLR may load the kernel there */
#define ROOT (RAM + 0x2000)
#define UTS  (RAM + 0x10000)

static uint64_t table_entry(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | 0x67;
}

/* The top of PAE has no other flags. */
static uint64_t pae_table_entry(vmc_paddr table, unsigned int level)
{
	return table | (level == 1 ? 0x1 : 0x67);
}

static void prepare(struct machine *machine, uint32_t page_offset, bool pae)
{
	struct layout entries = {.word_size = pae ? 8 : 4};
	vmc_vaddr image = page_offset + RAM;

	machine_prepare(machine, &arch_i386, false, 12, RAM);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, page_offset + ROOT);
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, page_offset + UTS);
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	if (pae)
		machine_fact(machine, FACT_CONFIG_X86_PAE, 1);
	machine_put_uts(machine, UTS);
	if (pae) {
		machine_put(machine, entries, ROOT + (image >> 30) * 8, (RAM + 0x9000) | 0x1);
		machine_put(machine, entries, RAM + 0x9000 + (image >> 21) % 512 * 8, RAM | 0x1e3);
	} else {
		machine_put(machine, entries, ROOT + (image >> 22) * 4, RAM | 0x1e3);
	}
}

static void test_pae(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 0xc0000000, true);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
	assert_int_equal(machine.arch.phys_offset, 0);
	expect_range(machine_translate(&machine, 0xc0000000u + UTS), 0xde000000, 0xde1fffff, true,
		     RAM);
	machine_map(&machine, 0xf7801000, 0, 0x8000000912345163, pae_table_entry); /* NX */
	machine_map(&machine, 0xf7a00000, 1, 0x80000009abe011e3, pae_table_entry); /* PAT */
	machine_map(&machine, 0xf7802000, 0, 0x8000000912345162, pae_table_entry);
	expect_range(machine_translate(&machine, 0xf7801abc), 0xf7801000, 0xf7801fff, true,
		     0x912345000);
	expect_range(machine_translate(&machine, 0xf7bfffff), 0xf7a00000, 0xf7bfffff, true,
		     0x9abe00000);
	expect_range(machine_translate(&machine, 0xf7802000), 0xf7802000, 0xf7802fff, false, 0);
	expect_range(machine_translate(&machine, 0x12345678), 0, 0x3fffffff, false, 0);
	expect_range(machine_translate(&machine, 0x100000000), 0x100000000, UINT64_MAX, false, 0);
	/* There are no leaves of 1 GiB: bit 7 is of no meaning there. */
	machine_put(&machine, (struct layout){.word_size = 8}, ROOT, (RAM + 0x9000) | 0x81);
	expect_range(machine_translate(&machine, 0x1e000123), 0x1e000000, 0x1e1fffff, true, RAM);
}

static void test_without_pae(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 0xc0000000, false);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.root, ROOT);
	expect_range(machine_translate(&machine, 0xc0000000u + UTS), 0xde000000, 0xde3fffff, true,
		     RAM);
	machine_map(&machine, 0xf7801000, 0, 0x12345163, table_entry);
	machine_map(&machine, 0xf7c00000, 1, 0x40fff1e3, table_entry); /* PSE-36, and PAT */
	expect_range(machine_translate(&machine, 0xf7801abc), 0xf7801000, 0xf7801fff, true,
		     0x12345000);
	expect_range(machine_translate(&machine, 0xf7ffffff), 0xf7c00000, 0xf7ffffff, true,
		     0xff40c00000);
	expect_range(machine_translate(&machine, 0xf7802000), 0xf7802000, 0xf7802fff, false, 0);
	expect_range(machine_translate(&machine, 0xf7400000), 0xf7400000, 0xf77fffff, false, 0);
}

static void test_splits(void **state)
{
	static const uint32_t splits[] = {0xb0000000u, 0x80000000u, 0x78000000u, 0x40000000u};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		prepare(&machine, splits[i], false);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.root, ROOT);
	}
	prepare(&machine, 0xa0000000u, false);
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "CONFIG_VMSPLIT");
}

static void test_pae_without_key(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, 0xc0000000, true);
	machine.facts.table[FACT_CONFIG_X86_PAE].source = VMC_FACT_UNKNOWN;
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.levels, 3);
	prepare(&machine, 0xc0000000, false);
	machine_fact(&machine, FACT_CONFIG_X86_PAE, 1);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "swapper_pg_dir");
}

static void test_bad_facts(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	prepare(&machine, 0xc0000000, true);
	machine.arch.page_shift = 13;
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	prepare(&machine, 0xc0000000, true);
	machine.facts.table[FACT_SYMBOL_swapper_pg_dir].source = VMC_FACT_UNKNOWN;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	/* An address of 64 bits, and one below PAGE_OFFSET: both wrap, and lead nowhere. */
	prepare(&machine, 0xc0000000, true);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, 0xffffffff81000000u);
	fail_with(machine_start(&machine), VMC_ERR_NODATA, "no such memory");
	prepare(&machine, 0xc0000000, true);
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, 0x1000);
	fail_with(machine_start(&machine), VMC_ERR_NODATA, "no such memory");
	prepare(&machine, 0xc0000000, true);
	succeed(machine_start(&machine));
	machine_map(&machine, 0x80000000, 2, 0x7777777000 | 0x1, pae_table_entry);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0x80001000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pae),       cmocka_unit_test(test_without_pae),
		cmocka_unit_test(test_splits),    cmocka_unit_test(test_pae_without_key),
		cmocka_unit_test(test_bad_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
