/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation over page tables made here; the real ones are in the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/registry.h"
#include "expect.h"

#define IMAGE_BASE 0xffffffff80000000u
#define PHYS_BASE  0x1000000u
#define TABLES     16
#define SME_MASK   ((uint64_t)1 << 47)

/* Physical memory: TABLES pages from ROOT on. */
#define ROOT (PHYS_BASE + 0x2000)

struct machine {
	struct facts facts;
	struct arch arch;
	struct phys_reader reader;
	uint8_t memory[TABLES][4096];
	unsigned int used;
};

static struct vmc_error *read_memory(void *arg, vmc_paddr address, void *buffer, size_t size)
{
	struct machine *machine = arg;

	if (address < ROOT || address + size > ROOT + sizeof(machine->memory))
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PADDR, address, "no such memory");
	memcpy(buffer, (uint8_t *)machine->memory + (address - ROOT), size);
	return NULL;
}

static void machine_init(struct machine *machine, unsigned int levels, uint64_t sme_mask)
{
	static const struct vmc_dump no_dump;

	memset(machine, 0, sizeof(*machine));
	facts_init(&machine->facts);
	fact_set(&machine->facts, FACT_SYMBOL_swapper_pg_dir, IMAGE_BASE + 0x2000,
		 VMC_FACT_VMCOREINFO, NULL);
	fact_set(&machine->facts, FACT_NUMBER_phys_base, PHYS_BASE, VMC_FACT_VMCOREINFO, NULL);
	fact_set(&machine->facts, FACT_NUMBER_pgtable_l5_enabled, levels == 5, VMC_FACT_VMCOREINFO,
		 NULL);
	fact_set(&machine->facts, FACT_NUMBER_sme_mask, sme_mask, VMC_FACT_VMCOREINFO, NULL);
	machine->arch = (struct arch){
		.ops = &arch_x86_64,
		.facts = &machine->facts,
		.layout = {.word_size = 8},
		.page_shift = 12,
	};
	machine->reader = (struct phys_reader){.read = read_memory, .arg = machine};
	machine->used = 1;
	assert_null(arch_x86_64.init(&machine->arch, &no_dump));
}

/* Maps @address by an entry at @level (0: a page), with the tables above it. */
static void map(struct machine *machine, unsigned int levels, vmc_vaddr address, unsigned int level,
		uint64_t entry, uint64_t table_bits)
{
	unsigned int table = 0;

	for (unsigned int i = levels - 1; i > level; i--) {
		uint8_t *slot = machine->memory[table] + (address >> (12 + 9 * i)) % 512 * 8;
		uint64_t next = load_u64(machine->arch.layout, slot);

		if (!next) {
			next = (ROOT + machine->used++ * 4096) | 0x63 | table_bits;
			store_u64(machine->arch.layout, slot, next);
		}
		table = (unsigned int)(((next & ~table_bits & ~(uint64_t)0xfff) - ROOT) / 4096);
	}
	store_u64(machine->arch.layout,
		  machine->memory[table] + (address >> (12 + 9 * level)) % 512 * 8, entry);
}

static struct va_range translate(struct machine *machine, vmc_vaddr address)
{
	struct va_range range;

	assert_null(
		machine->arch.ops->translate(&machine->arch, &machine->reader, address, &range));
	assert_true(range.first <= address && address <= range.last);
	return range;
}

static void expect(struct va_range range, vmc_vaddr first, vmc_vaddr last, bool mapped,
		   vmc_paddr address)
{
	assert_int_equal(range.first, first);
	assert_int_equal(range.last, last);
	assert_int_equal(range.mapped, mapped);
	if (mapped)
		assert_int_equal(range.address, address);
}

static void test_pages_of_all_sizes(void **state)
{
	static struct machine machine;

	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		machine_init(&machine, levels, 0);
		map(&machine, levels, 0xffffea0000001000, 0, 0x8000000012345163, 0);
		map(&machine, levels, 0xffffea0000200000, 1, 0x80000000abe001e3, 0);
		map(&machine, levels, 0xffffea0040000000, 2, 0x80000001c00001e3, 0);
		expect(translate(&machine, 0xffffea0000001abc), 0xffffea0000001000,
		       0xffffea0000001fff, true, 0x12345000);
		expect(translate(&machine, 0xffffea00003fffff), 0xffffea0000200000,
		       0xffffea00003fffff, true, 0xabe00000);
		expect(translate(&machine, 0xffffea0055555555), 0xffffea0040000000,
		       0xffffea007fffffff, true, 0x1c0000000);
		machine.arch.ops->deinit(&machine.arch);
	}
}

static void test_large_leaf_flags_are_no_address(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	map(&machine, 4, 0xffffea0000200000, 1, 0xabe011e3, 0); /* PAT is bit 12 of a large leaf */
	expect(translate(&machine, 0xffffea0000200000), 0xffffea0000200000, 0xffffea00003fffff,
	       true, 0xabe00000);
	machine.arch.ops->deinit(&machine.arch);
}

static void test_holes_cost_one_step(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	map(&machine, 4, 0xffffea0000001000, 0, 0x12345163, 0);
	expect(translate(&machine, 0xffffea0000002000), 0xffffea0000002000, 0xffffea0000002fff,
	       false, 0);
	expect(translate(&machine, 0xffffea0000200000), 0xffffea0000200000, 0xffffea00003fffff,
	       false, 0);
	expect(translate(&machine, 0xffff888000000000), 0xffff888000000000, 0xffff88ffffffffff,
	       false, 0);
	expect(translate(&machine, 0x0000900000000000), 0x0000800000000000, 0xffff7fffffffffff,
	       false, 0);
	machine.arch.ops->deinit(&machine.arch);
}

static void test_memory_encryption(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, SME_MASK);
	map(&machine, 4, 0xffffea0000001000, 0, 0x12345163 | SME_MASK, SME_MASK);
	expect(translate(&machine, 0xffffea0000001000), 0xffffea0000001000, 0xffffea0000001fff,
	       true, 0x12345000);
	machine.arch.ops->deinit(&machine.arch);
}

static void test_missing_table_is_an_error(void **state)
{
	static struct machine machine;
	struct va_range range;

	(void)state;
	machine_init(&machine, 4, 0);
	store_u64(machine.arch.layout,
		  machine.memory[0] + 0xffffea0000000000 / ((uint64_t)1 << 39) % 512 * 8,
		  0x7777777000 | 0x63);

	struct vmc_error *err = machine.arch.ops->translate(&machine.arch, &machine.reader,
							    0xffffea0000001000, &range);

	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_NODATA);
	vmc_error_free(err);
	machine.arch.ops->deinit(&machine.arch);
}

/* With KASLR the kernel may lie below its link address: phys_base is negative then. */
static void test_negative_phys_base(void **state)
{
	static const struct vmc_dump no_dump;
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	machine.arch.ops->deinit(&machine.arch);
	facts_init(&machine.facts);
	fact_set(&machine.facts, FACT_SYMBOL_init_top_pgt, IMAGE_BASE + 0x3002000,
		 VMC_FACT_VMCOREINFO, NULL);
	fact_set(&machine.facts, FACT_NUMBER_phys_base, (uint64_t) - (int64_t)0x2000000,
		 VMC_FACT_VMCOREINFO, NULL);
	assert_null(arch_x86_64.init(&machine.arch, &no_dump));
	map(&machine, 4, 0xffffea0000001000, 0, 0x12345163, 0);
	expect(translate(&machine, 0xffffea0000001000), 0xffffea0000001000, 0xffffea0000001fff,
	       true, 0x12345000);
	machine.arch.ops->deinit(&machine.arch);
}

static void test_missing_facts(void **state)
{
	static const struct vmc_dump no_dump;
	static struct machine machine;

	(void)state;
	machine_init(&machine, 4, 0);
	machine.arch.ops->deinit(&machine.arch);
	facts_init(&machine.facts);

	struct vmc_error *err = arch_x86_64.init(&machine.arch, &no_dump);

	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), VMC_ERR_MISSING);
	assert_non_null(strstr(vmc_error_message(err), "NUMBER(phys_base)"));
	vmc_error_free(err);
}

/* What a visitor of tables saw; it enters each table once, if told to. */
struct visits {
	unsigned int tables[TABLES + 1][5]; /* by number and level; the last is not there */
	unsigned int unreadable;
};

static struct vmc_error *visit_once(void *arg, vmc_paddr table, unsigned int level, bool *ret_enter)
{
	struct visits *visits = arg;
	uint64_t number = (table - ROOT) / 4096;

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

	for (unsigned int i = 0; i < TABLES; i++) {
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
	map(&machine, 4, 0x400000, 0, 0x1000 | 0x67, 0); /* of a user: three tables */
	assert_int_equal(machine.used, 4);
	map(&machine, 4, 0xffff888000000000u, 2, 0x40000000 | 0x1e3, 0); /* one more */
	map(&machine, 4, 0xffffc90000000000u, 0, 0x1000 | 0x63, 0);      /* three */
	assert_int_equal(machine.used, 8);
	/* All of another region by the same table of pages, number 7, as KASAN does. */
	for (uint64_t i = 0; i < 512; i++)
		map(&machine, 4, 0xffffec0000000000u + (i << 21), 1, (ROOT + 7 * 4096) | 0x63, 0);
	assert_int_equal(machine.used, 10);
	succeed(machine.arch.ops->visit_tables(&machine.arch, &machine.reader, &visitor));
	assert_int_equal(tables_visited(&visits), 7); /* root, 1, 3, and 2 of the region */
	assert_int_equal(visits.tables[7][0], 513);
	assert_int_equal(visits.tables[1][2] + visits.tables[2][1] + visits.tables[3][0], 0);
	assert_int_equal(visits.unreadable, 0);

	/* A table that points to itself, and one that is not there. */
	memset(&visits, 0, sizeof(visits));
	map(&machine, 4, 0xffffff0000000000u, 3, ROOT | 0x63, 0);
	map(&machine, 4, 0xffffee0000000000u, 3, 0x1000 | 0x63, 0);
	succeed(machine.arch.ops->visit_tables(&machine.arch, &machine.reader, &visitor));
	assert_true(visits.tables[0][3] && visits.tables[0][2] && visits.tables[0][0]);
	assert_true(visits.unreadable > 0);
	machine.arch.ops->deinit(&machine.arch);
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
		cmocka_unit_test(test_missing_facts),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
