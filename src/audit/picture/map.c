/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/picture/map.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"

static struct vmc_error *map_alloc(vmc_pfn end, uint32_t page_size, unsigned int columns_shift,
				   size_t row_limit, struct vmc_map **ret_map)
{
	_cleanup_(vmc_map_destroy) struct vmc_map *map = calloc(1, sizeof(*map));

	if (!map)
		return error_nomem();
	map->rows = calloc(row_limit, sizeof(*map->rows));
	if (!map->rows)
		return error_nomem();
	map->end = end;
	map->page_size = page_size;
	map->columns_shift = columns_shift;
	map->row_limit = row_limit;
	*ret_map = take_ptr(map);
	return NULL;
}

struct vmc_error *vmc_map_create(vmc_pfn end, uint32_t page_size, size_t cells,
				 struct vmc_map **ret_map)
{
	unsigned int columns_shift = MAP_COLUMNS_SHIFT;

	if (!is_power_of_two(page_size))
		return error_create(VMC_ERR_INVALID, "a page size of %u", page_size);
	if (!cells)
		return error_create(VMC_ERR_INVALID, "a map of no cells");
	if (cells > VMC_MAP_CELLS_MAX)
		return error_create(VMC_ERR_LIMIT, "a map of %zu cells, more than %d", cells,
				    VMC_MAP_CELLS_MAX);
	if (end && end - 1 > UINT64_MAX / page_size)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, end,
				       "memory ends above all addresses");
	while (columns_shift && (size_t)1 << columns_shift > cells)
		columns_shift--;
	return map_alloc(end, page_size, columns_shift, cells >> columns_shift, ret_map);
}

void vmc_map_destroy(struct vmc_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; map->rows && i < map->row_count; i++)
		free(map->rows[i].cells);
	free(map->rows);
	free(map->zones);
	free(map);
}

static void cell_merge(struct map_cell *cell, const struct map_cell *other)
{
	for (size_t state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		cell->pages[state] += other->pages[state];
	if (cell->zone < 0)
		cell->zone = other->zone;
}

/* Pairs of cells become one: the left or right half of a row of twice the length. */
static void row_halve(struct map_cell *to, const struct map_cell *from, size_t columns)
{
	for (size_t i = 0; i < columns; i += 2) {
		struct map_cell sum = from[i];

		if (i + 1 < columns)
			cell_merge(&sum, &from[i + 1]);
		to[i / 2] = sum;
	}
}

static void cells_clear(struct map_cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i] = (struct map_cell){.zone = -1};
}

/* Makes cells and rows twice as long.  With one cell a row there are no halves: rows merge. */
static void map_coarsen(struct vmc_map *map)
{
	size_t columns = (size_t)1 << map->columns_shift, half = columns / 2, used = 0;

	for (size_t i = 0; i < map->row_count; i++) {
		struct map_row *row = &map->rows[i];
		bool right = row->index & 1;

		row->index >>= 1;
		if (used && map->rows[used - 1].index == row->index) {
			struct map_row *left = &map->rows[used - 1];

			if (half)
				row_halve(left->cells + half, row->cells, columns);
			else
				cell_merge(left->cells, row->cells);
			free(row->cells);
			row->cells = NULL;
			continue;
		}
		if (half) {
			row_halve(row->cells, row->cells, columns);
			if (right)
				memcpy(row->cells + half, row->cells, half * sizeof(*row->cells));
			cells_clear(row->cells + (right ? 0 : half), half);
		}
		map->rows[used++] = *row;
	}
	map->row_count = used;
	map->cell_shift++;
}

/* Makes room for the rows from @first to the one of @last. */
static struct vmc_error *map_make_room(struct vmc_map *map, vmc_pfn first, vmc_pfn last)
{
	for (;;) {
		unsigned int shift = map_row_shift(map);
		uint64_t from = first >> shift, wanted = (last >> shift) - from + 1;
		const struct map_row *end = map->rows + map->row_count;

		if (map->row_count && end[-1].index == from)
			wanted--;
		if (wanted <= map->row_limit - map->row_count)
			return NULL;
		if (map->cell_shift == MAP_CELL_SHIFT_MAX)
			return error_create_at(VMC_ERR_LIMIT, ERROR_AT_PFN, last,
					       "more memory than a picture of %zu rows can show",
					       map->row_limit);
		map_coarsen(map);
	}
}

/* The row of that index, which is the last one or behind it. */
static struct vmc_error *map_last_row(struct vmc_map *map, uint64_t index, struct map_row **ret_row)
{
	size_t columns = (size_t)1 << map->columns_shift;

	if (!map->row_count || map->rows[map->row_count - 1].index != index) {
		struct map_row row = {index, calloc(columns, sizeof(*row.cells))};

		if (!row.cells)
			return error_nomem();
		cells_clear(row.cells, columns);
		assert(map->row_count < map->row_limit);
		map->rows[map->row_count++] = row;
	}
	*ret_row = &map->rows[map->row_count - 1];
	return NULL;
}

/* Adds pages from @start on to the last row, or a new one behind it; how many they are, at most
 * @count, is what the cell of @start has room for. */
static struct vmc_error *map_add_to_cell(struct vmc_map *map, vmc_pfn start, uint64_t count,
					 unsigned int state, int zone, uint64_t *ret_added)
{
	uint64_t cell = start >> map->cell_shift, size = 1ULL << map->cell_shift;
	uint64_t added = min_u64(count, size - (start & (size - 1)));
	struct map_row *row;

	TRY(map_last_row(map, cell >> map->columns_shift, &row));

	struct map_cell *to = &row->cells[cell & ((1ULL << map->columns_shift) - 1)];

	to->pages[state] += (uint32_t)added;
	if (to->zone < 0)
		to->zone = (int16_t)zone;
	*ret_added = added;
	return NULL;
}

static struct vmc_error *map_fill(struct vmc_map *map, vmc_pfn start, uint64_t count,
				  unsigned int state, int zone)
{
	TRY(map_make_room(map, start, start + count - 1));
	while (count) {
		uint64_t added;

		TRY(map_add_to_cell(map, start, count, state, zone, &added));
		start += added;
		count -= added;
	}
	return NULL;
}

unsigned int map_state(unsigned int state)
{
	if (state == VMC_PAGE_OFFLINE_SECTION)
		return VMC_PAGE_OFFLINE;
	return state < VMC_AUDIT_STATE_COUNT ? state : VMC_PAGE_UNKNOWN;
}

struct vmc_error *vmc_map_add(struct vmc_map *map, const struct vmc_audit_range *range)
{
	unsigned int state = map_state(range->state);
	uint64_t end;

	if (!checked_add(range->start, range->count, &end) || end > map->end)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_PFN, range->start,
				       "a range of 0x%llx pages leaves the map",
				       (unsigned long long)range->count);
	if (range->start < map->next)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_PFN, range->start,
				       "ranges of a map are not in order");
	if (!range->count)
		return NULL;
	if (state != VMC_AUDIT_ABSENT) {
		int zone = range->zone < MAP_ZONES ? range->zone : -1;

		TRY(map_fill(map, range->start, range->count, state, zone));
	}
	map->totals[state] += range->count;
	map->next = end;
	return NULL;
}

struct vmc_error *vmc_map_name_zone(struct vmc_map *map, unsigned int zone, int node,
				    const char *name)
{
	if (zone >= MAP_ZONES)
		return error_create(VMC_ERR_LIMIT, "zone %u is over the limit of %d", zone,
				    MAP_ZONES);
	TRY(grow_array((void **)&map->zones, &map->zone_capacity, zone + 1, sizeof(*map->zones)));
	while (map->zone_count <= zone)
		map->zones[map->zone_count++] = (struct map_zone){.node = -1};

	struct map_zone *to = &map->zones[zone];

	to->node = node;
	snprintf(to->name, sizeof(to->name), "%s", name);
	return NULL;
}

const struct map_zone *map_zone(const struct vmc_map *map, int zone)
{
	if (zone < 0 || (size_t)zone >= map->zone_count || !*map->zones[zone].name)
		return NULL;
	return &map->zones[zone];
}

void map_cell_pages(const struct vmc_map *map, const struct map_cell *cell,
		    uint64_t ret_pages[VMC_AUDIT_STATE_COUNT])
{
	uint64_t absent = 1ULL << map->cell_shift;

	for (size_t state = 0; state < VMC_PAGE_STATE_COUNT; state++) {
		ret_pages[state] = cell->pages[state];
		absent -= cell->pages[state];
	}
	ret_pages[VMC_AUDIT_ABSENT] = absent;
}

bool vmc_map_cell(const struct vmc_map *map, size_t index, struct vmc_map_cell *ret_cell)
{
	size_t row = index >> map->columns_shift;
	size_t column = index & (((size_t)1 << map->columns_shift) - 1);

	if (row >= map->row_count)
		return false;

	const struct map_cell *cell = &map->rows[row].cells[column];

	ret_cell->start = (map->rows[row].index << map_row_shift(map)) +
			  ((uint64_t)column << map->cell_shift);
	ret_cell->count = 1ULL << map->cell_shift;
	ret_cell->zone = cell->zone;
	map_cell_pages(map, cell, ret_cell->pages);
	return true;
}

/* Cells of @map go whole into those of @to, which are as long or longer. */
static struct vmc_error *map_add_row(struct vmc_map *to, const struct vmc_map *map,
				     const struct map_row *row)
{
	for (size_t i = 0; i < (size_t)1 << map->columns_shift; i++) {
		vmc_pfn start =
			(row->index << map_row_shift(map)) + ((uint64_t)i << map->cell_shift);
		const struct map_cell *cell = &row->cells[i];
		struct map_row *last;
		uint64_t pages[VMC_AUDIT_STATE_COUNT];

		map_cell_pages(map, cell, pages);
		if (pages[VMC_AUDIT_ABSENT] == 1ULL << map->cell_shift)
			continue;
		TRY(map_make_room(to, start, start));

		uint64_t index = start >> to->cell_shift;

		TRY(map_last_row(to, index >> to->columns_shift, &last));
		cell_merge(&last->cells[index & ((1ULL << to->columns_shift) - 1)], cell);
	}
	return NULL;
}

struct vmc_error *map_reduce(const struct vmc_map *map, unsigned int columns_shift,
			     size_t row_limit, struct vmc_map **ret_map)
{
	_cleanup_(vmc_map_destroy) struct vmc_map *to = NULL;

	TRY(map_alloc(map->end, map->page_size, columns_shift, row_limit, &to));
	to->cell_shift = map->cell_shift;
	to->next = map->next;
	memcpy(to->totals, map->totals, sizeof(to->totals));
	for (size_t i = 0; i < map->zone_count; i++)
		TRY(vmc_map_name_zone(to, (unsigned int)i, map->zones[i].node, map->zones[i].name));
	for (size_t i = 0; i < map->row_count; i++)
		TRY(map_add_row(to, map, &map->rows[i]));
	*ret_map = take_ptr(to);
	return NULL;
}
