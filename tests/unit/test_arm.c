/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over page tables made here, of both forms and byte orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch_machine.h"

#define PAGE_OFFSET 0xc0000000u
#define RAM         0x40000000u
#define ROOT        (RAM + 0x4000) /* aligned to its 16 KiB */
#define ROOT_LONG   (RAM + 0x3000)
#define UTS         (RAM + 0x10000)

static uint64_t short_table(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | 0x1;
}

static uint64_t long_table(vmc_paddr table, unsigned int level)
{
	(void)level;
	return table | 0x3;
}

static vmc_vaddr lowmem(vmc_paddr address)
{
	return PAGE_OFFSET + (address - RAM);
}

static void prepare(struct machine *machine, bool big_endian, bool lpae)
{
	vmc_paddr root = lpae ? ROOT_LONG : ROOT;
	struct layout entries = {.big_endian = big_endian, .word_size = lpae ? 8 : 4};

	machine_prepare(machine, &arch_arm, big_endian, 12, RAM);
	machine_fact(machine, FACT_SYMBOL_swapper_pg_dir, lowmem(root));
	machine_fact(machine, FACT_SYMBOL_init_uts_ns, lowmem(UTS));
	machine_fact(machine, FACT_OFFSET_uts_namespace_name, 0);
	if (lpae)
		machine_fact(machine, FACT_CONFIG_ARM_LPAE, 1);
	machine_put_uts(machine, UTS);
	if (lpae) { /* 1 GiB through a table of 2 MiB blocks */
		machine_put(machine, entries, root + 3 * 8, (RAM + 0x9000) | 0x3);
		machine_put(machine, entries, RAM + 0x9000, RAM | 0x711);
	} else {
		machine_put(machine, entries, root + (PAGE_OFFSET >> 20) * 4, RAM | 0x41e);
	}
}

static void test_short_descriptors(void **state)
{
	static struct machine machine;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		prepare(&machine, big_endian, false);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.root, ROOT);
		assert_int_equal(machine.arch.phys_offset, RAM);
		expect_range(machine_translate(&machine, lowmem(UTS)), PAGE_OFFSET,
			     PAGE_OFFSET + 0xfffff, true, RAM);

		/* Pages of 4 and 64 KiB; the tables for both are one. */
		machine_map(&machine, 0xf0801000, 0, 0x5432145e, short_table);
		machine_map(&machine, 0xf0805000, 0, 0x5432145f, short_table);
		machine_map(&machine, 0xf0817000, 0, 0x76540001, short_table);
		assert_int_equal(machine.made, 1);
		expect_range(machine_translate(&machine, 0xf0801abc), 0xf0801000, 0xf0801fff, true,
			     0x54321000);
		expect_range(machine_translate(&machine, 0xf0805000), 0xf0805000, 0xf0805fff, true,
			     0x54321000);
		expect_range(machine_translate(&machine, 0xf0817008), 0xf0817000, 0xf0817fff, true,
			     0x76547000);
		expect_range(machine_translate(&machine, 0xf0802000), 0xf0802000, 0xf0802fff, false,
			     0);
		expect_range(machine_translate(&machine, 0xf0900000), 0xf0900000, 0xf09fffff, false,
			     0);

		/* A supersection: address bits 35:32 in bits 23:20, 39:36 in bits 8:5. */
		machine_map(&machine, 0xf2300000, 1, 0x565c0142, short_table);
		expect_range(machine_translate(&machine, 0xf2345678), 0xf2300000, 0xf23fffff, true,
			     0xa556300000);
		/* A section with PXN has both type bits. */
		machine_map(&machine, 0xf3400000, 1, 0x56700413, short_table);
		expect_range(machine_translate(&machine, 0xf3400000), 0xf3400000, 0xf34fffff, true,
			     0x56700000);
	}
}

static void test_long_descriptors(void **state)
{
	static struct machine machine;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		prepare(&machine, big_endian, true);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.paging.root, ROOT_LONG);
		assert_int_equal(machine.arch.phys_offset, RAM);
		expect_range(machine_translate(&machine, lowmem(UTS)), PAGE_OFFSET,
			     PAGE_OFFSET + 0x1fffff, true, RAM);
		machine_map(&machine, 0xf0801000, 0, 0x0040008154321f43, long_table);
		machine_map(&machine, 0xf0802000, 0, 0x0040008154321f41, long_table); /* no page */
		machine_map(&machine, 0x40000000, 2, 0x0060000140000711, long_table);
		expect_range(machine_translate(&machine, 0xf0801abc), 0xf0801000, 0xf0801fff, true,
			     0x8154321000);
		expect_range(machine_translate(&machine, 0xf0802000), 0xf0802000, 0xf0802fff, false,
			     0);
		expect_range(machine_translate(&machine, 0x55555555), 0x40000000, 0x7fffffff, true,
			     0x140000000);
		expect_range(machine_translate(&machine, 0x80000000), 0x80000000, 0xbfffffff, false,
			     0);
		expect_range(machine_translate(&machine, 0x100000000), 0x100000000, UINT64_MAX,
			     false, 0);
	}
}

/* LPAE is older than the key. */
static void test_long_descriptors_without_key(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, false, true);
	machine.facts.table[FACT_CONFIG_ARM_LPAE].source = VMC_FACT_UNKNOWN;
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.paging.levels, 3);

	/* The key may tell a lie, too: then nothing fits. */
	prepare(&machine, false, false);
	machine_fact(&machine, FACT_CONFIG_ARM_LPAE, 1);
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "swapper_pg_dir");
}

/* Memory before RAM, as of devices, hides where that begins: the image is searched. */
static void test_image_is_searched(void **state)
{
	static struct machine machine;

	(void)state;
	prepare(&machine, false, false);
	/* The kernel was loaded 2 MiB below what the dump has first: PAGE_OFFSET is outside. */
	machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, lowmem(ROOT) + 0x200000);
	machine_fact(&machine, FACT_SYMBOL_init_uts_ns, lowmem(UTS) + 0x200000);
	machine_put(&machine, (struct layout){.word_size = 4}, ROOT + ((PAGE_OFFSET >> 20) + 2) * 4,
		    RAM | 0x41e);
	succeed(machine_start(&machine));
	assert_int_equal(machine.arch.phys_offset, RAM - 0x200000);
	assert_int_equal(machine.arch.paging.root, ROOT);
	machine.arch.may_scan = false;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "usual place");
}

/* CONFIG_VMSPLIT_2G, RAM at 0: physical addresses are the virtual ones less the split. */
static void test_other_splits(void **state)
{
	static const uint32_t splits[] = {0x40000000u, 0x80000000u, 0xb0000000u};
	static struct machine machine;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		machine_prepare(&machine, &arch_arm, false, 12, 0);
		machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir, splits[i] + 0x4000);
		machine_fact(&machine, FACT_SYMBOL_init_uts_ns, splits[i] + 0x10000);
		machine_fact(&machine, FACT_OFFSET_uts_namespace_name, 4);
		machine_put_uts(&machine, 0x10004);
		machine_put(&machine, (struct layout){.word_size = 4},
			    0x4000 + (splits[i] >> 20) * 4, 0x41e);
		succeed(machine_start(&machine));
		assert_int_equal(machine.arch.phys_offset, 0);
		expect_range(machine_translate(&machine, splits[i]), splits[i], splits[i] + 0xfffff,
			     true, 0);
	}
}

static void test_bad_facts(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	prepare(&machine, false, false);
	machine.arch.page_shift = 14;
	fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "bytes (PAGESIZE)");
	prepare(&machine, false, false);
	machine.facts.table[FACT_SYMBOL_swapper_pg_dir].source = VMC_FACT_UNKNOWN;
	fail_with(machine_start(&machine), VMC_ERR_MISSING, "SYMBOL(swapper_pg_dir)");
	for (int i = 0; i < 2; i++) { /* of a user, and of another machine */
		prepare(&machine, false, false);
		machine_fact(&machine, FACT_SYMBOL_swapper_pg_dir,
			     i ? 0x3fffffffu : 0xffffffc0u * UINT64_C(0x100));
		fail_with(machine_start(&machine), VMC_ERR_CORRUPT, "no address of an arm kernel");
	}
	prepare(&machine, false, false);
	succeed(machine_start(&machine));
	machine_map(&machine, 0xf0800000, 1, 0x12300001, short_table);
	fail_with(arch_translate(&machine.arch, &machine.reader, 0xf0800000, &range),
		  VMC_ERR_NODATA, "no such memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_descriptors),
		cmocka_unit_test(test_long_descriptors),
		cmocka_unit_test(test_long_descriptors_without_key),
		cmocka_unit_test(test_image_is_searched),
		cmocka_unit_test(test_other_splits),
		cmocka_unit_test(test_bad_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
