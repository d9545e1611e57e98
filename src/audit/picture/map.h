/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cells behind all pictures. */
#ifndef VMCULL_AUDIT_PICTURE_MAP_H
#define VMCULL_AUDIT_PICTURE_MAP_H

#include <vmcull/picture.h>

#include "base/error.h"

/* A cell is a power of two of pages, a row a power of two of cells. */
#define MAP_COLUMNS_SHIFT 9

/* So that counts of a cell fit 32 bits. */
#define MAP_CELL_SHIFT_MAX 31

/* No machine has 1024 nodes of all its six types of zones. */
#define MAP_ZONES 6144

struct map_cell {
	uint32_t pages[VMC_PAGE_STATE_COUNT]; /* those of no state are absent */
	int16_t zone;
};

struct map_row {
	uint64_t index; /* first pfn >> row shift */
	struct map_cell *cells;
};

struct map_zone {
	int node;
	char name[16];
};

struct vmc_map {
	vmc_pfn end;
	uint32_t page_size;
	unsigned int columns_shift; /* cells of a row */
	unsigned int cell_shift;    /* pages of a cell */
	size_t row_limit;
	size_t row_count;
	struct map_row *rows; /* by index, those that have memory */
	vmc_pfn next;         /* end of the last range */
	uint64_t totals[VMC_AUDIT_STATE_COUNT];
	struct map_zone *zones;
	size_t zone_count, zone_capacity;
};

DEFINE_CLEANUP(struct vmc_map *, vmc_map_destroy);

/* The same memory with no more columns and rows than that, both as powers of two or less. */
struct vmc_error *map_reduce(const struct vmc_map *map, unsigned int columns_shift,
			     size_t row_limit, struct vmc_map **ret_map) VMC_MUST_CHECK;

static inline unsigned int map_row_shift(const struct vmc_map *map)
{
	return map->cell_shift + map->columns_shift;
}

/* All pages of the cell, @ret_pages with the absent ones. */
void map_cell_pages(const struct vmc_map *map, const struct map_cell *cell,
		    uint64_t ret_pages[VMC_AUDIT_STATE_COUNT]);

/* NULL when nothing is known of it. */
const struct map_zone *map_zone(const struct vmc_map *map, int zone);

/* The state a range is drawn as. */
unsigned int map_state(unsigned int state);

#endif
