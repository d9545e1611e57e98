/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump file: some format -> physical memory.
 *
 * Knows nothing of the kernel inside; see target.h for that.  A dump may be shared by threads, a
 * cursor belongs to one.
 */
#ifndef VMCULL_DUMP_H
#define VMCULL_DUMP_H

#include <vmcull/error.h>
#include <vmcull/log.h>

struct vmc_dump;
struct vmc_dump_cursor;

struct vmc_dump_options {
	struct vmc_log log;
	bool no_mmap; /* read with pread() only */
	/* NULL, or told of every range of the file whose bytes a reader is given; by several
	 * threads at a time where several read. */
	void (*trace)(void *arg, vmc_foff offset, uint64_t size);
	void *trace_arg;
};

/* Opens @path and finds its format.  @options may be NULL. */
VMC_API struct vmc_error *vmc_dump_open(const char *path, const struct vmc_dump_options *options,
					struct vmc_dump **ret_dump) VMC_MUST_CHECK;
/* Opens several files that are one dump, in any order: parts that makedumpfile --split made.  Of
 * one file it is vmc_dump_open().  VMC_ERR_INVALID when a part is missing, there twice, or of
 * another dump. */
VMC_API struct vmc_error *vmc_dump_open_set(const char *const *paths, size_t count,
					    const struct vmc_dump_options *options,
					    struct vmc_dump **ret_dump) VMC_MUST_CHECK;
VMC_API void vmc_dump_close(struct vmc_dump *dump);

/* Of several files the one with the lowest pages. */
VMC_API const char *vmc_dump_path(const struct vmc_dump *dump);
VMC_API const char *vmc_dump_format(const struct vmc_dump *dump); /* "elf", "kdump" */
VMC_API uint64_t vmc_dump_file_size(const struct vmc_dump *dump); /* bytes; 0 where unknown */
VMC_API size_t vmc_dump_file_count(const struct vmc_dump *dump);  /* 1, or of a set */

/* The machine the headers name, such as "x86_64" or "s390x"; "unknown" when it has no name. */
VMC_API const char *vmc_dump_machine(const struct vmc_dump *dump);

/* What the file says of how it was made. */
struct vmc_dump_history {
	bool filtered;       /* pages may have been left out before */
	uint32_t dump_level; /* by which level, as far as recorded */
	bool incomplete;     /* the writer did not finish */
	bool map_only;       /* by vmc_strip_plan(): zeros may stand for what was left out */
	bool split;          /* one part of a split dump: pages of the others are not in it */
	vmc_pfn split_start; /* of the part; the pages below split_end are in it */
	vmc_pfn split_end;
	bool checksums;   /* its pages have checksums of ours */
	bool compact_map; /* by vmc_plan_compact_map(): it is read as it was in memory */
	bool partial_map; /* pages of the memory map were left out: makedumpfile -e */
	bool flattened;   /* a stream whose records are put in order while it is read */
};

VMC_API void vmc_dump_history(const struct vmc_dump *dump, struct vmc_dump_history *ret_history);

/* How many pages a compact memory map has in blocks that many share; 0 where it is not compact. */
VMC_API struct vmc_error *vmc_dump_compact_pages(const struct vmc_dump *dump,
						 uint64_t *ret_count) VMC_MUST_CHECK;

/* What the dump has of a run of pages. */
enum vmc_memory_kind {
	VMC_MEMORY_DATA,   /* memory with content in the file */
	VMC_MEMORY_NODATA, /* known to be memory, but its content is not in the file */
};

struct vmc_memory_run {
	vmc_pfn start;
	uint64_t count; /* pages */
	enum vmc_memory_kind kind;
};

/* Gives the run that holds @from, or the next one above it; *ret_run starts at @from or above.
 * Returns false when there is none.  Needs the page size, which a target sets. */
VMC_API bool vmc_dump_next_run(const struct vmc_dump *dump, vmc_pfn from,
			       struct vmc_memory_run *ret_run);

/* Gives the range of memory with content that holds @from or the next above it, in bytes; unlike
 * vmc_dump_next_run() it works before the page size is known. */
VMC_API bool vmc_dump_next_range(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
				 uint64_t *ret_size);

/* The first pfn above all memory. */
VMC_API vmc_pfn vmc_dump_end_pfn(const struct vmc_dump *dump);

VMC_API struct vmc_error *vmc_dump_cursor_create(
	struct vmc_dump *dump, struct vmc_dump_cursor **ret_cursor) VMC_MUST_CHECK;
VMC_API void vmc_dump_cursor_destroy(struct vmc_dump_cursor *cursor);

/* Copies physical memory.  VMC_ERR_NODATA where the dump holds none. */
VMC_API struct vmc_error *vmc_dump_read(struct vmc_dump_cursor *cursor, vmc_paddr address,
					void *buffer, size_t size) VMC_MUST_CHECK;

#endif
