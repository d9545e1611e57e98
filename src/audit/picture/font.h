/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The letters of pictures. */
#ifndef VMCULL_AUDIT_PICTURE_FONT_H
#define VMCULL_AUDIT_PICTURE_FONT_H

#include <stdint.h>

#define FONT_WIDTH   5
#define FONT_HEIGHT  9
#define FONT_ADVANCE 6 /* from one letter to the next */

/* FONT_HEIGHT rows from the top, the leftmost pixel in bit 4.  '?' for what is not ASCII. */
const uint8_t *font_glyph(char letter);

#endif
