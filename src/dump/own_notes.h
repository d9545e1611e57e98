/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes of our own in dumps whose memory map is compact (map_form.h), or that hold nothing else:
 * ELF notes of the name "VMCULL", whose descriptors are lines "KEY=value" as VMCOREINFO has them.
 * Other readers pass over them.
 */
#ifndef VMCULL_DUMP_OWN_NOTES_H
#define VMCULL_DUMP_OWN_NOTES_H

#include <stdint.h>

#define OWN_NOTE_NAME     "VMCULL"
#define OWN_NOTE_SIZE_MAX ((size_t)1 << 20)

enum own_note {
	OWN_NOTE_MAP_ONLY, /* this dump holds the memory map only, and how it was made */
	OWN_NOTE_KALLSYMS, /* with it: facts learnt from kallsyms, which may be left out */
	OWN_NOTE_BTF,      /* with it: facts learnt from BTF */
	OWN_NOTE_MAP_FORM, /* the memory map is compact */
	OWN_NOTE_COUNT
};

/* What stands in the file, out of the way of all known types: crash takes a note of type 1 for the
 * registers of a CPU (NT_PRSTATUS), whatever its name. */
#define OWN_NOTE_TYPE(note) (0x56430000u + (uint32_t)(note))

#endif
