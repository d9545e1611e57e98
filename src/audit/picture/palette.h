/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How states look, the same in every picture. */
#ifndef VMCULL_AUDIT_PICTURE_PALETTE_H
#define VMCULL_AUDIT_PICTURE_PALETTE_H

#include <stdint.h>

#include <vmcull/picture.h>

/* Colours: those of states, by state, and some for what is around them. */
enum color {
	COLOR_PAPER = VMC_AUDIT_STATE_COUNT,
	COLOR_INK,
	COLOR_MUTED,
	COLOR_LINE,
	COLOR_HATCH, /* on VMC_AUDIT_ABSENT */
	COLOR_COUNT
};

uint32_t color_rgb(unsigned int color);

/* In plain text. */
char state_letter(unsigned int state);

/* In a few words, for a legend. */
const char *state_meaning(unsigned int state);

/* Few pages that matter much: never rounded away. */
#define STATES_RARE                                                           \
	(VMC_STATE_BIT(VMC_PAGE_UNKNOWN) | VMC_STATE_BIT(VMC_PAGE_HWPOISON) | \
	 VMC_STATE_BIT(VMC_PAGE_OFFLINE) | VMC_STATE_BIT(VMC_PAGE_UNACCEPTED))

/* States as they lie in a cell, from the bottom, and in legends; VMC_AUDIT_ABSENT is the last. */
#define STATES_DRAWN (VMC_AUDIT_STATE_COUNT - 1) /* VMC_PAGE_OFFLINE_SECTION is drawn as offline */
extern const uint8_t states_in_order[STATES_DRAWN];

/* Writes "16 MiB", "1.25 GiB". */
#define SIZE_TEXT 24
void size_text(uint64_t pages, uint32_t page_size, char ret_text[SIZE_TEXT]);

/* Writes "12.3%", "<0.1%". */
#define SHARE_TEXT 8
void share_text(uint64_t part, uint64_t whole, char ret_text[SHARE_TEXT]);

/* Shares out @units among states in proportion to @pages; each state of STATES_RARE gets at least
 * @least where it has any page. */
void share_out(const uint64_t pages[VMC_AUDIT_STATE_COUNT], unsigned int units, unsigned int least,
	       unsigned int ret_units[VMC_AUDIT_STATE_COUNT]);

#endif
