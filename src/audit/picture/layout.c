/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes and places of a picture, its title and its legend. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/picture/pen.h"
#include "base/checked.h"

#define MARGIN       24
#define MAP_WIDTH    1024
#define TITLE_HEIGHT 96
#define LINE         24 /* of the legend */
#define LEGEND_LINES ((STATES_DRAWN + 1) / 2)
#define NOTES        3
#define NOTE_LINE    14
#define WIDTH_MIN    1210 /* for two columns of legend */

static int text_width(const char *text, int scale)
{
	return (int)strlen(text) * FONT_ADVANCE * scale;
}

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int gap_count(const struct vmc_map *map)
{
	int count = 0;

	for (size_t i = 0; i < map->row_count; i++)
		count += gap_before(map, i) != 0;
	return count;
}

static int zones_width(const struct vmc_map *map)
{
	int width = 0;

	for (size_t i = 0; i < map->row_count; i++) {
		char text[ZONES_TEXT];

		zones_text(map, &map->rows[i], text);
		if (*text)
			width = max_int(width, 14 + text_width(text, 1));
	}
	return width;
}

void layout_init(struct layout *layout, const struct vmc_map *map,
		 const struct vmc_caption *caption)
{
	int rows = (int)map->row_count;
	char address[24];

	snprintf(address, sizeof(address), "0x%" PRIx64,
		 (map->end ? map->end - 1 : 0) * map->page_size);
	layout->map = map;
	layout->caption = caption;
	layout->map_left = MARGIN + text_width(address, 1) + 12;
	layout->map_top = MARGIN + TITLE_HEIGHT;
	layout->cell_width = MAP_WIDTH >> map->columns_shift;
	layout->map_width = layout->cell_width << map->columns_shift;
	/* As high as a screen, but neither hair-thin nor coarse. */
	layout->cell_height = max_int(8, rows ? 640 / rows - 1 : 8);
	if (layout->cell_height > 20)
		layout->cell_height = 20;
	layout->pitch = layout->cell_height + 1;
	layout->zones_left = layout->map_left + layout->map_width + 6;
	layout->width = max_int(layout->zones_left + zones_width(map) + MARGIN, WIDTH_MIN);
	layout->legend_top = layout->map_top + max_int(rows, 1) * layout->pitch +
			     gap_count(map) * GAP_HEIGHT + 20;
	layout->height = layout->legend_top + LEGEND_LINES * LINE + NOTES * NOTE_LINE + MARGIN;
}

uint64_t map_present(const struct vmc_map *map)
{
	uint64_t present = 0;

	for (size_t state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		present += map->totals[state];
	return present;
}

uint64_t map_total(const struct vmc_map *map, unsigned int state)
{
	return state == VMC_AUDIT_ABSENT ? map->end - map_present(map) : map->totals[state];
}

/* "123,456,789" */
static void count_text(uint64_t count, char ret_text[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (int i = 0; i < length; i++) {
		*ret_text++ = digits[i];
		if ((length - i) % 3 == 1 && i + 1 < length)
			*ret_text++ = ',';
	}
	*ret_text = 0;
}

static void draw_title(const struct layout *layout, struct pen *pen)
{
	const struct vmc_caption *caption = layout->caption;
	const char *const parts[] = {caption->release, caption->machine, caption->file};
	const char *title = caption->title && *caption->title ? caption->title
							      : "Physical memory by page state";
	char line[256] = "", size[SIZE_TEXT], row[SIZE_TEXT];
	size_t room = (size_t)(layout->width - 2 * MARGIN) / (2 * FONT_ADVANCE), used = 0;

	snprintf(line, min_u64(sizeof(line), room + 1), "%s", title);
	pen->text(pen, MARGIN, MARGIN, 2, line, COLOR_INK);
	*line = 0;
	for (size_t i = 0; i < 3; i++) {
		if (!parts[i] || !*parts[i] || used >= sizeof(line))
			continue;
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s",
					 used ? "   " : "", parts[i]);
	}
	line[min_u64(2 * room, sizeof(line) - 1)] = 0;
	pen->text(pen, MARGIN, MARGIN + 28, 1, line, COLOR_INK);

	size_text(map_present(layout->map), layout->map->page_size, size);
	size_text(1ULL << map_row_shift(layout->map), layout->map->page_size, row);
	snprintf(line, sizeof(line), "%s of memory. A row is %s.", size, row);
	pen->text(pen, MARGIN, MARGIN + 44, 2, line, COLOR_INK);
}

static void draw_legend_entry(const struct layout *layout, struct pen *pen, unsigned int state,
			      int x, int y)
{
	const struct vmc_map *map = layout->map;
	uint64_t pages = map_total(map, state);
	unsigned int ink = pages ? COLOR_INK : COLOR_MUTED;
	char text[160], count[32], size[SIZE_TEXT], share[SHARE_TEXT] = "";

	count_text(pages, count);
	size_text(pages, map->page_size, size);
	if (state != VMC_AUDIT_ABSENT)
		share_text(pages, map_present(map), share);
	pen->rect(pen, x, y, 22, 18, COLOR_LINE);
	pen->rect(pen, x + 1, y + 1, 20, 16, state);
	if (pages)
		snprintf(text, sizeof(text), "%-13s%9s%7s", vmc_audit_state_name(state), size,
			 share);
	else
		snprintf(text, sizeof(text), "%-13s%9s", vmc_audit_state_name(state), "-");
	pen->text(pen, x + 30, y + 2, 2, text, ink);
	snprintf(text, sizeof(text), "%s", state_meaning(state));
	pen->text(pen, x + 30 + 30 * 2 * FONT_ADVANCE, y, 1, text, COLOR_MUTED);
	if (pages) {
		snprintf(text, sizeof(text), "%s pages", count);
		pen->text(pen, x + 30 + 30 * 2 * FONT_ADVANCE, y + 10, 1, text, COLOR_MUTED);
	}
}

static void draw_notes(const struct layout *layout, struct pen *pen, int y)
{
	const struct vmc_map *map = layout->map;
	uint64_t pages = 1ULL << map->cell_shift;
	char size[SIZE_TEXT], line[200];

	size_text(pages, map->page_size, size);
	if (pages == 1)
		snprintf(line, sizeof(line), "Each upright bar of %dx%d pixels is one page (%s).",
			 layout->cell_width, layout->cell_height, size);
	else
		snprintf(
			line, sizeof(line),
			"Each upright bar of %dx%d pixels is %" PRIu64
			" pages (%s), shared out among the states of its pages from the bottom up.",
			layout->cell_width, layout->cell_height, pages, size);
	pen->text(pen, MARGIN, y, 1, line, COLOR_MUTED);
	pen->text(
		pen, MARGIN, y + NOTE_LINE, 1,
		"A single page of unaccepted, offline, hwpoison or unknown gets a part of its bar; "
		"a mark at the left edge points to rows with hwpoison or unknown.",
		COLOR_MUTED);
	pen->text(
		pen, MARGIN, y + 2 * NOTE_LINE, 1,
		"Addresses are of the row's first byte. At the right: the zones of a row, in their "
		"order; a dark line in a row is where one ends. Shares are of present memory.",
		COLOR_MUTED);
}

void draw_legend(const struct layout *layout, struct pen *pen)
{
	int column = max_int((layout->width - 2 * MARGIN) / 2, 100);

	for (int i = 0; i < STATES_DRAWN; i++)
		draw_legend_entry(layout, pen, states_in_order[i],
				  MARGIN + i / LEGEND_LINES * column,
				  layout->legend_top + i % LEGEND_LINES * LINE);
	draw_notes(layout, pen, layout->legend_top + LEGEND_LINES * LINE + 8);
}

void picture_draw(const struct layout *layout, struct pen *pen)
{
	pen->rect(pen, 0, 0, layout->width, layout->height, COLOR_PAPER);
	draw_title(layout, pen);
	draw_rows(layout, pen);
	draw_legend(layout, pen);
}
