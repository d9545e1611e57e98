/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for tests of translation: facts, and a stretch of physical memory in which tables are
 * made.  cmocka.h goes before this file.
 */
#ifndef VMCULL_TESTS_ARCH_MACHINE_H
#define VMCULL_TESTS_ARCH_MACHINE_H

#include "arch/registry.h"
#include "base/checked.h"
#include "expect.h"

#define MACHINE_MEMORY ((size_t)1 << 20)

struct machine {
	struct vmc_dump dump;
	struct facts facts;
	struct arch arch;
	struct phys_reader reader;
	vmc_paddr base; /* of the memory that there is */
	uint8_t memory[MACHINE_MEMORY];
	vmc_paddr next_table; /* where machine_map() makes tables */
	unsigned int made;    /* tables */
};

static inline struct vmc_error *machine_read(void *arg, vmc_paddr address, void *buffer,
					     size_t size)
{
	struct machine *machine = arg;

	if (address < machine->base || address - machine->base > MACHINE_MEMORY ||
	    size > MACHINE_MEMORY - (address - machine->base))
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PADDR, address, "no such memory");
	memcpy(buffer, machine->memory + (address - machine->base), size);
	return NULL;
}

static inline bool machine_next_range(const struct vmc_dump *dump, vmc_paddr from,
				      vmc_paddr *ret_start, uint64_t *ret_size)
{
	const struct machine *machine = (const struct machine *)dump; /* its first member */

	*ret_start = max_u64(from, machine->base);
	*ret_size = machine->base + MACHINE_MEMORY - *ret_start;
	return from < machine->base + MACHINE_MEMORY;
}

/* A machine without facts, with memory from @base on.  To be followed by machine_fact() and
 * arch_init(). */
static inline void machine_prepare(struct machine *machine, const struct arch_ops *ops,
				   bool big_endian, unsigned int page_shift, vmc_paddr base)
{
	static const struct dump_format format = {.name = "test", .next_range = machine_next_range};

	memset(machine, 0, sizeof(*machine));
	facts_init(&machine->facts);
	machine->dump.format = &format;
	machine->base = base;
	machine->next_table = base + MACHINE_MEMORY / 2;
	machine->reader = (struct phys_reader){.read = machine_read, .arg = machine};
	machine->arch = (struct arch){
		.ops = ops,
		.facts = &machine->facts,
		.layout = {.big_endian = big_endian, .word_size = ops->word_size},
		.page_shift = page_shift,
		.may_scan = true,
	};
}

static inline void machine_fact(struct machine *machine, enum fact_id id, uint64_t value)
{
	fact_set(&machine->facts, id, value, VMC_FACT_VMCOREINFO, NULL);
}

static inline struct vmc_error *machine_start(struct machine *machine)
{
	return arch_init(&machine->arch, &machine->dump, &machine->reader);
}

/* Writes an entry of a table, or another word in that layout. */
static inline void machine_put(struct machine *machine, struct layout layout, vmc_paddr address,
			       uint64_t value)
{
	assert_true(address >= machine->base && address < machine->base + MACHINE_MEMORY - 8);
	store_word(layout, machine->memory + (address - machine->base), value);
}

/* The kernel's name, where image_is_at() looks for it. */
static inline void machine_put_uts(struct machine *machine, vmc_paddr address)
{
	memcpy(machine->memory + (address - machine->base), "Linux", 5);
	memcpy(machine->memory + (address - machine->base) + 130, "6.99-test", 9);
}

static inline vmc_paddr entry_address(const struct machine *machine, vmc_paddr table,
				      unsigned int level, vmc_vaddr address)
{
	const struct paging *paging = &machine->arch.paging;
	uint64_t index = (address >> paging->level[level].shift) &
			 (((uint64_t)1 << paging->level[level].bits) - 1);

	return table + index * paging->entries.word_size;
}

/* An address for one more table of a level, aligned to its size. */
static inline vmc_paddr machine_new_table(struct machine *machine, unsigned int level)
{
	const struct paging *paging = &machine->arch.paging;
	uint64_t size = (uint64_t)paging->entries.word_size << paging->level[level].bits;
	vmc_paddr table = (machine->next_table + size - 1) & ~(size - 1);

	machine->next_table = table + size;
	assert_true(machine->next_table <= machine->base + MACHINE_MEMORY);
	machine->made++;
	return table;
}

/* Maps @address by an entry at @level (0: a page).  @table_entry gives the entries that lead to
 * tables of a level, which are made where there are none. */
static inline void machine_map(struct machine *machine, vmc_vaddr address, unsigned int level,
			       uint64_t entry,
			       uint64_t (*table_entry)(vmc_paddr table, unsigned int level))
{
	const struct paging *paging = &machine->arch.paging;
	vmc_paddr table = paging->root;

	for (unsigned int i = paging->levels - 1; i > level; i--) {
		vmc_paddr place = entry_address(machine, table, i, address);
		uint64_t word =
			load_word(paging->entries, machine->memory + (place - machine->base));
		struct paging_entry next = paging->decode(paging, word, i, address);

		if (next.kind != PAGING_TABLE) {
			next.address = machine_new_table(machine, i - 1);
			machine_put(machine, paging->entries, place,
				    table_entry(next.address, i - 1));
		}
		table = next.address;
	}
	machine_put(machine, paging->entries, entry_address(machine, table, level, address), entry);
}

static inline struct va_range machine_translate(struct machine *machine, vmc_vaddr address)
{
	struct va_range range;

	succeed(arch_translate(&machine->arch, &machine->reader, address, &range));
	assert_true(range.first <= address && address <= range.last);
	return range;
}

static inline void expect_range(struct va_range range, vmc_vaddr first, vmc_vaddr last, bool mapped,
				vmc_paddr address)
{
	assert_int_equal(range.first, first);
	assert_int_equal(range.last, last);
	assert_int_equal(range.mapped, mapped);
	if (mapped)
		assert_int_equal(range.address, address);
}

#endif
