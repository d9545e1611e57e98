/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pictures of physical memory by page state, from the ranges that an audit tells.
 *
 * A map divides the memory into cells, equal runs of pages that begin at multiples of their
 * length, and counts the pages of each state in each.  How long a cell is nobody has to know
 * beforehand: the map begins with cells of one page and makes them twice as long each time there
 * are too many rows.  Rows without memory cost nothing, neither here nor in a picture, where a
 * narrow gap stands for any number of them.
 *
 * All of this is an optional part of the build ("pictures"): without it each function that can fail
 * returns VMC_ERR_UNSUPPORTED.
 */
#ifndef VMCULL_PICTURE_H
#define VMCULL_PICTURE_H

#include <vmcull/audit.h>

/* Where the bytes of a picture go. */
struct vmc_sink {
	/* Returns false when it failed, with errno set. */
	bool (*write)(void *arg, const void *data, size_t size);
	void *arg;
};

/* What a picture says of its subject.  Texts may come from the dump, they are escaped; NULL and ""
 * are left out. */
struct vmc_caption {
	const char *title;   /* "vmcull audit" */
	const char *release; /* of the kernel */
	const char *machine;
	const char *file;
};

struct vmc_map;

/* 96 rows of 512 cells; 3.2 MiB. */
#define VMC_MAP_CELLS     49152
#define VMC_MAP_CELLS_MAX (1 << 20)

/* A map of at most @cells cells, for memory that ends at @end.  Refuses with VMC_ERR_LIMIT more
 * memory than has 64-bit addresses, and more than VMC_MAP_CELLS_MAX cells. */
VMC_API struct vmc_error *vmc_map_create(vmc_pfn end, uint32_t page_size, size_t cells,
					 struct vmc_map **ret_map) VMC_MUST_CHECK;
VMC_API void vmc_map_destroy(struct vmc_map *map);

/* Ranges come in order of pfns and do not overlap.  What is not told of is absent. */
VMC_API struct vmc_error *vmc_map_add(struct vmc_map *map,
				      const struct vmc_audit_range *range) VMC_MUST_CHECK;

/* What the marks at the edge call the zone of that index in ranges. */
VMC_API struct vmc_error *vmc_map_name_zone(struct vmc_map *map, unsigned int zone, int node,
					    const char *name) VMC_MUST_CHECK;

struct vmc_map_cell {
	vmc_pfn start;
	uint64_t count;                        /* pages, absent ones included */
	uint64_t pages[VMC_AUDIT_STATE_COUNT]; /* by state */
	int zone;                              /* of its first page that has one, or -1 */
};

/* By pfn; false from the end on.  There are no cells in rows without memory. */
VMC_API bool vmc_map_cell(const struct vmc_map *map, size_t index, struct vmc_map_cell *ret_cell);

VMC_API struct vmc_error *vmc_map_png(const struct vmc_map *map, const struct vmc_caption *caption,
				      const struct vmc_sink *sink) VMC_MUST_CHECK;

/* The same as vectors, with a tooltip for each run of equal cells.  Drawn with fewer cells where it
 * would exceed 2 MB otherwise. */
VMC_API struct vmc_error *vmc_map_svg(const struct vmc_map *map, const struct vmc_caption *caption,
				      const struct vmc_sink *sink) VMC_MUST_CHECK;

enum vmc_map_colors {
	VMC_MAP_PLAIN, /* ASCII: a letter a state */
	VMC_MAP_256,
	VMC_MAP_TRUECOLOR,
};

struct vmc_map_text_options {
	unsigned int columns; /* of the terminal; 0: 80 */
	unsigned int rows;    /* for the map, without caption and legend; 0: 32 */
	enum vmc_map_colors colors;
};

/* For a terminal.  @options may be NULL. */
VMC_API struct vmc_error *vmc_map_text(const struct vmc_map *map, const struct vmc_caption *caption,
				       const struct vmc_map_text_options *options,
				       const struct vmc_sink *sink) VMC_MUST_CHECK;

/* "#d55e00": the colour of a state in all pictures. */
VMC_API const char *vmc_audit_state_color(unsigned int state);

/*
 * A report: one page of HTML, without any other file, of all that an audit found, with a map that
 * can be looked into down to the single page.  Keeps up to VMC_REPORT_RANGES ranges (6.4 MB); when
 * there are more, mixed blocks of a power of two of pages become one range each, and the page says
 * so.
 */
struct vmc_report;

#define VMC_REPORT_RANGES 200000

/* @content: ranges will be split by it (split_content of struct vmc_audit_options), so that the map
 * can tell whether the content of a page is in the dump. */
VMC_API struct vmc_error *vmc_report_create(vmc_pfn end, uint32_t page_size, bool content,
					    struct vmc_report **ret_report) VMC_MUST_CHECK;
VMC_API void vmc_report_destroy(struct vmc_report *report);

/* As vmc_map_add(). */
VMC_API struct vmc_error *vmc_report_add(struct vmc_report *report,
					 const struct vmc_audit_range *range) VMC_MUST_CHECK;

/* @audit is the one that told the ranges, now complete. */
VMC_API struct vmc_error *vmc_report_html(const struct vmc_report *report,
					  const struct vmc_caption *caption,
					  const struct vmc_audit *audit,
					  const struct vmc_sink *sink) VMC_MUST_CHECK;

#endif
