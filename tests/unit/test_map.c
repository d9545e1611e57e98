/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vmcull/picture.h>

#include "bytes_sink.h"
#include "expect.h"

#ifdef HAVE_PICTURES

#include "audit/picture/font.h"
#include "audit/picture/map.h"
#include "audit/picture/palette.h"
#include "png.h"

static const struct vmc_caption caption = {"t", "6.1 <&\">\xff\33[2J", "x86_64", "a \xc3\xa9 file"};

static struct vmc_map *make_map(vmc_pfn end, size_t cells)
{
	struct vmc_map *map;

	succeed(vmc_map_create(end, 4096, cells, &map));
	return map;
}

static void add(struct vmc_map *map, vmc_pfn start, uint64_t count, unsigned int state, int zone)
{
	const struct vmc_audit_range range = {
		.start = start, .count = count, .state = state, .zone = zone};

	succeed(vmc_map_add(map, &range));
}

/* A machine of @pages with a hole of as many, in two zones, each state often. */
static struct vmc_map *make_machine(uint64_t pages, uint64_t *ret_added)
{
	struct vmc_map *map = make_map(2 * pages, VMC_MAP_CELLS);
	uint64_t seed = 1;

	succeed(vmc_map_name_zone(map, 0, 0, "DMA32"));
	succeed(vmc_map_name_zone(map, 1, 1, "Normal"));
	memset(ret_added, 0, VMC_AUDIT_STATE_COUNT * sizeof(*ret_added));
	for (vmc_pfn pfn = 0; pfn < pages;) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

		unsigned int state = (seed >> 33) % VMC_PAGE_STATE_COUNT;
		uint64_t count = 1 + (seed >> 40) % (pages / 1000);
		bool low = pfn < pages / 2;

		count = count < pages - pfn ? count : pages - pfn;
		add(map, low ? pfn : pfn + pages, count, state, low ? 0 : 1);
		ret_added[map_state(state)] += count;
		pfn += count;
	}
	return map;
}

static void expect_sums(const struct vmc_map *map, const uint64_t added[VMC_AUDIT_STATE_COUNT])
{
	uint64_t sums[VMC_AUDIT_STATE_COUNT] = {0};
	struct vmc_map_cell cell;
	vmc_pfn end = 0;

	for (size_t i = 0; vmc_map_cell(map, i, &cell); i++) {
		uint64_t all = 0;

		assert_true(cell.start >= end);
		end = cell.start + cell.count;
		for (size_t state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
			sums[state] += cell.pages[state];
			all += cell.pages[state];
		}
		assert_int_equal(all, cell.count);
	}
	for (size_t state = 0; state < VMC_PAGE_STATE_COUNT; state++)
		assert_int_equal(sums[state], added[state]);
}

static void test_cells_sum_to_all_pages(void **state)
{
	static const uint64_t sizes[] = {65536, 262144, 1000003, 1ULL << 28};
	static const struct {
		unsigned int columns_shift;
		size_t rows;
	} reductions[] = {{6, 24}, {0, 24}, {9, 1}, {0, 1}, {4, 7}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint64_t added[VMC_AUDIT_STATE_COUNT];
		struct vmc_map *map = make_machine(sizes[i], added);

		expect_sums(map, added);
		for (size_t j = 0; j < sizeof(reductions) / sizeof(*reductions); j++) {
			struct vmc_map *reduced;

			succeed(map_reduce(map, reductions[j].columns_shift, reductions[j].rows,
					   &reduced));
			assert_true(reduced->row_count <= reductions[j].rows);
			expect_sums(reduced, added);
			vmc_map_destroy(reduced);
		}
		vmc_map_destroy(map);
	}
}

/* Cells are where their pages are, also after they became longer many times. */
static void test_cells_keep_their_place(void **state)
{
	struct vmc_map *map = make_map(1 << 20, 64);
	struct vmc_map_cell cell;
	size_t found = 0;

	(void)state;
	for (vmc_pfn pfn = 0; pfn < 1 << 20; pfn += 4096)
		add(map, pfn, 1, pfn % 65536 ? VMC_PAGE_FREE : VMC_PAGE_ANON, (int)(pfn >> 18));
	for (size_t i = 0; vmc_map_cell(map, i, &cell); i++) {
		uint64_t anon = 0, all = 0;

		for (vmc_pfn pfn = cell.start; pfn < cell.start + cell.count; pfn++) {
			anon += pfn % 65536 == 0;
			all += pfn % 4096 == 0;
		}
		assert_int_equal(cell.pages[VMC_PAGE_ANON], anon);
		assert_int_equal(cell.pages[VMC_PAGE_FREE], all - anon);
		assert_int_equal(cell.zone, cell.start >> 18);
		found += all;
	}
	assert_int_equal(found, (1 << 20) / 4096);
	vmc_map_destroy(map);
}

static void test_huge_span_costs_nothing(void **state)
{
	struct vmc_map *map = make_map(1ULL << 52, VMC_MAP_CELLS);
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);
	struct png png = {0};

	(void)state;
	add(map, 5, 1, VMC_PAGE_UNKNOWN, -1);
	add(map, 6, (1ULL << 40) - 6, VMC_AUDIT_ABSENT, -1);
	add(map, 1ULL << 40, 1, VMC_PAGE_ANON, -1);
	add(map, (1ULL << 52) - 1, 1, VMC_PAGE_HWPOISON, -1);
	assert_int_equal(map->row_count, 3);
	assert_int_equal(map->cell_shift, 0);
	succeed(vmc_map_png(map, &caption, &sink));
	png_read(&png, (uint8_t *)bytes.data, bytes.size);
	assert_in_range(png.height, 100, 1000);
	free(png.pixels);
	bytes_free(&bytes);
	succeed(vmc_map_text(map, &caption, NULL, &sink));
	assert_non_null(strstr(bytes.data, "no memory: 16.0 EiB"));
	bytes_free(&bytes);
	vmc_map_destroy(map);
}

static void test_absurd_sizes_are_refused(void **state)
{
	struct vmc_map *map;
	struct vmc_audit_range range = {.count = 1ULL << 50, .zone = -1};
	struct vmc_map_text_options options = {.columns = 1000000, .rows = UINT32_MAX};
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	fail_with(vmc_map_create((1ULL << 52) + 1, 4096, 512, &map), VMC_ERR_LIMIT, "above");
	fail_with(vmc_map_create(UINT64_MAX, 65536, 512, &map), VMC_ERR_LIMIT, "above");
	fail_with(vmc_map_create(1, 4096, VMC_MAP_CELLS_MAX + 1, &map), VMC_ERR_LIMIT, "cells");
	fail_with(vmc_map_create(1, 4096, 0, &map), VMC_ERR_INVALID, "no cells");
	fail_with(vmc_map_create(1, 4095, 512, &map), VMC_ERR_INVALID, "4095");
	map = make_map(1ULL << 52, VMC_MAP_CELLS);
	fail_with(vmc_map_add(map, &range), VMC_ERR_LIMIT, "96 rows");
	succeed(vmc_map_text(map, &caption, &options, &sink));
	assert_in_range(bytes.size, 100, 10000);
	bytes_free(&bytes);
	fail_with(vmc_map_name_zone(map, MAP_ZONES, 0, "x"), VMC_ERR_LIMIT, "zone");
	vmc_map_destroy(map);
}

static void test_order_of_ranges(void **state)
{
	struct vmc_map *map = make_map(100, VMC_MAP_CELLS);
	struct vmc_audit_range range = {.start = 9, .count = 10, .zone = -1};

	(void)state;
	add(map, 0, 10, VMC_PAGE_FREE, -1);
	fail_with(vmc_map_add(map, &range), VMC_ERR_INVALID, "order");
	range.start = 95;
	fail_with(vmc_map_add(map, &range), VMC_ERR_INVALID, "leaves");
	range.count = UINT64_MAX;
	fail_with(vmc_map_add(map, &range), VMC_ERR_INVALID, "leaves");
	vmc_map_destroy(map);
}

static size_t count_color(const struct png *png, unsigned int color)
{
	size_t count = 0;

	for (size_t i = 0; i < (size_t)png->width * png->height; i++)
		count += png->pixels[i] == color;
	return count;
}

/* One page of 2^28 that matters can be seen. */
static void test_rare_states_never_vanish(void **state)
{
	static const unsigned int rare[] = {VMC_PAGE_UNKNOWN, VMC_PAGE_UNACCEPTED, VMC_PAGE_OFFLINE,
					    VMC_PAGE_HWPOISON};
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct vmc_map *map = make_map(1 << 28, VMC_MAP_CELLS);
		struct png png = {0};

		add(map, 0, 1 << 27, VMC_PAGE_ANON, 0);
		add(map, 1 << 27, 1, i < 4 ? rare[i] : VMC_PAGE_SLAB, 0);
		add(map, (1 << 27) + 1, (1 << 27) - 1, VMC_PAGE_ANON, 0);
		succeed(vmc_map_png(map, &caption, &sink));
		png_read(&png, (uint8_t *)bytes.data, bytes.size);
		/* The legend has 20 times 16 of each. */
		if (i < 4)
			assert_true(count_color(&png, rare[i]) >= 320 + 4);
		else
			assert_int_equal(count_color(&png, VMC_PAGE_SLAB), 320);
		assert_true(count_color(&png, VMC_PAGE_ANON) > 400000);
		free(png.pixels);
		bytes_free(&bytes);
		succeed(vmc_map_text(map, &caption, NULL, &sink));
		/* A character of its own in the map, and one in the legend. */
		const char letter[] = {i < 4 ? "?UOX"[i] : 'X', 'a', 0};

		assert_int_equal(bytes_count(&bytes, letter), i < 4);
		bytes_free(&bytes);
		vmc_map_destroy(map);
	}
}

static void test_shares(void **state)
{
	uint64_t pages[VMC_AUDIT_STATE_COUNT] = {0};
	unsigned int units[VMC_AUDIT_STATE_COUNT];

	(void)state;
	pages[VMC_PAGE_ANON] = 3;
	pages[VMC_PAGE_FREE] = 1;
	share_out(pages, 8, 2, units);
	assert_int_equal(units[VMC_PAGE_ANON], 6);
	assert_int_equal(units[VMC_PAGE_FREE], 2);
	pages[VMC_PAGE_ANON] = 1ULL << 40;
	pages[VMC_PAGE_HWPOISON] = pages[VMC_PAGE_UNKNOWN] = pages[VMC_PAGE_OFFLINE] =
		pages[VMC_PAGE_UNACCEPTED] = 1;
	share_out(pages, 8, 2, units);
	assert_int_equal(units[VMC_PAGE_HWPOISON], 2);
	assert_int_equal(units[VMC_PAGE_UNKNOWN], 2);
	assert_int_equal(units[VMC_PAGE_ANON], 0);
	share_out(pages, 20, 2, units);
	assert_int_equal(units[VMC_PAGE_ANON], 12);
}

static void test_svg(void **state)
{
	static const uint64_t sizes[] = {262144, 1ULL << 28};
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint64_t added[VMC_AUDIT_STATE_COUNT];
		struct vmc_map *map = make_machine(sizes[i], added);

		succeed(vmc_map_svg(map, &caption, &sink));
		assert_in_range(bytes.size, 10000, 2000000);
		assert_non_null(strstr(bytes.data, "<title>pfn 0x0-0x"));
		assert_non_null(strstr(bytes.data, "node 1: Normal"));
		assert_non_null(
			strstr(bytes.data, "6.1 &lt;&amp;&quot;&gt;\xef\xbf\xbd\xef\xbf\xbd[2J"));
		assert_non_null(strstr(bytes.data, "a \xc3\xa9 file"));
		assert_int_equal(bytes_count(&bytes, "<g>"), bytes_count(&bytes, "</g>"));
		bytes_free(&bytes);
		vmc_map_destroy(map);
	}
}

static void test_text(void **state)
{
	struct vmc_map *map = make_map(1024, VMC_MAP_CELLS);
	struct vmc_map_text_options options = {.columns = 17, .rows = 2};
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	succeed(vmc_map_name_zone(map, 0, 0, "DMA"));
	add(map, 0, 128, VMC_PAGE_KERNEL, 0);
	add(map, 128, 128, VMC_PAGE_FREE, 0);
	add(map, 768, 255, VMC_PAGE_ANON, 0);
	add(map, 1023, 1, VMC_PAGE_HWPOISON, 0);
	succeed(vmc_map_text(map, &caption, &options, &sink));
	assert_non_null(strstr(bytes.data, "     0x0 kkkk....  node 0: DMA\n"
					   "         --- no memory: 2 MiB ---\n"
					   "0x300000 aaaaaaaX\n"));
	assert_non_null(strstr(bytes.data, "6.1 <&\">??[2J"));
	assert_null(strchr(bytes.data, '\33'));
	bytes_free(&bytes);
	options.colors = VMC_MAP_TRUECOLOR;
	succeed(vmc_map_text(map, &caption, &options, &sink));
	assert_non_null(strstr(bytes.data, "\33[97;48;2;227;0;27mX\33[0m"));
	bytes_free(&bytes);
	options.colors = VMC_MAP_256;
	succeed(vmc_map_text(map, &caption, &options, &sink));
	assert_non_null(strstr(bytes.data, "\33[97;48;5;160mX\33[0m"));
	bytes_free(&bytes);
	vmc_map_destroy(map);
}

static void test_sink_that_fails(void **state)
{
	uint64_t added[VMC_AUDIT_STATE_COUNT];
	struct vmc_map *map = make_machine(262144, added);
	struct bytes bytes = {.limit = 9000};
	struct vmc_sink sink = bytes_sink(&bytes);

	(void)state;
	fail_with(vmc_map_svg(map, &caption, &sink), VMC_ERR_SYSTEM, "No space");
	bytes_free(&bytes);
	bytes.limit = 4000;
	fail_with(vmc_map_png(map, &caption, &sink), VMC_ERR_SYSTEM, "No space");
	bytes_free(&bytes);
	vmc_map_destroy(map);
}

static void test_no_memory_at_all(void **state)
{
	struct vmc_map *map = make_map(0, VMC_MAP_CELLS);
	struct bytes bytes = {0};
	struct vmc_sink sink = bytes_sink(&bytes);
	struct png png = {0};

	(void)state;
	succeed(vmc_map_png(map, &caption, &sink));
	png_read(&png, (uint8_t *)bytes.data, bytes.size);
	free(png.pixels);
	succeed(vmc_map_svg(map, &caption, &sink));
	succeed(vmc_map_text(map, &caption, NULL, &sink));
	bytes_free(&bytes);
	vmc_map_destroy(map);
}

/* No two letters look the same, and none is empty but the space. */
static void test_font(void **state)
{
	(void)state;
	for (char a = ' '; a <= '~'; a++) {
		for (char b = (char)(a + 1); b <= '~'; b++)
			assert_memory_not_equal(font_glyph(a), font_glyph(b), FONT_HEIGHT);
		for (size_t i = 0; i < FONT_HEIGHT; i++)
			assert_true(font_glyph(a)[i] < 1 << FONT_WIDTH);
	}
	assert_ptr_equal(font_glyph('\x80'), font_glyph('?'));
	assert_ptr_equal(font_glyph('\n'), font_glyph('?'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells_sum_to_all_pages),
		cmocka_unit_test(test_cells_keep_their_place),
		cmocka_unit_test(test_huge_span_costs_nothing),
		cmocka_unit_test(test_absurd_sizes_are_refused),
		cmocka_unit_test(test_order_of_ranges),
		cmocka_unit_test(test_rare_states_never_vanish),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_sink_that_fails),
		cmocka_unit_test(test_no_memory_at_all),
		cmocka_unit_test(test_font),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_without_pictures(void **state)
{
	struct vmc_map *map;

	(void)state;
	fail_with(vmc_map_create(1, 4096, 1, &map), VMC_ERR_UNSUPPORTED, "pictures");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_pictures)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
