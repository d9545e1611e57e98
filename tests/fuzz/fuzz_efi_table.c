/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's table of unaccepted memory, which the kernel's variable "efi" leads to. */
#include "audit/efi_table.h"
#include "fuzz_kernel.h"

/* The answers take in all page numbers, each once. */
static void ask(const struct efi_table *table, unsigned int page_shift)
{
	vmc_pfn pfn = 0, last = (table->base + table->unit) >> page_shift;
	uint64_t count;

	for (unsigned int i = 0; i < 4096; i++, pfn += count) {
		efi_table_unaccepted(table, page_shift, pfn, &count);
		if (count > UINT64_MAX - pfn || pfn + count == UINT64_MAX)
			return;
		fuzz_require(count > 0);
	}
	fuzz_require(pfn >= last || table->units > 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = fuzz_input(data, size);
	struct target_reader *reader;
	struct efi_table table;
	struct vmc_target *target;
	struct vmc_dump *dump;

	if (!kernel_open(&input, &dump, &target))
		return 0;
	if (!fuzz_failed(target_reader_create(target, &reader))) {
		struct memmap memmap = {.reader = reader};

		if (!fuzz_failed(efi_table_find(&table, &memmap, NULL, false))) {
			fuzz_require(table.describe[0]);
			if (table.bits)
				ask(&table, target->page_shift);
			efi_table_deinit(&table);
		}
		target_reader_destroy(reader);
	}
	vmc_target_close(target);
	vmc_dump_close(dump);
	return 0;
}
