/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that was written by the test, and a window onto it. */
#ifndef VMCULL_TESTS_VIEW_H
#define VMCULL_TESTS_VIEW_H

#include "base/window.h"
#include "scratch_file.h"

#define PAGE ((size_t)4096)

struct view {
	struct scratch_file scratch;
	struct io_file *file;
	struct io_window *window;
};

static inline void view_open(struct view *view, uint64_t size, bool may_map)
{
	uint8_t page[PAGE];

	scratch_file_create(&view->scratch, NULL, size);
	for (uint64_t offset = 0; offset < size; offset += PAGE) {
		size_t n = size - offset < PAGE ? (size_t)(size - offset) : PAGE;

		scratch_fill(page, offset, n);
		scratch_file_write(&view->scratch, offset, page, n);
	}
	assert_null(io_file_open(view->scratch.path, &view->file));
	assert_null(io_window_create(view->file, may_map, &view->window));
}

static inline void view_close(struct view *view)
{
	io_window_destroy(view->window);
	io_file_close(view->file);
	scratch_file_destroy(&view->scratch);
}

static inline void assert_code(struct vmc_error *err, enum vmc_error_code code)
{
	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), code);
	vmc_error_free(err);
}

static inline void assert_content(struct io_window *window, uint64_t offset, size_t size)
{
	const void *bytes;

	assert_null(io_window_get(window, offset, size, &bytes));
	scratch_assert(bytes, offset, size);
	assert_null(io_window_check(window));
}

#endif
