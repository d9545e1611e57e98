/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF notes of a dump.  Where each lies in the file is remembered; contents are read when asked
 * for, since device dumps (NT_VMCOREDD) can have tens of megabytes.
 */
#ifndef VMCULL_DUMP_NOTES_H
#define VMCULL_DUMP_NOTES_H

#include "base/io.h"
#include "base/layout.h"

#define NOTE_NAME_MAX 32

/* A PRSTATUS and a few register sets for each CPU of the largest machines, many times over. */
#define NOTE_COUNT_MAX ((size_t)1 << 20)

struct note {
	char name[NOTE_NAME_MAX]; /* without the NUL that n_namesz counts; cut if longer */
	uint32_t type;
	vmc_foff offset;          /* of the descriptor, in the file */
	uint32_t size;            /* of the descriptor */
};

/* A part of the file that holds notes, as a PT_NOTE or a kdump header gives it. */
struct note_segment {
	vmc_foff offset;
	uint64_t size; /* as far as it holds notes: trailing padding is cut */
};

struct notes {
	struct note *list;
	size_t count, capacity;
	struct note_segment *segments;
	size_t segment_count, segment_capacity;
};

void notes_deinit(struct notes *notes);

/* Walks the notes in [offset, offset + size) and adds them.  Stops quietly at a zeroed header,
 * which ends the list; a note that runs past the end is an error that names it, and those before it
 * stay in the list.  Names and descriptors are padded to 4 bytes, as the kernel does everywhere. */
struct vmc_error *notes_scan(struct notes *notes, struct io_file *file, struct layout layout,
			     vmc_foff offset, uint64_t size) VMC_MUST_CHECK;

/* The same for a PT_NOTE whose p_align is 8: padded to 8 bytes if that makes sense of the notes and
 * 4 bytes do not (Linux says 8 now and then and pads to 4 all the same). */
struct vmc_error *notes_scan_align8(struct notes *notes, struct io_file *file, struct layout layout,
				    vmc_foff offset, uint64_t size) VMC_MUST_CHECK;

/* The first note of that name and type, or NULL. */
const struct note *notes_find(const struct notes *notes, const char *name, uint32_t type);

/* How many CPUs have an NT_PRSTATUS. */
uint32_t notes_cpu_count(const struct notes *notes);

/* Reads a descriptor whole, with a NUL behind it.  VMC_ERR_LIMIT above @limit bytes. */
struct vmc_error *note_read(const struct note *note, struct io_file *file, size_t limit,
			    char **ret_bytes, size_t *ret_size) VMC_MUST_CHECK;

#endif
