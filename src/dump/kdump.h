/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the reader of kdump-compressed files; kdump_layout.h shows what is where in them.
 */
#ifndef VMCULL_DUMP_KDUMP_H
#define VMCULL_DUMP_KDUMP_H

#include "base/extents.h"
#include "dump/dump.h"
#include "dump/kdump_layout.h"
#include "dump/map_form.h"

/* What a bitmap of pages may hold.  Four PiB in pages of 4 KiB, more than any machine addresses
 * today; it bounds the time that is spent on a sparse file that is all bitmap. */
#define KDUMP_PFN_MAX ((uint64_t)1 << 40)

/* Real dumps of a TiB need a few MiB a bitmap, a hostile one gives every other page. */
#define KDUMP_EXTENTS_MEMORY_MAX ((size_t)64 << 20)

struct kdump_header {
	struct layout layout;
	uint32_t status;
	uint32_t block_size;
	vmc_foff bitmap_offset;
	uint64_t bitmap_size; /* of all bitmaps, bytes */
	uint64_t max_mapnr;   /* how many bits of a bitmap count */
	vmc_pfn first_pfn;    /* of the first bit of a bitmap: 0, but on 32-bit ARM */

	/* of the sub header */
	uint64_t phys_base;
	uint32_t dump_level;
	bool split; /* only [start_pfn, end_pfn) is stored in this file */
	vmc_pfn start_pfn, end_pfn;
	vmc_foff eraseinfo_offset;
	uint64_t eraseinfo_size;
	vmc_foff vmcoreinfo_offset;
	uint64_t vmcoreinfo_size;
	vmc_foff note_offset;
	uint64_t note_size;

	struct dump_said said;
	char uts_machine[66];
	uint16_t machine; /* EM_*, by that name */

	/* The main header as it lies in the file, but for the status. */
	uint8_t main[KDUMP_MAIN_SIZE_MAX];
	size_t main_size;
};

/* Headers as they lie in the file. */
struct kdump_headers {
	const struct kdump_abi *abi;
	struct layout layout;
	unsigned int version;
	uint64_t sub_offset; /* of the sub header in the file */
	uint8_t main[KDUMP_MAIN_SIZE_MAX];
	uint8_t sub[KDUMP_SUB_SIZE_MAX];
};

/* 0 for a field that this version has not. */
uint64_t kdump_headers_load(const struct kdump_headers *headers, enum kdump_field field);

bool kdump_block_size_is_sane(uint64_t block_size);

/* Finds abi and word size by what the main header holds; false when it makes sense in neither. */
bool kdump_abi_find(struct kdump_headers *headers);

/* After kdump_abi_find(): which of the kinds with such a main header, by what the sub header holds.
 * VMC_ERR_CORRUPT when a 32-bit one makes sense in none. */
struct vmc_error *kdump_abi_find_sub(struct kdump_headers *headers) VMC_MUST_CHECK;

/* Reads and checks both headers. */
struct vmc_error *kdump_header_read(struct io_file *file,
				    struct kdump_header *ret_header) VMC_MUST_CHECK;

/* Marks a file whose headers are written. */
struct vmc_error *kdump_mark_incomplete(struct io_file *file) VMC_MUST_CHECK;

/* Is the file known to end before @offset + @size? */
bool kdump_beyond_file(const struct io_file *file, vmc_foff offset, uint64_t size);

/* Adds the pages in [start, end) whose bit is set in the bitmap at @offset, which begins with page
 * @first. */
struct vmc_error *kdump_bitmap_read(struct io_file *file, vmc_foff offset, vmc_pfn first,
				    vmc_pfn start, vmc_pfn end,
				    struct extents *pages) VMC_MUST_CHECK;

/* VMC_ERR_LIMIT above KDUMP_EXTENTS_MEMORY_MAX. */
struct vmc_error *kdump_extents_check(const struct extents *pages) VMC_MUST_CHECK;

struct kdump_descriptor {
	vmc_foff offset;
	uint32_t size;
	uint32_t flags;
	uint64_t page_flags; /* a checksum; see kdump_checksum.h */
};

struct kdump_descriptor kdump_descriptor_load(struct layout layout, const uint8_t *bytes);

struct kdump {
	struct kdump_header header;
	struct extents known;   /* memory, stored or not */
	struct extents stored;  /* pages that have a descriptor: its rank is the number of it */
	struct extents present; /* of an incomplete file: those whose data was written */

	/* Of several files that are one dump: all of them by page, this one first. */
	struct vmc_dump **parts;
	size_t part_count;     /* 0: there is but one */
	struct extents joined; /* content of all parts */

	vmc_foff table_offset;
	vmc_foff table_end;

	bool has_compact_pages; /* what page_flags say of them counts */
	struct map_form form;
};

/* Is the descriptor of that rank in the file, with the data that it points to?  In an incomplete
 * file some are not. */
bool kdump_descriptor_written(const struct kdump *kdump, const struct io_file *file, uint64_t rank,
			      const struct kdump_descriptor *descriptor);

/* Fills present: an incomplete file has descriptors that were never written. */
struct vmc_error *kdump_find_present(struct kdump *kdump, struct io_file *file) VMC_MUST_CHECK;

/* The pages with content of this file: stored, or present where it is incomplete. */
const struct extents *kdump_content(const struct kdump *kdump);

/* As vmc_dump_next_run(), of memory that is known, and of pages that are stored, which are memory
 * even where the first does not say so. */
bool kdump_next_run_of(const struct extents *known, const struct extents *stored, vmc_pfn from,
		       struct vmc_memory_run *ret_run);

/* Makes parts[0] the dump of the whole, after sorting; it takes the others, which become NULL, and
 * closes them.  VMC_ERR_INVALID when they are not all parts, each once, of one split dump. */
struct vmc_error *kdump_set_join(struct vmc_dump **parts, size_t count) VMC_MUST_CHECK;

/* The index of the part that has the page; 0 where none has it. */
size_t kdump_set_find(const struct kdump *kdump, vmc_pfn pfn);

/* Has one of the parts behind the first become shorter? */
bool kdump_set_shrank(const struct vmc_dump *dump);

void kdump_set_close(struct kdump *kdump);

/* Is that one page of a compact memory map? */
static inline bool kdump_is_compact(const struct kdump *kdump,
				    const struct kdump_descriptor *descriptor)
{
	return kdump->has_compact_pages && map_form_is_tagged(descriptor->page_flags);
}

/* Has the descriptor a checksum of the data? */
bool kdump_has_checksum(const struct kdump *kdump, const struct kdump_descriptor *descriptor);

struct vmc_error *kdump_cursor_create(struct vmc_dump *dump, void **ret_state) VMC_MUST_CHECK;
void kdump_cursor_destroy(void *state);
size_t kdump_cursor_memory(const struct vmc_dump *dump);
struct vmc_error *kdump_get(struct vmc_dump *dump, void *state, vmc_paddr address, size_t size,
			    const void **ret_bytes, size_t *ret_size) VMC_MUST_CHECK;
struct vmc_error *kdump_get_stored(struct vmc_dump *dump, void *state, vmc_pfn pfn, void *buffer,
				   struct dump_stored *ret_stored) VMC_MUST_CHECK;

/* Is that a descriptor whose data can lie there? */
struct vmc_error *kdump_descriptor_check(const struct vmc_dump *dump, uint64_t rank,
					 const struct kdump_descriptor *descriptor) VMC_MUST_CHECK;

#endif
