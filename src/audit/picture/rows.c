/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory itself: rows of cells, gaps between them, zones beside them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/picture/pen.h"
#include "base/checked.h"

/* What a run of cells that look alike is drawn as. */
struct bar {
	unsigned int units[VMC_AUDIT_STATE_COUNT]; /* pixels, by state */
	int zone;
};

uint64_t gap_before(const struct vmc_map *map, size_t index)
{
	uint64_t expected = index ? map->rows[index - 1].index + 1 : 0;

	return (map->rows[index].index - expected) << map_row_shift(map);
}

/* Appends as far as there is room. */
static void append(char *text, size_t size, const char *format, ...) ERROR_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

static void append_zone(const struct vmc_map *map, int zone, int *node, char *text)
{
	const struct map_zone *known = map_zone(map, zone);

	if (!known) {
		append(text, ZONES_TEXT, "%szone %d", *text ? ", " : "", zone);
	} else if (*text && known->node == *node) {
		append(text, ZONES_TEXT, ", %s", known->name);
	} else {
		append(text, ZONES_TEXT, "%snode %d: %s", *text ? "; " : "", known->node,
		       known->name);
		*node = known->node;
	}
}

void zones_text(const struct vmc_map *map, const struct map_row *row, char ret_text[ZONES_TEXT])
{
	enum { LIMIT = 4 };
	int seen[LIMIT], node = -1, count = 0;

	*ret_text = 0;
	for (size_t i = 0; i < (size_t)1 << map->columns_shift; i++) {
		int zone = row->cells[i].zone;
		bool known = zone < 0;

		for (int j = 0; j < count; j++)
			known |= seen[j] == zone;
		if (known)
			continue;
		if (count == LIMIT) {
			append(ret_text, ZONES_TEXT, ", ...");
			return;
		}
		seen[count++] = zone;
		append_zone(map, zone, &node, ret_text);
	}
}

void mix_text(const uint64_t pages[VMC_AUDIT_STATE_COUNT], char ret_text[MIX_TEXT])
{
	uint64_t total = 0;

	*ret_text = 0;
	for (size_t state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
		total += pages[state];
	for (size_t i = 0; i < STATES_DRAWN; i++) {
		unsigned int state = states_in_order[i];
		char share[SHARE_TEXT];

		if (!pages[state])
			continue;
		append(ret_text, MIX_TEXT, "%s%s", *ret_text ? ", " : "",
		       vmc_audit_state_name(state));
		if (pages[state] == total)
			return;
		share_text(pages[state], total, share);
		append(ret_text, MIX_TEXT, " %s", share);
	}
}

static struct bar bar_of_cell(const struct layout *layout, const struct map_cell *cell,
			      uint64_t ret_pages[VMC_AUDIT_STATE_COUNT])
{
	struct bar bar = {.zone = cell->zone};

	map_cell_pages(layout->map, cell, ret_pages);
	share_out(ret_pages, (unsigned int)layout->cell_height,
		  (unsigned int)layout->cell_height / 4, bar.units);
	return bar;
}

static void draw_bar(const struct layout *layout, struct pen *pen, const struct bar *bar, int x,
		     int y, int width)
{
	int bottom = y + layout->cell_height;

	for (size_t i = 0; i < STATES_DRAWN; i++) {
		int height = (int)bar->units[states_in_order[i]];

		if (height)
			pen->rect(pen, x, bottom - height, width, height, states_in_order[i]);
		bottom -= height;
	}
}

static void name_cells(struct pen *pen, vmc_pfn start, uint64_t count,
		       const uint64_t pages[VMC_AUDIT_STATE_COUNT])
{
	char text[MIX_TEXT + 100], mix[MIX_TEXT];

	if (!pen->tooltip)
		return;
	mix_text(pages, mix);
	snprintf(text, sizeof(text), "pfn 0x%" PRIx64 "-0x%" PRIx64 ": %s", start,
		 start + count - 1, mix);
	pen->tooltip(pen, text);
}

/* Cells from @first on that look alike, as one. */
static size_t draw_run(const struct layout *layout, struct pen *pen, const struct map_row *row,
		       size_t first, size_t columns, int y)
{
	const struct vmc_map *map = layout->map;
	uint64_t pages[VMC_AUDIT_STATE_COUNT], more[VMC_AUDIT_STATE_COUNT];
	struct bar bar = bar_of_cell(layout, &row->cells[first], pages);
	size_t last = first + 1;

	for (; last < columns; last++) {
		struct bar next = bar_of_cell(layout, &row->cells[last], more);

		if (memcmp(next.units, bar.units, sizeof(bar.units)) || next.zone != bar.zone)
			break;
		for (size_t state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
			pages[state] += more[state];
	}
	name_cells(pen, (row->index << map_row_shift(map)) + ((uint64_t)first << map->cell_shift),
		   (uint64_t)(last - first) << map->cell_shift, pages);
	draw_bar(layout, pen, &bar, layout->map_left + (int)first * layout->cell_width, y,
		 (int)(last - first) * layout->cell_width);
	return last;
}

/* Where the last row ends with the memory. */
static size_t row_columns(const struct vmc_map *map, const struct map_row *row)
{
	uint64_t start = row->index << map_row_shift(map);
	uint64_t cells = ((map->end - 1 - start) >> map->cell_shift) + 1;

	return min_u64(cells, 1ULL << map->columns_shift);
}

static void draw_zone_ends(const struct layout *layout, struct pen *pen, const struct map_row *row,
			   int y)
{
	int zone = -1;

	for (int i = 0; i < 1 << layout->map->columns_shift; i++) {
		int next = row->cells[i].zone;

		if (next >= 0 && zone >= 0 && next != zone)
			pen->rect(pen, layout->map_left + i * layout->cell_width - 1, y - 1, 2,
				  layout->pitch + 1, COLOR_INK);
		zone = next >= 0 ? next : zone;
	}
}

/* Points to what is to be looked at, however small it is in a picture this large. */
static void draw_marks(const struct layout *layout, struct pen *pen, const struct map_row *row,
		       int y)
{
	static const unsigned int marked[] = {VMC_PAGE_HWPOISON, VMC_PAGE_UNKNOWN};
	int x = layout->map_left - 5;

	for (size_t i = 0; i < sizeof(marked) / sizeof(*marked); i++) {
		bool there = false;

		for (size_t j = 0; j < (size_t)1 << layout->map->columns_shift; j++)
			there |= row->cells[j].pages[marked[i]] != 0;
		if (there)
			pen->rect(pen, x, y, 4, layout->cell_height, marked[i]);
		x -= there ? 5 : 0;
	}
}

static void draw_row(const struct layout *layout, struct pen *pen, const struct map_row *row, int y)
{
	size_t columns = row_columns(layout->map, row);

	/* Free memory is nearly as light as paper. */
	pen->rect(pen, layout->map_left - 1, y - 1, (int)columns * layout->cell_width + 2,
		  layout->pitch + 1, COLOR_LINE);
	for (size_t i = 0; i < columns;)
		i = draw_run(layout, pen, row, i, columns, y);
	if (pen->tooltip)
		pen->tooltip(pen, NULL);
	draw_zone_ends(layout, pen, row, y);
	draw_marks(layout, pen, row, y);
}

static void draw_gap(const struct layout *layout, struct pen *pen, uint64_t pages, vmc_pfn end,
		     int y)
{
	uint32_t page_size = layout->map->page_size;
	char size[SIZE_TEXT], text[120];

	size_text(pages, page_size, size);
	snprintf(text, sizeof(text), " no memory: %s, 0x%" PRIx64 " to 0x%" PRIx64 " ", size,
		 (end - pages) * page_size, end * page_size - 1);

	int width = (int)strlen(text) * FONT_ADVANCE;
	int side = (layout->map_width - width) / 2;

	pen->rect(pen, layout->map_left, y + 6, side, 6, VMC_AUDIT_ABSENT);
	pen->rect(pen, layout->map_left + side + width, y + 6, side, 6, VMC_AUDIT_ABSENT);
	pen->text(pen, layout->map_left + side, y + 5, 1, text, COLOR_MUTED);
}

static void draw_address(const struct layout *layout, struct pen *pen, const struct map_row *row,
			 int y)
{
	uint64_t address = (row->index << map_row_shift(layout->map)) * layout->map->page_size;
	char text[24];
	int length = snprintf(text, sizeof(text), "0x%" PRIx64, address);

	pen->text(pen, layout->map_left - 12 - length * FONT_ADVANCE,
		  y + (layout->cell_height - 7) / 2, 1, text, COLOR_MUTED);
}

/* A bracket from @top to @bottom beside rows of the same zones. */
static void draw_bracket(const struct layout *layout, struct pen *pen, const char *zones, int top,
			 int bottom)
{
	int x = layout->zones_left;

	if (!*zones)
		return;
	pen->rect(pen, x, top, 2, bottom - top, COLOR_MUTED);
	pen->rect(pen, x - 3, top, 3, 1, COLOR_MUTED);
	pen->rect(pen, x - 3, bottom - 1, 3, 1, COLOR_MUTED);
	pen->text(pen, x + 8, (top + bottom - 7) / 2, 1, zones, COLOR_INK);
}

/* Addresses stand at the first row after a gap and at each eighth of a round number. */
static bool has_address(const struct layout *layout, size_t index)
{
	const struct map_row *row = &layout->map->rows[index];
	bool first = index == 0 || gap_before(layout->map, index);

	return first || layout->pitch > 14 || row->index % 4 == 0;
}

void draw_rows(const struct layout *layout, struct pen *pen)
{
	const struct vmc_map *map = layout->map;
	char zones[ZONES_TEXT] = "", next[ZONES_TEXT];
	int y = layout->map_top, top = y, bottom = y;

	for (size_t i = 0; i < map->row_count; i++) {
		uint64_t gap = gap_before(map, i);

		zones_text(map, &map->rows[i], next);
		if (strcmp(zones, next)) {
			draw_bracket(layout, pen, zones, top, bottom);
			top = y + (gap ? GAP_HEIGHT : 0);
			strcpy(zones, next);
		}
		if (gap) {
			draw_gap(layout, pen, gap, map->rows[i].index << map_row_shift(map), y);
			y += GAP_HEIGHT;
		}
		if (has_address(layout, i))
			draw_address(layout, pen, &map->rows[i], y);
		draw_row(layout, pen, &map->rows[i], y);
		y += layout->pitch;
		bottom = y - 1;
	}
	draw_bracket(layout, pen, zones, top, bottom);
}
