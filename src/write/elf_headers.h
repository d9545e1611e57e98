/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of an ELF output. */
#ifndef VMCULL_WRITE_ELF_HEADERS_H
#define VMCULL_WRITE_ELF_HEADERS_H

#include "write/elf_loads.h"
#include "write/notes.h"

/* Where the parts lie, in bytes from the beginning of the file. */
struct elf_places {
	struct layout layout;  /* of the headers */
	vmc_foff segments;     /* PT_NOTE and the loads */
	uint64_t segment_room; /* how many there is room for */
	vmc_foff section;      /* one section header, for large numbers of segments */
	struct notes_place notes;
	vmc_foff data;
};

/* Lays out a file of @plan in which there are up to @segments program headers.  VMC_ERR_LIMIT when
 * it would be too large. */
struct vmc_error *elf_places_plan(const struct vmc_plan *plan, uint64_t segments,
				  struct elf_places *ret_places) VMC_MUST_CHECK;

/* Writes the headers behind the first; @loads stands at its beginning.  *ret_segments is how many
 * program headers there are. */
struct vmc_error *elf_segments_write(const struct writer *writer, const struct elf_places *places,
				     const struct elf_mappings *mappings,
				     const struct elf_stored *stored,
				     uint64_t *ret_segments) VMC_MUST_CHECK;

/* Writes the first, which has the others found. */
struct vmc_error *elf_header_write(const struct writer *writer, const struct elf_places *places,
				   uint32_t flags, uint64_t segments) VMC_MUST_CHECK;

/* Behind the last of those that @segments program headers take. */
vmc_foff elf_headers_end(const struct elf_places *places, uint64_t segments);

#endif
