/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for src/audit/picture/ in builds without it. */
#include <vmcull/picture.h>

#include "base/error.h"

static struct vmc_error *without_pictures(void)
{
	return error_create(VMC_ERR_UNSUPPORTED,
			    "this build draws no pictures (VMCULL_WITH_PICTURES)");
}

struct vmc_error *vmc_map_create(vmc_pfn end, uint32_t page_size, size_t cells,
				 struct vmc_map **ret_map)
{
	(void)end;
	(void)page_size;
	(void)cells;
	(void)ret_map;
	return without_pictures();
}

void vmc_map_destroy(struct vmc_map *map)
{
	(void)map;
}

struct vmc_error *vmc_map_add(struct vmc_map *map, const struct vmc_audit_range *range)
{
	(void)map;
	(void)range;
	return without_pictures();
}

struct vmc_error *vmc_map_name_zone(struct vmc_map *map, unsigned int zone, int node,
				    const char *name)
{
	(void)map;
	(void)zone;
	(void)node;
	(void)name;
	return without_pictures();
}

bool vmc_map_cell(const struct vmc_map *map, size_t index, struct vmc_map_cell *ret_cell)
{
	(void)map;
	(void)index;
	(void)ret_cell;
	return false;
}

struct vmc_error *vmc_map_png(const struct vmc_map *map, const struct vmc_caption *caption,
			      const struct vmc_sink *sink)
{
	(void)map;
	(void)caption;
	(void)sink;
	return without_pictures();
}

struct vmc_error *vmc_map_svg(const struct vmc_map *map, const struct vmc_caption *caption,
			      const struct vmc_sink *sink)
{
	(void)map;
	(void)caption;
	(void)sink;
	return without_pictures();
}

struct vmc_error *vmc_map_text(const struct vmc_map *map, const struct vmc_caption *caption,
			       const struct vmc_map_text_options *options,
			       const struct vmc_sink *sink)
{
	(void)map;
	(void)caption;
	(void)options;
	(void)sink;
	return without_pictures();
}

const char *vmc_audit_state_color(unsigned int state)
{
	(void)state;
	return "#808080";
}

struct vmc_error *vmc_report_create(vmc_pfn end, uint32_t page_size, bool content,
				    struct vmc_report **ret_report)
{
	(void)end;
	(void)page_size;
	(void)content;
	(void)ret_report;
	return without_pictures();
}

void vmc_report_destroy(struct vmc_report *report)
{
	(void)report;
}

struct vmc_error *vmc_report_add(struct vmc_report *report, const struct vmc_audit_range *range)
{
	(void)report;
	(void)range;
	return without_pictures();
}

struct vmc_error *vmc_report_html(const struct vmc_report *report,
				  const struct vmc_caption *caption, const struct vmc_audit *audit,
				  const struct vmc_sink *sink)
{
	(void)report;
	(void)caption;
	(void)audit;
	(void)sink;
	return without_pictures();
}
