/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture of a map is made of, and on what it is drawn: pixels or SVG. */
#ifndef VMCULL_AUDIT_PICTURE_PEN_H
#define VMCULL_AUDIT_PICTURE_PEN_H

#include "audit/picture/font.h"
#include "audit/picture/map.h"
#include "audit/picture/palette.h"

struct pen {
	/* A rectangle; VMC_AUDIT_ABSENT is hatched. */
	void (*rect)(struct pen *pen, int x, int y, int width, int height, unsigned int color);

	/* A line of text whose letters begin at the left and top, @scale times FONT_HEIGHT. */
	void (*text)(struct pen *pen, int x, int y, int scale, const char *text,
		     unsigned int color);

	/* What is drawn from here on is called that, until the next one; NULL: nothing.  May be
	 * NULL where there are no tooltips. */
	void (*tooltip)(struct pen *pen, const char *text);
};

/* Where everything goes, in pixels. */
struct layout {
	const struct vmc_map *map;
	const struct vmc_caption *caption;
	int width, height;
	int map_left, map_top, map_width;
	int cell_width, cell_height; /* of a cell, or the height of a row */
	int pitch;                   /* from row to row */
	int zones_left;
	int legend_top;
};

void layout_init(struct layout *layout, const struct vmc_map *map,
		 const struct vmc_caption *caption);

void picture_draw(const struct layout *layout, struct pen *pen);

/* The parts of it. */
void draw_rows(const struct layout *layout, struct pen *pen);
void draw_legend(const struct layout *layout, struct pen *pen);

/* The zones of a row as text: "node 0: DMA, DMA32"; "" when none is known. */
#define ZONES_TEXT 64
void zones_text(const struct vmc_map *map, const struct map_row *row, char ret_text[ZONES_TEXT]);

/* Rows of the map that are missing in front of row @index: how many pages there are; 0 when it
 * follows the one before, or pfn 0. */
uint64_t gap_before(const struct vmc_map *map, size_t index);

/* All pages of a state, those included that are absent because no range told of them. */
uint64_t map_total(const struct vmc_map *map, unsigned int state);

/* Present pages. */
uint64_t map_present(const struct vmc_map *map);

/* "anon 60.0%, free 40.0%" */
#define MIX_TEXT 400
void mix_text(const uint64_t pages[VMC_AUDIT_STATE_COUNT], char ret_text[MIX_TEXT]);

#define GAP_HEIGHT 20

#endif
