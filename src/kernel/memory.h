/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel memory as sources of facts see it; given by the target, which comes after this layer. */
#ifndef VMCULL_KERNEL_MEMORY_H
#define VMCULL_KERNEL_MEMORY_H

#include "base/error.h"
#include "base/layout.h"

struct kernel_memory {
	/* Copies @size bytes from virtual address @address.  VMC_ERR_UNMAPPED or VMC_ERR_NODATA
	 * where there is none. */
	struct vmc_error *(*read)(void *arg, vmc_vaddr address, void *buffer, size_t size);
	void *arg;
	struct layout layout;
};

static inline struct vmc_error *kernel_read(const struct kernel_memory *memory, vmc_vaddr address,
					    void *buffer, size_t size)
{
	return memory->read(memory->arg, address, buffer, size);
}

static inline struct vmc_error *kernel_read_u32(const struct kernel_memory *memory,
						vmc_vaddr address, uint32_t *ret_value)
{
	uint8_t bytes[4];

	TRY(kernel_read(memory, address, bytes, sizeof(bytes)));
	*ret_value = load_u32(memory->layout, bytes);
	return NULL;
}

static inline struct vmc_error *kernel_read_word(const struct kernel_memory *memory,
						 vmc_vaddr address, uint64_t *ret_value)
{
	uint8_t bytes[8];

	TRY(kernel_read(memory, address, bytes, memory->layout.word_size));
	*ret_value = load_word(memory->layout, bytes);
	return NULL;
}

#endif
