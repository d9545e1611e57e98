/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures for a terminal: a character a cell. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/picture/out.h"
#include "audit/picture/pen.h"
#include "base/checked.h"

#define ROWS_MAX 4096

struct text {
	const struct vmc_map *map;
	enum vmc_map_colors colors;
	struct out out;
	int address_width;
	unsigned int painted; /* state of the colour that is set, or VMC_AUDIT_STATE_COUNT */
};

/* Of the 6x6x6 cube that starts at 16. */
static unsigned int color_256(uint32_t rgb)
{
	unsigned int index = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		unsigned int level = rgb >> shift & 0xff;

		index = index * 6 + (level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40);
	}
	return 16 + index;
}

static bool is_dark(uint32_t rgb)
{
	return 3 * (rgb >> 16) + 6 * (rgb >> 8 & 0xff) + (rgb & 0xff) < 1200;
}

static void text_paint(struct text *text, unsigned int state)
{
	uint32_t rgb;

	if (text->colors == VMC_MAP_PLAIN || state == text->painted)
		return;
	text->painted = state;
	if (state == VMC_AUDIT_STATE_COUNT) {
		out_text(&text->out, "\33[0m");
		return;
	}
	rgb = color_rgb(state);
	if (text->colors == VMC_MAP_256)
		out_format(&text->out, "\33[%u;48;5;%um", is_dark(rgb) ? 97 : 30, color_256(rgb));
	else
		out_format(&text->out, "\33[%u;48;2;%u;%u;%um", is_dark(rgb) ? 97 : 30, rgb >> 16,
			   rgb >> 8 & 0xff, rgb & 0xff);
}

/* What one character can say of a cell: a state that needs a look where there is any, else the one
 * of most pages. */
static unsigned int state_shown(const struct vmc_map *map, const struct map_cell *cell)
{
	static const unsigned int first[] = {VMC_PAGE_HWPOISON, VMC_PAGE_UNKNOWN,
					     VMC_PAGE_UNACCEPTED, VMC_PAGE_OFFLINE};
	uint64_t pages[VMC_AUDIT_STATE_COUNT];
	unsigned int most = VMC_AUDIT_ABSENT;

	map_cell_pages(map, cell, pages);
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		if (pages[first[i]])
			return first[i];
	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
		if (pages[state] > pages[most])
			most = state;
	return most;
}

static void text_row(struct text *text, const struct map_row *row)
{
	const struct vmc_map *map = text->map;
	char address[24];
	uint64_t start = row->index << map_row_shift(map);
	uint64_t cells = min_u64(((map->end - 1 - start) >> map->cell_shift) + 1,
				 1ULL << map->columns_shift);

	snprintf(address, sizeof(address), "0x%" PRIx64, start * map->page_size);
	out_format(&text->out, "%*s ", text->address_width, address);
	for (uint64_t i = 0; i < cells; i++) {
		unsigned int state = state_shown(map, &row->cells[i]);
		char letter = state_letter(state);
		bool rare = STATES_RARE >> state & 1;

		text_paint(text, state);
		if (text->colors != VMC_MAP_PLAIN && !rare)
			letter = ' ';
		out_bytes(&text->out, &letter, 1);
	}
	text_paint(text, VMC_AUDIT_STATE_COUNT);
}

static void text_rows(struct text *text)
{
	const struct vmc_map *map = text->map;
	char zones[ZONES_TEXT] = "", next[ZONES_TEXT], size[SIZE_TEXT];

	for (size_t i = 0; i < map->row_count; i++) {
		uint64_t gap = gap_before(map, i);

		if (gap) {
			size_text(gap, map->page_size, size);
			out_format(&text->out, "%*s --- no memory: %s ---\n", text->address_width,
				   "", size);
		}
		text_row(text, &map->rows[i]);
		zones_text(map, &map->rows[i], next);
		if (strcmp(zones, next)) {
			out_text(&text->out, "  ");
			out_plain(&text->out, next);
		}
		strcpy(zones, next);
		out_text(&text->out, "\n");
	}
}

static void text_caption(struct text *text, const struct vmc_caption *caption)
{
	const char *const parts[] = {caption->title, caption->release, caption->machine,
				     caption->file};
	char size[SIZE_TEXT], row[SIZE_TEXT], cell[SIZE_TEXT];
	bool any = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!parts[i] || !*parts[i])
			continue;
		out_text(&text->out, any ? "  " : "");
		out_plain(&text->out, parts[i]);
		any = true;
	}
	size_text(map_present(text->map), text->map->page_size, size);
	size_text(1ULL << map_row_shift(text->map), text->map->page_size, row);
	size_text(1ULL << text->map->cell_shift, text->map->page_size, cell);
	out_format(&text->out, "%s%s of memory; a row is %s, a character %s\n\n", any ? "\n" : "",
		   size, row, cell);
}

static void text_legend(struct text *text)
{
	uint64_t present = map_present(text->map);

	out_text(&text->out, "\n");
	for (size_t i = 0; i < STATES_DRAWN; i++) {
		unsigned int state = states_in_order[i];
		uint64_t pages = map_total(text->map, state);
		char size[SIZE_TEXT], share[SHARE_TEXT] = "";
		char letter[4] = {' ', state_letter(state), ' ', 0};

		if (!pages)
			continue;
		size_text(pages, text->map->page_size, size);
		if (state != VMC_AUDIT_ABSENT)
			share_text(pages, present, share);
		text_paint(text, state);
		out_text(&text->out, letter);
		text_paint(text, VMC_AUDIT_STATE_COUNT);
		out_format(&text->out, " %-13s %15" PRIu64 " pages %9s %6s  %s\n",
			   vmc_audit_state_name(state), pages, size, share, state_meaning(state));
	}
	out_text(&text->out, "\nA character shows the state of most of its pages; ? X U O where "
			     "there is any such page.\n");
}

static int hex_width(uint64_t value)
{
	return snprintf(NULL, 0, "0x%" PRIx64, value);
}

struct vmc_error *vmc_map_text(const struct vmc_map *map, const struct vmc_caption *caption,
			       const struct vmc_map_text_options *options,
			       const struct vmc_sink *sink)
{
	uint64_t columns = options && options->columns ? options->columns : 80;
	size_t rows = min_u64(options && options->rows ? options->rows : 32, ROWS_MAX);
	unsigned int shift = 0;
	_cleanup_(vmc_map_destroy) struct vmc_map *reduced = NULL;
	struct text text = {.colors = options ? options->colors : VMC_MAP_PLAIN,
			    .painted = VMC_AUDIT_STATE_COUNT};

	text.address_width = hex_width((map->end ? map->end - 1 : 0) * map->page_size);
	while (shift < map->columns_shift &&
	       (uint64_t)text.address_width + 1 + (2u << shift) <= columns)
		shift++;
	TRY(map_reduce(map, shift, rows, &reduced));
	text.map = reduced;
	out_init(&text.out, sink);
	text_caption(&text, caption);
	text_rows(&text);
	text_legend(&text);
	return out_finish(&text.out);
}
