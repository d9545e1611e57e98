/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation of each architecture: facts, and memory with page tables in it.
 *
 * The input: index of the architecture, is it big endian, log2 of the page size, number of facts;
 * where memory begins, what a header says of the image, one address to translate (8 bytes each);
 * then the facts (2 bytes which, 8 bytes value); then words of memory (3 bytes where, 8 bytes
 * value).
 */
#include <string.h>

#include "fuzz_assert.h"

#include "arch_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TABLES_MAX 5000

struct input {
	const uint8_t *bytes;
	size_t left;
};

static uint64_t take(struct input *input, size_t size)
{
	uint64_t value = 0;

	if (input->left < size) {
		input->left = 0;
		return 0;
	}
	memcpy(&value, input->bytes, size);
	input->bytes += size;
	input->left -= size;
	return value;
}

/* What is left of the input, from words that go on where those before ended. */
static void take_memory(struct input *input, struct machine *machine)
{
	while (input->left >= 11) {
		uint64_t index = take(input, 3) % (MACHINE_MEMORY / 8), word = take(input, 8);

		memcpy(machine->memory + index * 8, &word, sizeof(word));
	}
}

static struct vmc_error *count_table(void *arg, vmc_paddr table, unsigned int level,
				     bool *ret_enter)
{
	unsigned int *count = arg;

	(void)table;
	(void)level;
	*ret_enter = true;
	if (++*count > TABLES_MAX)
		return error_create(VMC_ERR_LIMIT, "enough");
	return NULL;
}

static struct vmc_error *pass_unreadable(void *arg, vmc_paddr table, struct vmc_error *err)
{
	(void)arg;
	(void)table;
	vmc_error_free(err);
	return NULL;
}

/* The range around an address holds it, and every address of it comes to the same range. */
static void translate(struct machine *machine, vmc_vaddr address)
{
	struct va_range range, again;
	struct vmc_error *err = arch_translate(&machine->arch, &machine->reader, address, &range);

	if (err) {
		vmc_error_free(err);
		return;
	}
	assert_true(range.first <= address && address <= range.last);
	if (range.mapped)
		assert_true(range.last - range.first <= UINT64_MAX - range.address);
	err = arch_translate(&machine->arch, &machine->reader,
			     range.first + (range.last - range.first) / 2, &again);
	if (!err && range.mapped)
		assert_true(again.mapped &&
			    again.address - again.first == range.address - range.first);
	vmc_error_free(err);
}

static void translate_many(struct machine *machine, vmc_vaddr given)
{
	const struct arch *arch = &machine->arch;
	vmc_vaddr top = arch->layout.word_size == 4 ? UINT32_MAX : UINT64_MAX;

	for (unsigned int i = 0; i < 64; i++) {
		translate(machine, given & top);
		translate(machine, (given ^ (vmc_vaddr)1 << i) & top);
		translate(machine, top << i & top);
	}
	for (unsigned int i = 0; i < arch->window_count; i++) {
		translate(machine, arch->windows[i].first);
		translate(machine, arch->windows[i].last);
		translate(machine, arch->windows[i].first - 1);
		translate(machine, arch->windows[i].last + 1);
	}
	for (uint64_t i = 0; i < 64; i++)
		translate(machine,
			  arch->paging.first + i * ((arch->paging.last - arch->paging.first) / 63));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine machine;
	struct input input = {data, size};
	unsigned int count = 0, tables = 0;

	while (arch_list[count])
		count++;

	const struct arch_ops *ops = arch_list[take(&input, 1) % count];
	bool big_endian = take(&input, 1) % 2;
	unsigned int page_shift = (unsigned int)take(&input, 1) % 32; /* init() refuses most */
	unsigned int facts = (unsigned int)take(&input, 1);

	if (big_endian ? !ops->big_endian : !ops->little_endian)
		big_endian = !big_endian;
	machine_prepare(&machine, ops, big_endian, page_shift,
			take(&input, 8) & ~(uint64_t)0xfff & INT64_MAX);
	machine.dump.phys_base_hint = take(&input, 8);
	machine.dump.has_phys_base_hint = machine.dump.phys_base_hint != 0;

	vmc_vaddr address = take(&input, 8);

	for (unsigned int i = 0; i < facts; i++) {
		uint64_t id = take(&input, 2) % FACT_COUNT;

		machine_fact(&machine, (enum fact_id)id, take(&input, 8));
	}
	take_memory(&input, &machine);

	struct vmc_error *err = machine_start(&machine);

	if (!err) {
		const struct table_visitor visitor = {
			.visit = count_table, .unreadable = pass_unreadable, .arg = &tables};

		translate_many(&machine, address);
		err = arch_visit_tables(&machine.arch, &machine.reader, &visitor);
		arch_deinit(&machine.arch);
	}
	vmc_error_free(err);
	return 0;
}
