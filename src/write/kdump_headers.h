/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a kdump-compressed file, and where everything is. */
#ifndef VMCULL_WRITE_KDUMP_HEADERS_H
#define VMCULL_WRITE_KDUMP_HEADERS_H

#include "dump/kdump_layout.h"
#include "write/notes.h"

/* Where the parts lie, in bytes from the beginning of the file. */
struct kdump_places {
	const struct kdump_abi *abi;
	vmc_pfn first_pfn;  /* of the first bit of the bitmaps */
	uint64_t max_mapnr; /* how many bits they have */
	bool present_only;  /* memory without content is left out of the first */
	bool outweigh;      /* they are larger than all that is kept, and not small */
	struct notes_place notes;
	/* The text of what was erased, behind the notes and not behind the data: there it is in an
	 * incomplete file and in a stream, too.  0 and 0: nothing was. */
	vmc_foff eraseinfo;
	uint64_t eraseinfo_size;
	uint64_t sub_hdr_blocks;
	vmc_foff bitmap1, bitmap2;
	uint64_t bitmap_size; /* of each */
	vmc_foff descriptors;
	vmc_foff data;
};

/* The page of the first bit of the bitmaps. */
vmc_pfn kdump_first_pfn(const struct vmc_plan *plan);

/* Lays out a file of plan->kept.  VMC_ERR_LIMIT when a number does not fit into its field. */
struct vmc_error *kdump_places_plan(const struct vmc_plan *plan,
				    struct kdump_places *ret_places) VMC_MUST_CHECK;

/* Writes main and sub header, notes, and what was erased. */
struct vmc_error *kdump_headers_write(const struct writer *writer,
				      const struct kdump_places *places,
				      bool incomplete) VMC_MUST_CHECK;

/* The main header alone, which has the mark of incomplete files. */
struct vmc_error *kdump_main_header_write(const struct writer *writer,
					  const struct kdump_places *places,
					  bool incomplete) VMC_MUST_CHECK;

#endif
