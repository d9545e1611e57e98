/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures as SVG. */
#include <stdio.h>

#include "audit/picture/out.h"
#include "audit/picture/pen.h"

#define SVG_BYTES_MAX 2000000

struct svg {
	struct pen pen;
	struct out out;
	bool named; /* in a group with a tooltip */
};

static struct svg *svg_of(struct pen *pen)
{
	return (void *)pen; /* its first member */
}

static void svg_rect(struct pen *pen, int x, int y, int width, int height, unsigned int color)
{
	struct svg *svg = svg_of(pen);

	out_format(&svg->out, "<path class=\"c%u\" d=\"M%d %dh%dv%dh-%dz\"/>\n", color, x, y, width,
		   height, width);
}

static void svg_text(struct pen *pen, int x, int y, int scale, const char *text, unsigned int color)
{
	struct svg *svg = svg_of(pen);

	if (!*text)
		return;
	/* As wide as the letters of the PNG, whatever font there is. */
	out_format(&svg->out, "<text class=\"c%u s%d\" x=\"%d\" y=\"%d\">", color, scale, x,
		   y + 7 * scale);
	out_xml(&svg->out, text);
	out_text(&svg->out, "</text>\n");
}

static void svg_tooltip(struct pen *pen, const char *text)
{
	struct svg *svg = svg_of(pen);

	if (svg->named)
		out_text(&svg->out, "</g>\n");
	svg->named = text;
	if (!text)
		return;
	out_text(&svg->out, "<g><title>");
	out_xml(&svg->out, text);
	out_text(&svg->out, "</title>");
}

static void svg_style(struct out *out)
{
	out_text(out,
		 "<style>path{shape-rendering:crispEdges}\n"
		 "text{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}\n"
		 ".s1{font-size:10px}.s2{font-size:19px}\n");
	for (unsigned int color = 0; color < COLOR_COUNT; color++) {
		if (color == VMC_AUDIT_ABSENT)
			out_format(out, ".c%u{fill:url(#absent)}", color);
		else
			out_format(out, ".c%u{fill:#%06x}", color, color_rgb(color));
	}
	out_format(
		out,
		"\n</style>\n<defs><pattern id=\"absent\" width=\"6\" height=\"6\" "
		"patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		"<path fill=\"#%06x\" d=\"M0 0h6v6h-6z\"/><path fill=\"#%06x\" d=\"M0 0h2v6h-2z\"/>"
		"</pattern></defs>\n",
		color_rgb(VMC_AUDIT_ABSENT), color_rgb(COLOR_HATCH));
}

static struct vmc_error *svg_write(const struct vmc_map *map, const struct vmc_caption *caption,
				   const struct vmc_sink *sink, uint64_t *ret_size)
{
	struct svg svg = {.pen = {.rect = svg_rect, .text = svg_text, .tooltip = svg_tooltip}};
	struct layout layout;

	out_init(&svg.out, sink);
	layout_init(&layout, map, caption);
	out_format(&svg.out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		   "viewBox=\"0 0 %d %d\" role=\"img\" "
		   "aria-label=\"Physical memory by page state\">\n",
		   layout.width, layout.height, layout.width, layout.height);
	svg_style(&svg.out);
	picture_draw(&layout, &svg.pen);
	out_text(&svg.out, "</svg>\n");
	*ret_size = svg.out.written;
	return out_finish(&svg.out);
}

struct vmc_error *vmc_map_svg(const struct vmc_map *map, const struct vmc_caption *caption,
			      const struct vmc_sink *sink)
{
	_cleanup_(vmc_map_destroy) struct vmc_map *reduced = NULL;
	unsigned int columns_shift = map->columns_shift;
	uint64_t size;

	TRY(svg_write(map, caption, NULL, &size));
	while (size > SVG_BYTES_MAX && columns_shift > 4) {
		vmc_map_destroy(reduced);
		reduced = NULL;
		TRY(map_reduce(map, --columns_shift, map->row_limit, &reduced));
		TRY(svg_write(reduced, caption, NULL, &size));
	}
	return svg_write(reduced ? reduced : map, caption, sink, &size);
}
