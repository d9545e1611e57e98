/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of a dump and what a format has to provide.
 *
 * How to add a format: a file with a "const struct dump_format" at its end, a line in registry.c, a
 * row in the README table, good-, bad- and truncated- fixtures in the tests, a fuzz seed.
 */
#ifndef VMCULL_DUMP_DUMP_H
#define VMCULL_DUMP_DUMP_H

#include <vmcull/dump.h>

#include "base/io.h"
#include "base/layout.h"
#include "base/log.h"
#include "base/window.h"
#include "dump/kdump_layout.h"
#include "dump/notes.h"

/* Largest page size of any architecture that we know (ppc64, arm64: 64 KiB; 256 KiB for ppc44x). */
#define DUMP_PAGE_SIZE_MIN 4096
#define DUMP_PAGE_SIZE_MAX ((uint32_t)1 << 18)

/* A page as the file has it. */
struct dump_stored {
	uint32_t size;   /* bytes, at most a page; 0: in no form that can be passed on */
	uint32_t format; /* of them: enum codec_format */
	bool checked;    /* they have a checksum, and it is right */
};

struct dump_format {
	const char *name;        /* "elf" */
	const char *description; /* "ELF core" */

	bool takes_sets; /* a dump may be in several files: vmc_dump.disks */
	bool may_be_cut; /* of a stream without an end it tells which pages are there */
	bool one_thread; /* its cursors are not for several threads at a time */

	/* Looks at the first @size bytes of the file: is it ours?  Damage beyond the signature is
	 * for open() to tell. */
	bool (*probe)(const void *head, size_t size);

	/* Reads the headers; fills dump->layout … dump->notes and dump->private. */
	struct vmc_error *(*open)(struct vmc_dump *dump);
	void (*close)(struct vmc_dump *dump);

	/* Makes one dump of those whose history says that they are parts: the first then, after
	 * sorting, has the others, which become NULL.  NULL: this format has no parts. */
	struct vmc_error *(*join)(struct vmc_dump **parts, size_t count);

	/* Called once the page size is known.  NULL: nothing to do. */
	struct vmc_error *(*page_size_set)(struct vmc_dump *dump);

	/* As vmc_dump_next_run(). */
	bool (*next_run)(const struct vmc_dump *dump, vmc_pfn from, struct vmc_memory_run *ret_run);

	/* Where memory with content lies by physical address, whatever the page size: the range
	 * that holds @from or the next above it.  NULL: derived from next_run(). */
	bool (*next_range)(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
			   uint64_t *ret_size);

	/* Per-thread state of a reader: windows, buffers, decoders. */
	struct vmc_error *(*cursor_create)(struct vmc_dump *dump, void **ret_state);
	void (*cursor_destroy)(void *state);

	/* Heap memory of such a state, bytes, when it is asked for a page at a time. */
	size_t (*cursor_memory)(const struct vmc_dump *dump);

	/* Gives content from @address on: at least 1 byte, at most @size, as much as lies together
	 * (in file or buffer) without copying; never looks at other memory than that range.  Valid
	 * until the next call with this cursor.  VMC_ERR_NODATA where there is none. */
	struct vmc_error *(*get)(struct vmc_dump *dump, void *state, vmc_paddr address, size_t size,
				 const void **ret_bytes, size_t *ret_size);

	/* All of that range may be read, and will be asked for in order.  NULL: get() gains nothing
	 * by that. */
	void (*announce)(struct vmc_dump *dump, void *state, vmc_paddr address, uint64_t size);

	/* Copies a page as it is stored into @buffer, which has room for a page, having checked all
	 * that can be without decompressing.  Errors as those of get().  NULL: pages are stored as
	 * they are in memory. */
	struct vmc_error *(*get_stored)(struct vmc_dump *dump, void *state, vmc_pfn pfn,
					void *buffer, struct dump_stored *ret_stored);

	/* As vmc_dump_compact_pages(), where history.compact_map.  NULL: it never is. */
	struct vmc_error *(*compact_pages)(const struct vmc_dump *dump, uint64_t *ret_count);

	/* As dump_shrank(), of files that only the format knows.  NULL: there are none. */
	bool (*shrank)(const struct vmc_dump *dump);

	/* After the bytes were used: did they exist?  (io_window_check) NULL: always. */
	struct vmc_error *(*check)(void *state);
};

/* Told of every range of memory whose bytes a reader is given.  Not for several threads. */
struct dump_recorder {
	void (*record)(void *arg, vmc_paddr address, uint64_t size);
	void *arg;
};

/* What headers other than ELF's say of the machine, as it stands there. */
struct dump_said {
	bool by_kdump; /* all else is 0 unless set */
	char uts[KDUMP_UTS_COUNT][KDUMP_UTS_LENGTH + 1];
	uint64_t crash_time;     /* seconds since 1970; 0 if unknown */
	uint32_t cpus;           /* 0 if unknown */
	uint32_t codecs;         /* bits of enum codec_format */
	vmc_paddr first_address; /* of the first page that has a number: not 0 on 32-bit ARM only */
};

struct vmc_dump {
	const struct dump_format *format;
	struct io_file *file;
	struct vmc_log log;
	bool no_mmap;
	bool in_set;        /* opened as one of several files that are one dump */
	uint64_t file_size; /* of all of them as they lie on the disk */
	size_t file_count;

	struct io_file **disks; /* of a format that takes sets: the files besides the first */
	size_t disk_count;

	/* Of the headers; memory may differ (ppc64le in QEMU, a 64-bit ELF of an i386). */
	struct layout layout;
	uint16_t machine;   /* EM_* of <elf.h>; EM_NONE when the file does not tell */
	uint32_t page_size; /* bytes; 0 until known */
	unsigned int page_shift;
	struct notes notes;
	struct vmc_dump_history history;
	char uts_machine[66]; /* of a kdump header; "" otherwise */
	struct dump_said said;
	vmc_foff eraseinfo_offset; /* what others erased, from a kdump header */
	uint32_t eraseinfo_size;   /* 0: nothing */
	vmc_pfn end_pfn;           /* above all memory; valid once the page size is set */
	uint64_t phys_base_hint;   /* x86_64: from a header or from the segment of the kernel text;
				  * arm: where RAM begins, from a header */
	bool has_phys_base_hint;

	struct dump_recorder recorder;
	void *private;
};

struct vmc_dump_cursor {
	struct vmc_dump *dump;
	void *state;
};

DEFINE_CLEANUP(struct vmc_dump *, vmc_dump_close);
DEFINE_CLEANUP(struct vmc_dump_cursor *, vmc_dump_cursor_destroy);

extern const struct dump_format *const dump_formats[]; /* NULL-terminated */

/* Sets the page size, once: checks that it is a power of two in bounds and, where the format has
 * one of its own, that they agree. */
struct vmc_error *dump_set_page_size(struct vmc_dump *dump, uint64_t page_size) VMC_MUST_CHECK;

/* The next range of memory with content, by address; works before the page size is known. */
bool dump_next_range(const struct vmc_dump *dump, vmc_paddr from, vmc_paddr *ret_start,
		     uint64_t *ret_size);

/* From now on tells @recorder what is read, by any cursor; NULL: nobody any more. */
void dump_record(struct vmc_dump *dump, const struct dump_recorder *recorder);

/* May several threads have a cursor each?  What is recorded is for one. */
bool dump_is_for_threads(const struct vmc_dump *dump);

/* Heap memory of a cursor, bytes, at most, when it is asked for a page at a time. */
size_t dump_cursor_memory(const struct vmc_dump *dump);

/* Content without a copy; see dump_format.get. */
struct vmc_error *dump_get(struct vmc_dump_cursor *cursor, vmc_paddr address, size_t size,
			   const void **ret_bytes, size_t *ret_size) VMC_MUST_CHECK;

/* The pages [pfn, pfn + count) may be read and are asked for next, in order: then they may be read
 * several at a time. */
void dump_announce(struct vmc_dump_cursor *cursor, vmc_pfn pfn, uint64_t count);

/* As dump_format.get_stored; size 0 where the format has none. */
struct vmc_error *dump_get_stored(struct vmc_dump_cursor *cursor, vmc_pfn pfn, void *buffer,
				  struct dump_stored *ret_stored) VMC_MUST_CHECK;

/* Did the bytes of the last dump_get() really exist? */
struct vmc_error *dump_check(struct vmc_dump_cursor *cursor) VMC_MUST_CHECK;

/* Has a file become shorter, of which a cursor may have maps?  Then what was taken since this was
 * last asked may end in zeros that nothing told of, and a cursor remembers it: a new one reads. */
bool dump_shrank(const struct vmc_dump *dump);

/* One whole page: zero-copy when it lies together in the file, else put together in @buffer (one
 * page).  A page that the dump has in part is filled up with zeros.  Includes dump_check() when
 * copied; when *ret_page is not @buffer, the caller calls dump_check() after use. */
struct vmc_error *dump_get_page(struct vmc_dump_cursor *cursor, vmc_pfn pfn, void *buffer,
				const void **ret_page) VMC_MUST_CHECK;

#endif
