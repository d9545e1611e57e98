/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A built kdump-compressed file that is open, and what is expected of its pages. */
#ifndef VMCULL_TESTS_KDUMP_OPENED_H
#define VMCULL_TESTS_KDUMP_OPENED_H

/* cmocka.h goes before this file. */

#include "expect.h"
#include "kdump_image.h"

/* An image as a dump that is open, and a cursor. */
struct opened {
	struct scratch_file file;
	struct vmc_dump *dump;
	struct vmc_dump_cursor *cursor;
	vmc_pfn first; /* of the first bit of the bitmaps, from which pages are numbered below */
};

static inline struct vmc_error *opened_try(struct opened *opened, const struct image *image,
					   const struct vmc_dump_options *options)
{
	*opened = (struct opened){0};
	scratch_file_create(&opened->file, image->bytes, image->size);
	TRY(vmc_dump_open(opened->file.path, options, &opened->dump));
	return vmc_dump_cursor_create(opened->dump, &opened->cursor);
}

static inline void opened_close(struct opened *opened)
{
	vmc_dump_cursor_destroy(opened->cursor);
	vmc_dump_close(opened->dump);
	scratch_file_destroy(&opened->file);
}

static inline void expect_open_error(const struct image *image, enum vmc_error_code code,
				     const char *part)
{
	struct opened opened;

	fail_with(opened_try(&opened, image, NULL), code, part);
	opened_close(&opened);
}

/* Reads a page whole, and in parts. */
static inline void check_page(struct opened *opened, const struct page *page)
{
	uint32_t size = opened->dump->page_size;
	_cleanup_free_ uint8_t *expected = malloc(size), *buffer = malloc(size);
	const void *bytes;

	page_fill(page, size, expected);
	vmc_pfn pfn = opened->first + page->pfn;

	succeed(dump_get_page(opened->cursor, pfn, buffer, &bytes));
	succeed(dump_check(opened->cursor));
	assert_memory_equal(bytes, expected, size);
	succeed(vmc_dump_read(opened->cursor, pfn * size + 100, buffer, 1000));
	assert_memory_equal(buffer, expected + 100, 1000);
}

static inline void check_pages(struct opened *opened, const struct page *pages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_page(opened, &pages[i]);
	/* and in another order, so that caches are asked for what they no longer have */
	for (size_t i = 0; i < count; i++)
		check_page(opened, &pages[i * 7 % count]);
}

static inline struct vmc_error *read_page(struct opened *opened, vmc_pfn pfn)
{
	uint32_t size = opened->dump->page_size;
	_cleanup_free_ uint8_t *buffer = malloc(size);

	return vmc_dump_read(opened->cursor, pfn * size, buffer, size);
}

static inline void check_whole(const struct recipe *recipe, const struct vmc_dump_options *options)
{
	struct image image = image_build(recipe);
	const struct page *pages = recipe->pages ? recipe->pages : default_pages;
	struct opened opened;

	succeed(opened_try(&opened, &image, options));
	opened.first = recipe->first_pfn;
	check_pages(&opened, pages, recipe->pages ? recipe->page_count : DEFAULT_COUNT);
	opened_close(&opened);
	image_destroy(&image);
}

#endif
