/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump-compressed files that tests have generated, opened. */
#ifndef VMCULL_TESTS_OPENED_IMAGE_H
#define VMCULL_TESTS_OPENED_IMAGE_H

#include <stdlib.h>

#include "dump/dump.h"
#include "expect.h"
#include "kdump_image.h"
#include "scratch_file.h"

/* An image as a dump that is open, and a cursor. */
struct opened {
	struct scratch_file file;
	struct vmc_dump *dump;
	struct vmc_dump_cursor *cursor;
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

/* Reads a page whole, and in parts. */
static inline void check_page(struct opened *opened, const struct page *page)
{
	uint32_t size = opened->dump->page_size;
	_cleanup_free_ uint8_t *expected = malloc(size), *buffer = malloc(size);
	const void *bytes;

	page_fill(page, size, expected);
	succeed(dump_get_page(opened->cursor, page->pfn, buffer, &bytes));
	succeed(dump_check(opened->cursor));
	assert_memory_equal(bytes, expected, size);
	succeed(vmc_dump_read(opened->cursor, page->pfn * size + 100, buffer, 1000));
	assert_memory_equal(buffer, expected + 100, 1000);
}

static inline struct vmc_error *read_page(struct opened *opened, vmc_pfn pfn)
{
	uint32_t size = opened->dump->page_size;
	_cleanup_free_ uint8_t *buffer = malloc(size);

	return vmc_dump_read(opened->cursor, pfn * size, buffer, size);
}

#endif
