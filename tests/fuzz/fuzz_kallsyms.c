/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbol table of a kernel: word size and byte order, which of the encodings, where its seven
 * parts lie (16 bits each), and the memory that they lie in. */
#include "fuzz_input.h"
#include "kernel/facts.h"
#include "kernel/kallsyms.h"

#define BASE_64 UINT64_C(0xffffffff81000000)
#define BASE_32 UINT64_C(0xc1000000)

struct image {
	struct fuzz_input memory;
	uint64_t base;
	uint64_t read; /* bytes */
};

static struct vmc_error *image_read(void *arg, vmc_vaddr address, void *buffer, size_t size)
{
	struct image *image = arg;
	uint64_t offset = address - image->base;

	if (offset > image->memory.left || size > image->memory.left - offset)
		return error_create_at(VMC_ERR_UNMAPPED, ERROR_AT_VADDR, address, "no memory");
	memcpy(buffer, image->memory.at + offset, size);
	image->read += size;
	return NULL;
}

static const enum fact_id parts[] = {
	FACT_SYMBOL_kallsyms_num_syms,      FACT_SYMBOL_kallsyms_names,
	FACT_SYMBOL_kallsyms_token_table,   FACT_SYMBOL_kallsyms_token_index,
	FACT_SYMBOL_kallsyms_offsets,       FACT_SYMBOL_kallsyms_addresses,
	FACT_SYMBOL_kallsyms_relative_base,
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kallsyms_query queries[] = {{.name = "efi"}, {.name = "_stext"}, {.name = "double"}};
	struct image image = {.memory = fuzz_input(data, size)};
	struct fuzz_input *input = &image.memory;
	uint8_t layout = fuzz_byte(input), given = fuzz_byte(input);
	struct kernel_memory memory = {.read = image_read, .arg = &image};
	struct facts facts;

	memory.layout = (struct layout){layout & 1, layout & 2 ? 4 : 8};
	image.base = layout & 2 ? BASE_32 : BASE_64;
	facts_init(&facts);
	fact_set(&facts, FACT_SYMBOL_stext, image.base, VMC_FACT_VMCOREINFO, NULL);
	for (size_t i = 0; i < PARTS; i++) {
		uint64_t at = fuzz_byte(input);

		at |= (uint64_t)fuzz_byte(input) << 8;
		if (given & 1 << i)
			fact_set(&facts, parts[i], image.base + at, VMC_FACT_VMCOREINFO, NULL);
	}
	fuzz_failed(kallsyms_find(&facts, &memory, queries, 3));
	/* One pass over the names, and an address for each match: no more than a few times what
	 * there is. */
	fuzz_require(image.read <= 4096 + 16 * (uint64_t)size);
	fuzz_failed(facts_from_kallsyms(&facts, &memory));
	return 0;
}
