/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/window.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "base/sigbus.h"

/*
 * A map starts at a multiple of MAP_STEP, which every host page size divides, and is long enough
 * that whatever starts in its first MAP_STEP bytes lies in it whole.
 */
#define MAP_STEP ((uint64_t)2 << 20)
#define MAP_SIZE ((uint64_t)4 << 20)

_Static_assert(MAP_STEP + IO_WINDOW_MAX <= MAP_SIZE, "a request must fit into one map");

struct io_window {
	struct io_file *file;
	struct sigbus_slot *slot; /* NULL: never map */

	uint8_t *map; /* NULL: none */
	vmc_foff map_offset;
	size_t map_size;

	uint8_t *buffer; /* for pread(); grows to what was asked for */
	size_t buffer_size;

	vmc_foff last_offset; /* of the last io_window_get() */
	size_t last_size;
};

struct vmc_error *io_window_create(struct io_file *file, bool may_map,
				   struct io_window **ret_window)
{
	struct io_window *window = calloc(1, sizeof(*window));

	if (!window)
		return error_nomem();
	window->file = file;
	/* Without a known size (a device) there is no telling where a map would have to end. */
	if (may_map && file->size)
		window->slot = sigbus_slot_take();
	*ret_window = window;
	return NULL;
}

static void window_unmap(struct io_window *window)
{
	if (!window->map)
		return;
	sigbus_slot_clear(window->slot);
	window->file->sys->munmap(window->map, window->map_size);
	window->map = NULL;
}

void io_window_destroy(struct io_window *window)
{
	if (!window)
		return;
	window_unmap(window);
	sigbus_slot_release(window->slot);
	free(window->buffer);
	free(window);
}

/* A file that has become shorter is not mapped: behind its end, but in its last page, a map gives
 * zeros without a signal, while pread() tells. */
static bool file_still_reaches(struct io_file *file, vmc_foff end)
{
	struct stat status;

	return file->sys->fstat(file->fd, &status) == 0 && status.st_size > 0 &&
	       (uint64_t)status.st_size >= end;
}

static bool window_map(struct io_window *window, vmc_foff offset, size_t size)
{
	struct io_file *file = window->file;

	window_unmap(window);
	if (!__atomic_load_n(&file->mappable, __ATOMIC_RELAXED))
		return false;
	if (!file_still_reaches(file, offset + size))
		return false;

	/* /proc/vmcore refuses a map that goes beyond the end of the file. */
	vmc_foff start = align_down(offset, MAP_STEP);
	size_t length = (size_t)min_u64(MAP_SIZE, file->size - start);
	void *map = file->sys->mmap(NULL, length, PROT_READ, MAP_PRIVATE, file->fd, (off_t)start);

	if (map == MAP_FAILED) {
		__atomic_store_n(&file->mappable, false, __ATOMIC_RELAXED);
		return false;
	}
	sigbus_slot_guard(window->slot, map, length);
	window->map = map;
	window->map_offset = start;
	window->map_size = length;
	return true;
}

static bool map_holds(const struct io_window *window, vmc_foff offset, size_t size)
{
	return window->map && offset >= window->map_offset &&
	       offset - window->map_offset <= window->map_size &&
	       window->map_size - (offset - window->map_offset) >= size;
}

static struct vmc_error *window_read(struct io_window *window, vmc_foff offset, size_t size,
				     const void **ret_bytes)
{
	if (window->buffer_size < size) {
		free(window->buffer);
		window->buffer = NULL;
		window->buffer_size = 0;
		window->buffer = malloc(size);
		if (!window->buffer)
			return error_nomem();
		window->buffer_size = size;
	}
	TRY(io_file_read(window->file, offset, window->buffer, size));
	*ret_bytes = window->buffer;
	return NULL;
}

struct vmc_error *io_window_get(struct io_window *window, vmc_foff offset, size_t size,
				const void **ret_bytes)
{
	struct io_file *file = window->file;
	vmc_foff end;

	if (size > IO_WINDOW_MAX)
		return error_create(VMC_ERR_LIMIT,
				    "%s: a window of %zu bytes was asked for, %zu is the most",
				    file->path, size, IO_WINDOW_MAX);
	if (!checked_add(offset, size, &end) || end > INT64_MAX || (file->size && end > file->size))
		return error_create_at(
			VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, offset,
			"%s: %zu bytes lie beyond the end of the file, which is at 0x%" PRIx64,
			file->path, size, file->size);

	window->last_offset = offset;
	window->last_size = size;
	/* A map with a page of zeros in it has done its service. */
	if (window->map && sigbus_slot_hit(window->slot))
		window_unmap(window);
	if (!window->slot ||
	    (!map_holds(window, offset, size) && !window_map(window, offset, size)))
		return window_read(window, offset, size, ret_bytes);

	io_file_trace(file, offset, size);
	*ret_bytes = window->map + (offset - window->map_offset);
	return NULL;
}

struct vmc_error *io_window_check(struct io_window *window)
{
	if (!window->map || !sigbus_slot_hit(window->slot))
		return NULL;
	return error_create_at(
		VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, window->last_offset,
		"%s: not all of %zu bytes could be read: the file was cut off or its disk fails",
		window->file->path, window->last_size);
}
