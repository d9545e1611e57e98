/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compact memory map in a kdump file.
 *
 * Nearly all struct pages of free memory say the same but for lru, a list that points to itself.  A
 * page of the map that holds nothing else is stored as one block for all such pages, in which lru
 * is 0.  Other readers see that; the page_flags of its descriptor tell ours where the kernel had
 * the page, from which lru follows:
 *
 *	bits 63-56  MAP_FORM_TAG
 *	bits 55-32  low 24 bits of the checksum that the block would have (kdump_checksum.h)
 *	bits 31-0   number of the page in the map, counted from the page that BASE lies in
 *
 * A note of ours (own_notes.h) has what is the same for all of them:
 *
 *	STRUCT_SIZE=64              bytes, decimal
 *	LRU=8                       offset of the list in it, bytes
 *	BASE=ffffea0000000000       address of a struct page, hexadecimal
 *
 * Who writes a filtered file anew without knowing of this drops page_flags, and what it reads then
 * is what it has read: no page is taken for another.
 */
#ifndef VMCULL_DUMP_MAP_FORM_H
#define VMCULL_DUMP_MAP_FORM_H

#include <stddef.h>

#include "base/error.h"
#include "base/layout.h"

#define MAP_FORM_TAG 0x54u

/* Of a struct page; SIZE(page) is 64 on most kernels. */
#define MAP_FORM_STRUCT_MAX 1024

struct map_form {
	struct layout layout;
	uint32_t page_size;
	uint32_t struct_size;
	uint32_t lru;
	vmc_vaddr base;
};

/* Do the numbers fit together?  Nothing below may be called otherwise. */
bool map_form_is_sane(const struct map_form *form);

#define MAP_FORM_TEXT_MAX 128

/* The text of the note, and back; false when it is none or makes no sense.  @ret_form has its
 * layout and page size already. */
void map_form_print(const struct map_form *form, char ret_text[static MAP_FORM_TEXT_MAX]);
bool map_form_parse(const char *text, struct map_form *ret_form);

/* Where a page of the map is by its number, and back; false for one that has none. */
vmc_vaddr map_form_address(const struct map_form *form, uint32_t number);
bool map_form_number(const struct map_form *form, vmc_vaddr address, uint32_t *ret_number);

/* How far into a struct page the page at @address begins. */
uint32_t map_form_skip(const struct map_form *form, vmc_vaddr address);

/* Sets every lru in the page, which is at @address, to point to itself.  False when it is not 0
 * everywhere: then the page is left in part as it was. */
bool map_form_restore(const struct map_form *form, vmc_vaddr address, uint8_t *page);

static inline bool map_form_is_tagged(uint64_t page_flags)
{
	return page_flags >> 56 == MAP_FORM_TAG;
}

static inline uint64_t map_form_page_flags(uint64_t checksum, uint32_t number)
{
	return (uint64_t)MAP_FORM_TAG << 56 | (checksum & 0xffffffu) << 32 | number;
}

#endif
