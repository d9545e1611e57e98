/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes of an output: those of the input, or, where only the memory map is kept, new ones. */
#ifndef VMCULL_WRITE_NOTES_H
#define VMCULL_WRITE_NOTES_H

#include "write/writer.h"

/* What was erased is a note in ELF files; kdump files have a place for it. */
enum notes_eraseinfo {
	NOTES_NO_ERASEINFO,
	NOTES_ERASEINFO,
};

/* Where they lie, in bytes from the beginning of the file. */
struct notes_place {
	enum notes_eraseinfo eraseinfo; /* are they with it? */
	vmc_foff start;
	uint64_t size;
	vmc_foff vmcoreinfo; /* the text inside */
	uint64_t vmcoreinfo_size;
};

/* Lays out the notes from @start on. */
struct vmc_error *notes_plan(const struct vmc_plan *plan, vmc_foff start,
			     enum notes_eraseinfo eraseinfo,
			     struct notes_place *ret_place) VMC_MUST_CHECK;

/* Copies the notes of the input, and makes a VMCOREINFO note where it has none.  For a plan of
 * parts makes all of them anew.  Descriptors full of zeros are left as holes. */
struct vmc_error *notes_write(const struct writer *writer,
			      const struct notes_place *place) VMC_MUST_CHECK;

#endif
