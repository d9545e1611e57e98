/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flattened_image.h"
#include "kdump_opened.h"

#define PARTS_MAX 4

static const struct page *const pages = default_pages;

/* The pages of default_pages in [start, end) as a part of its own. */
static struct image build_part(struct recipe recipe, vmc_pfn start, vmc_pfn end)
{
	size_t first = 0, count = 0;

	for (size_t i = 0; i < DEFAULT_COUNT; i++) {
		first += pages[i].pfn < start;
		count += pages[i].pfn >= start && pages[i].pfn < end;
	}
	recipe.pages = pages + first;
	recipe.page_count = count;
	recipe.start_pfn = start;
	recipe.end_pfn = end;

	struct image image = image_build(&recipe);

	put_field(&image, FIELD_SPLIT, 1);
	return image;
}

struct set {
	struct scratch_file files[PARTS_MAX];
	const char *paths[PARTS_MAX];
	size_t count;
	struct opened opened; /* its file is none of ours */
};

static void set_add(struct set *set, const struct image *image)
{
	struct scratch_file *file = &set->files[set->count];

	scratch_file_create(file, image->bytes, image->size);
	set->paths[set->count++] = file->path;
}

static void set_add_part(struct set *set, vmc_pfn start, vmc_pfn end)
{
	const struct recipe recipe = {0};
	struct image image = build_part(recipe, start, end);

	set_add(set, &image);
	image_destroy(&image);
}

static void set_close(struct set *set)
{
	vmc_dump_cursor_destroy(set->opened.cursor);
	vmc_dump_close(set->opened.dump);
	for (size_t i = 0; i < set->count; i++)
		scratch_file_destroy(&set->files[i]);
	*set = (struct set){0};
}

static void set_open(struct set *set)
{
	succeed(vmc_dump_open_set(set->paths, set->count, NULL, &set->opened.dump));
	succeed(vmc_dump_cursor_create(set->opened.dump, &set->opened.cursor));
}

static void set_refuse(struct set *set, size_t named, const char *part)
{
	struct vmc_error *err = vmc_dump_open_set(set->paths, set->count, NULL, &set->opened.dump);

	assert_non_null(err);
	assert_non_null(strstr(vmc_error_message(err), set->paths[named]));
	fail_with(err, VMC_ERR_INVALID, part);
	set_close(set);
}

/* All pages, and runs that are those of a file that has them all. */
static void check_set(struct set *set)
{
	const struct recipe whole = {.pages = pages, .page_count = DEFAULT_COUNT};
	struct image image = image_build(&whole);
	struct vmc_dump_history history;
	struct opened opened;
	vmc_pfn from = 0;

	set_open(set);
	check_pages(&set->opened, pages, DEFAULT_COUNT);
	vmc_dump_history(set->opened.dump, &history);
	assert_false(history.split);
	assert_int_equal(vmc_dump_file_count(set->opened.dump), set->count);

	succeed(opened_try(&opened, &image, NULL));
	assert_int_equal(vmc_dump_end_pfn(set->opened.dump), vmc_dump_end_pfn(opened.dump));
	for (;;) {
		struct vmc_memory_run a = {0}, b = {0};
		bool more = vmc_dump_next_run(opened.dump, from, &a);

		assert_int_equal(vmc_dump_next_run(set->opened.dump, from, &b), more);
		assert_memory_equal(&a, &b, sizeof(a));
		if (!more)
			break;
		from = a.start + a.count;
	}
	opened_close(&opened);
	image_destroy(&image);
	set_close(set);
}

static void parts_in_any_order(void **state)
{
	struct set set = {0};

	(void)state;
	set_add_part(&set, 64, 128);
	set_add_part(&set, 128, 200);
	set_add_part(&set, 0, 64);
	check_set(&set);
	set_add_part(&set, 0, 2); /* a border between neighbours */
	set_add_part(&set, 2, 200);
	check_set(&set);
}

static void parts_without_pages(void **state)
{
	struct set set = {0};

	(void)state;
	set_add_part(&set, 200, 200);
	set_add_part(&set, 0, 200);
	set_add_part(&set, 200, 200);
	check_set(&set);
}

static void flattened_parts(void **state)
{
	const struct recipe recipe = {0};
	struct image part = build_part(recipe, 60, 200), flat = flat_build(&part, 1000);
	struct set set = {0};

	(void)state;
	set_add(&set, &flat);
	set_add_part(&set, 0, 60);
	check_set(&set);
	image_destroy(&flat);
	image_destroy(&part);
}

/* One alone has its own pages, and says so. */
static void one_part_alone(void **state)
{
	struct vmc_dump_history history;
	struct set set = {0};

	(void)state;
	set_add_part(&set, 60, 140);
	set_open(&set);
	vmc_dump_history(set.opened.dump, &history);
	assert_true(history.split);
	assert_int_equal(history.split_start, 60);
	assert_int_equal(history.split_end, 140);
	check_page(&set.opened, &pages[4]);
	fail_with(read_page(&set.opened, 2), VMC_ERR_NODATA, "another part of the split dump");
	set_close(&set);
}

static void sets_that_are_not_whole(void **state)
{
	struct set set = {0};

	(void)state;
	set_add_part(&set, 0, 64);
	set_add_part(&set, 100, 200);
	set_refuse(&set, 1, "with the pages 0x40 to 0x64 is missing");
	set_add_part(&set, 64, 100);
	set_add_part(&set, 100, 200);
	set_refuse(&set, 0, "with the pages 0x0 to 0x40 is missing");
	set_add_part(&set, 0, 64);
	set_add_part(&set, 64, 100);
	set_refuse(&set, 1, "with the pages 0x64 to 0xc8 is missing");
	set_add_part(&set, 0, 100);
	set_add_part(&set, 100, 200);
	set_add_part(&set, 0, 100);
	set_refuse(&set, 0, "are the same part of the split dump, or overlap");
	set_add_part(&set, 0, 110);
	set_add_part(&set, 100, 200);
	set_refuse(&set, 1, "or overlap");
	set_add_part(&set, 200, 200);
	set_add_part(&set, 200, 200);
	set_refuse(&set, 0, "with the pages 0x0 to 0xc8 is missing");
}

static void files_of_other_dumps(void **state)
{
	const struct recipe plain = {0}, other = {.machine = "aarch64"};
	struct image part = build_part(other, 100, 200), whole = image_build(&plain);
	struct set set = {0};

	(void)state;
	set_add_part(&set, 0, 100);
	set_add(&set, &part);
	set_refuse(&set, 1, "are parts of different dumps");
	set_add_part(&set, 0, 100);
	set_add(&set, &whole);
	set_refuse(&set, 1, "this is no part of a split dump");
	image_destroy(&whole);
	image_destroy(&part);
	fail_with(vmc_dump_open_set(NULL, 0, NULL, &set.opened.dump), VMC_ERR_INVALID, "no file");
}

/* The disk of one part was full: the others do not know. */
static void an_incomplete_part(void **state)
{
	const struct recipe recipe = {.status = KDUMP_STATUS_INCOMPLETE};
	struct image part = build_part(recipe, 0, 64);
	struct vmc_dump_history history;
	struct set set = {0};

	(void)state;
	put_descriptor(&part, 2, 0, 0, 0);
	set_add_part(&set, 64, 200);
	set_add(&set, &part);
	set_open(&set);
	vmc_dump_history(set.opened.dump, &history);
	assert_true(history.incomplete);
	check_page(&set.opened, &pages[1]);
	check_page(&set.opened, &pages[DEFAULT_COUNT - 1]);
	fail_with(read_page(&set.opened, pages[2].pfn), VMC_ERR_NODATA, "stopped before");
	set_close(&set);
	image_destroy(&part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_in_any_order),      cmocka_unit_test(parts_without_pages),
		cmocka_unit_test(flattened_parts),         cmocka_unit_test(one_part_alone),
		cmocka_unit_test(sets_that_are_not_whole), cmocka_unit_test(files_of_other_dumps),
		cmocka_unit_test(an_incomplete_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
