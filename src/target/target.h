/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a target, and readers: kernel memory by virtual address, for one thread. */
#ifndef VMCULL_TARGET_TARGET_H
#define VMCULL_TARGET_TARGET_H

#include <vmcull/target.h>

#include "arch/arch.h"
#include "arch/image.h"
#include "dump/dump.h"
#include "kernel/facts.h"
#include "kernel/kallsyms.h"
#include "kernel/memory.h"
#include "kernel/types.h"

struct vmc_target {
	struct vmc_dump *dump;
	struct facts facts;
	struct vmcoreinfo vmcoreinfo;
	const char *vmcoreinfo_origin;
	vmc_foff vmcoreinfo_offset; /* in the file; 0 when it is in no note */
	struct arch arch;
	struct layout layout; /* of the kernel's memory */
	unsigned int page_shift;
	char uts[UTS_COUNT][UTS_LENGTH + 1];

	struct target_debug *debug; /* of the user's vmlinux, or NULL */
	bool type_information_asked;
	char type_information[512]; /* why there is none, or not all; "" when it was read */
};

DEFINE_CLEANUP(struct vmc_target *, vmc_target_close);

struct target_debug;
struct target_reader;

/* The types of the user's vmlinux; NULL when there is none. */
const struct types *target_debug_types(const struct vmc_target *target);

/* The addresses of symbols, as they are in the dump, from the user's vmlinux if there is one.  Of
 * names that it lacks, or without it, all have no matches. */
struct vmc_error *target_debug_find(const struct vmc_target *target, struct kallsyms_query *queries,
				    size_t count) VMC_MUST_CHECK;

struct vmc_error *target_reader_create(struct vmc_target *target,
				       struct target_reader **ret_reader) VMC_MUST_CHECK;
void target_reader_destroy(struct target_reader *reader);
DEFINE_CLEANUP(struct target_reader *, target_reader_destroy);

struct vmc_target *target_reader_target(const struct target_reader *reader);

/* Memory as sources of facts want it; valid as long as the reader. */
struct kernel_memory target_memory(struct target_reader *reader);

/* arch_init() for the target, with this reader's way to read tables. */
struct vmc_error *target_set_up_arch(struct target_reader *reader) VMC_MUST_CHECK;

/* Reads once more what arch_init() read, for a recorder. */
struct vmc_error *target_read_arch(struct target_reader *reader) VMC_MUST_CHECK;

/* The range around @address; recent ranges are remembered. */
struct vmc_error *target_translate(struct target_reader *reader, vmc_vaddr address,
				   struct va_range *ret_range) VMC_MUST_CHECK;

/* Reads every table that addresses of the kernel are translated by; see paging_visit(). */
struct vmc_error *target_visit_tables(struct target_reader *reader,
				      const struct table_visitor *visitor) VMC_MUST_CHECK;

/* The same with a visitor that remembers where it was.  Tables that cannot be read are counted and
 * passed over.  VMC_ERR_LIMIT for more tables than any kernel has. */
struct vmc_error *target_read_tables(struct target_reader *reader,
				     uint64_t *ret_unreadable) VMC_MUST_CHECK;

/* Copies kernel memory.  VMC_ERR_UNMAPPED or VMC_ERR_NODATA where there is none. */
struct vmc_error *target_read(struct target_reader *reader, vmc_vaddr address, void *buffer,
			      size_t size) VMC_MUST_CHECK;

struct vmc_error *target_read_u32(struct target_reader *reader, vmc_vaddr address,
				  uint32_t *ret) VMC_MUST_CHECK;
struct vmc_error *target_read_u64(struct target_reader *reader, vmc_vaddr address,
				  uint64_t *ret) VMC_MUST_CHECK;
/* unsigned long or pointer */
struct vmc_error *target_read_word(struct target_reader *reader, vmc_vaddr address,
				   uint64_t *ret) VMC_MUST_CHECK;

/* Gives kernel memory from @address on without copying: at least 1 byte, at most @size.  Valid
 * until the next call with this reader; target_check() tells afterwards whether it really existed.
 */
struct vmc_error *target_get(struct target_reader *reader, vmc_vaddr address, size_t size,
			     const void **ret_bytes, size_t *ret_size) VMC_MUST_CHECK;
struct vmc_error *target_check(struct target_reader *reader) VMC_MUST_CHECK;

#endif
