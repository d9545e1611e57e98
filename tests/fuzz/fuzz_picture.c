/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps and the page of HTML: texts that a dump may have (each up to a NUL), then ranges of pages.
 * No text makes markup, whatever is in it; a PNG can be read; a terminal gets what it may have.
 */
#include <stdio.h>

#include "fuzz_input.h"
/* The headers of unit tests need it first. */
#define assert_memory_equal(a, b, size) fuzz_require(!memcmp(a, b, size))
#include "fake_audit.h"
#include "png.h"

#include <vmcull/picture.h>

#define RANGES_MAX 256
#define TEXTS      6

struct shown {
	const char *texts[TEXTS];
	struct fuzz_input ranges;
	uint32_t page_size;
	vmc_pfn end;
};

struct bytes {
	char *data;
	size_t size, capacity;
};

static bool bytes_write(void *arg, const void *data, size_t size)
{
	struct bytes *bytes = arg;

	if (size > bytes->capacity - bytes->size) {
		bytes->capacity = 2 * (bytes->capacity + size);
		bytes->data = realloc(bytes->data, bytes->capacity);
		fuzz_require(bytes->data);
	}
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	return true;
}

static struct vmc_sink bytes_sink(struct bytes *bytes)
{
	return (struct vmc_sink){bytes_write, bytes};
}

static struct vmc_caption caption_of(const struct shown *shown)
{
	return (struct vmc_caption){shown->texts[0], shown->texts[1], shown->texts[2],
				    shown->texts[3]};
}

/* The next range of the input, behind *next. */
static bool range_next(struct fuzz_input *input, vmc_pfn *next, struct vmc_audit_range *range)
{
	uint64_t gap = 0, count = 0;

	if (!input->left)
		return false;
	*range = (struct vmc_audit_range){.state = fuzz_byte(input) % VMC_AUDIT_STATE_COUNT};
	fuzz_bytes(input, &gap, fuzz_byte(input) % 8);
	fuzz_bytes(input, &count, fuzz_byte(input) % 8);
	range->order = range->state == VMC_PAGE_FREE ? fuzz_byte(input) % VMC_ORDERS : 0;
	range->zone = (int)(fuzz_byte(input) % 3) - 1;
	range->content = fuzz_byte(input) & 1;
	range->start = *next + gap;
	range->count = count;
	*next = range->start + range->count;
	return true;
}

static void audit_make(struct vmc_audit *audit, const struct shown *shown)
{
	memset(audit, 0, sizeof(*audit));
	fake_zone(audit, 0, "", 1);
	fake_zone(audit, 1, "Normal", 4096);
	snprintf(audit->zones[0].name, sizeof(audit->zones[0].name), "%s", shown->texts[5]);
	fake_findings(audit);
	snprintf(audit->findings[0].message, sizeof(audit->findings[0].message), "%s",
		 shown->texts[4]);
}

/* Returns an empty text where there is no such report. */
static struct bytes html_make(const struct shown *shown)
{
	static struct vmc_audit audit;
	struct vmc_caption caption = caption_of(shown);
	struct fuzz_input input = shown->ranges;
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);
	struct vmc_audit_range range;
	struct vmc_report *report;
	vmc_pfn next = 0;

	audit_make(&audit, shown);
	if (fuzz_failed(vmc_report_create(shown->end, shown->page_size, true, &report)))
		return bytes;
	for (unsigned int i = 0; i < RANGES_MAX && range_next(&input, &next, &range); i++) {
		if (!fuzz_failed(vmc_report_add(report, &range)))
			fake_count(&audit, &range);
	}
	fuzz_failed(vmc_report_html(report, &caption, &audit, &sink));
	vmc_report_destroy(report);
	return bytes;
}

static struct vmc_map *map_make(const struct shown *shown, size_t cells)
{
	struct fuzz_input input = shown->ranges;
	struct vmc_audit_range range;
	struct vmc_map *map;
	vmc_pfn next = 0;

	if (fuzz_failed(vmc_map_create(shown->end, shown->page_size, cells, &map)))
		return NULL;
	fuzz_failed(vmc_map_name_zone(map, 0, 0, shown->texts[5]));
	fuzz_failed(vmc_map_name_zone(map, 1, 1, "Normal"));
	for (unsigned int i = 0; i < RANGES_MAX && range_next(&input, &next, &range); i++)
		fuzz_failed(vmc_map_add(map, &range));
	return map;
}

static struct bytes svg_make(const struct shown *shown)
{
	struct vmc_caption caption = caption_of(shown);
	struct vmc_map *map = map_make(shown, 1024);
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	if (map)
		fuzz_failed(vmc_map_svg(map, &caption, &sink));
	vmc_map_destroy(map);
	return bytes;
}

static size_t count_of(const struct bytes *bytes, char c)
{
	const char *at = bytes->data, *end = at ? at + bytes->size : NULL;
	size_t count = 0;

	for (; at && (at = memchr(at, c, (size_t)(end - at))); at++)
		count++;
	return count;
}

/* As much markup as with texts that have none. */
static void compare_markup(struct bytes bytes, struct bytes plain)
{
	fuzz_require(count_of(&bytes, '<') == count_of(&plain, '<'));
	fuzz_require(count_of(&bytes, '>') == count_of(&plain, '>'));
	for (size_t i = 0; i < bytes.size; i++)
		fuzz_require((uint8_t)bytes.data[i] >= ' ' || bytes.data[i] == '\n' ||
			     bytes.data[i] == '\t');
	free(bytes.data);
	free(plain.data);
}

static void png_check(const struct vmc_map *map, const struct shown *shown)
{
	struct vmc_caption caption = caption_of(shown);
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);
	struct png png = {0};

	if (fuzz_failed(vmc_map_png(map, &caption, &sink)))
		return;
	png_read(&png, (const uint8_t *)bytes.data, bytes.size);
	free(png.pixels);
	free(bytes.data);
}

static void text_check(const struct vmc_map *map, const struct shown *shown)
{
	const struct vmc_map_text_options options = {.columns = shown->page_size >> 10 & 0x7f,
						     .rows = shown->end & 15};
	struct vmc_caption caption = caption_of(shown);
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	if (!fuzz_failed(vmc_map_text(map, &caption, &options, &sink))) {
		for (size_t i = 0; i < bytes.size; i++)
			fuzz_require((uint8_t)bytes.data[i] >= ' ' || bytes.data[i] == '\n');
	}
	free(bytes.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shown shown = {.ranges = fuzz_input(data, size)}, plain;
	struct vmc_map *map;
	uint8_t form;

	form = fuzz_byte(&shown.ranges);
	shown.page_size = 4096u << form % 5;
	fuzz_bytes(&shown.ranges, &shown.end, fuzz_byte(&shown.ranges) % 8);
	for (size_t i = 0; i < TEXTS; i++)
		shown.texts[i] = fuzz_text(&shown.ranges);
	plain = shown;
	for (size_t i = 0; i < TEXTS; i++)
		plain.texts[i] = shown.texts[i][0] ? "x" : "";
	/* One form a run: a picture is large. */
	if (form & 0x80) {
		compare_markup(html_make(&shown), html_make(&plain));
	} else if (form & 0x40) {
		compare_markup(svg_make(&shown), svg_make(&plain));
	} else {
		map = map_make(&shown, 1024);
		if (map && form == 0x3f) /* the slowest by far */
			png_check(map, &shown);
		else if (map)
			text_check(map, &shown);
		vmc_map_destroy(map);
	}
	for (size_t i = 0; i < TEXTS; i++)
		free((char *)shown.texts[i]);
	return 0;
}
