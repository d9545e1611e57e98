/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/window.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
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

/* What is announced is worth a system call from here on. */
#define READAHEAD_LEAST ((uint64_t)64 << 10)

/* Maps that a window keeps: whoever follows page tables jumps between a few places. */
#define MAP_COUNT 8

struct window_map {
	struct sigbus_slot *slot; /* NULL: never used so far */
	uint8_t *bytes;           /* NULL: not mapped */
	vmc_foff offset;
	size_t size;
	uint64_t last_use;
};

struct io_window {
	struct io_file *file;
	bool may_map;
	struct window_map maps[MAP_COUNT];
	struct window_map *current; /* of the last io_window_get(); NULL: it read */
	uint64_t uses;

	uint8_t *buffer; /* for pread(); grows to what was asked for */
	size_t buffer_size;
	vmc_foff read_offset; /* what the buffer holds of what was announced */
	size_t read_size;
	vmc_foff announced; /* from here */
	uint64_t announced_size;

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
	window->may_map = may_map && file->stored_size;
	*ret_window = window;
	return NULL;
}

size_t io_window_memory(size_t most)
{
	return sizeof(struct io_window) + most;
}

static void map_close(struct io_window *window, struct window_map *map)
{
	if (!map->bytes)
		return;
	sigbus_slot_clear(map->slot);
	window->file->sys->munmap(map->bytes, map->size);
	map->bytes = NULL;
}

void io_window_destroy(struct io_window *window)
{
	if (!window)
		return;
	for (size_t i = 0; i < MAP_COUNT; i++) {
		map_close(window, &window->maps[i]);
		sigbus_slot_release(window->maps[i].slot);
	}
	free(window->buffer);
	free(window);
}

/* No map any more of a file that has shrunk, of which maps end in zeros. */
static void leave_maps(struct io_window *window)
{
	for (size_t i = 0; i < MAP_COUNT; i++)
		map_close(window, &window->maps[i]);
	window->may_map = false;
	window->current = NULL;
}

/* A file that has become shorter is not mapped: behind its end, but in its last page, a map gives
 * zeros without a signal, while pread() tells. */
static bool file_still_reaches(struct io_file *file, vmc_foff end)
{
	struct stat status;

	return file->sys->fstat(file->fd, &status) == 0 && status.st_size > 0 &&
	       (uint64_t)status.st_size >= end;
}

/* Maps the surroundings of @offset of the file, which must be inside it. */
static bool map_open(struct io_window *window, struct window_map *map, vmc_foff offset)
{
	struct io_file *file = window->file;
	/* /proc/vmcore refuses a map that goes beyond the end of the file. */
	vmc_foff start = align_down(offset, MAP_STEP);
	size_t size = (size_t)min_u64(MAP_SIZE, file->stored_size - start);
	void *bytes;

	if (!map->slot)
		map->slot = sigbus_slot_take();
	if (!map->slot)
		return false;
	bytes = file->sys->mmap(NULL, size, PROT_READ, MAP_PRIVATE, file->fd, (off_t)start);
	if (bytes == MAP_FAILED) {
		__atomic_store_n(&file->mappable, false, __ATOMIC_RELAXED);
		return false;
	}
	/* What is left out lies beside the rest: not into a core, whatever coredump_filter says. */
	madvise(bytes, size, MADV_DONTDUMP);
	sigbus_slot_guard(map->slot, bytes, size);
	map->bytes = bytes;
	map->offset = start;
	map->size = size;
	return true;
}

static bool map_holds(const struct window_map *map, vmc_foff offset, size_t size)
{
	return map->bytes && offset >= map->offset && offset - map->offset <= map->size &&
	       map->size - (offset - map->offset) >= size;
}

/* The map that holds a range of the file, an old one or a new one in place of the least used;
 * NULL: read. */
static struct window_map *window_map(struct io_window *window, vmc_foff offset, size_t size)
{
	struct window_map *oldest = &window->maps[0];

	if (!window->may_map)
		return NULL;
	for (size_t i = 0; i < MAP_COUNT; i++) {
		struct window_map *map = &window->maps[i];

		if (map_holds(map, offset, size))
			return map;
		if (map->last_use < oldest->last_use)
			oldest = map;
	}
	map_close(window, oldest);
	if (!__atomic_load_n(&window->file->mappable, __ATOMIC_RELAXED) ||
	    !file_still_reaches(window->file, offset + size) || !map_open(window, oldest, offset))
		return NULL;
	return oldest;
}

static struct vmc_error *buffer_need(struct io_window *window, size_t size)
{
	window->read_size = 0;
	if (window->buffer_size >= size)
		return NULL;
	free(window->buffer);
	window->buffer = NULL;
	window->buffer_size = 0;
	window->buffer = malloc(size);
	if (!window->buffer)
		return error_nomem();
	window->buffer_size = size;
	return NULL;
}

static bool range_holds(vmc_foff start, uint64_t length, vmc_foff offset, size_t size)
{
	return offset >= start && offset - start <= length && length - (offset - start) >= size;
}

/* Fills the buffer with what was announced from @offset on. */
static struct vmc_error *read_announced(struct io_window *window, vmc_foff offset)
{
	uint64_t left = window->announced_size - (offset - window->announced);
	size_t size = (size_t)min_u64(left, IO_WINDOW_ANNOUNCED);

	TRY(buffer_need(window, size));
	TRY(io_file_read(window->file, offset, window->buffer, size));
	window->read_offset = offset;
	window->read_size = size;
	return NULL;
}

static struct vmc_error *window_read(struct io_window *window, vmc_foff offset, size_t size,
				     const void **ret_bytes)
{
	if (size < IO_WINDOW_ANNOUNCED &&
	    range_holds(window->announced, window->announced_size, offset, size)) {
		struct vmc_error *err = NULL;

		if (!range_holds(window->read_offset, window->read_size, offset, size))
			err = read_announced(window, offset);
		if (!err) {
			*ret_bytes = window->buffer + (offset - window->read_offset);
			return NULL;
		}
		if (vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		/* One bad piece is not to take others with it. */
		vmc_error_free(err);
		window->announced_size = 0;
	}
	TRY(buffer_need(window, size));
	TRY(io_file_read(window->file, offset, window->buffer, size));
	*ret_bytes = window->buffer;
	return NULL;
}

void io_window_announce(struct io_window *window, vmc_foff offset, uint64_t size)
{
	window->announced = offset;
	window->announced_size = size;
	window->read_size = 0; /* the file may have changed */
	/* The cache fills while pages before are worked on: filters of three dumps that were not in
	 * it took 0.70, 0.89 and 0.98 of the wall time, and read a tenth less from the disk.  What
	 * is cached costs nothing that can be seen; /proc/vmcore has no cache. */
	if (window->may_map && size >= READAHEAD_LEAST && window->file->mappable &&
	    !window->file->in_records)
		window->file->sys->fadvise(window->file->fd, (off_t)offset, (off_t)size,
					   POSIX_FADV_WILLNEED);
}

/* Where a range of the content lies in the file, if it does so in one piece. */
static bool find_stored(const struct io_file *file, vmc_foff offset, size_t size,
			vmc_foff *ret_stored)
{
	*ret_stored = offset;
	if (!file->in_records || !size)
		return !file->in_records;

	struct io_piece piece = io_records_find(&file->records, offset, size);

	*ret_stored = piece.stored;
	return !piece.hole && piece.size == size;
}

struct vmc_error *io_window_get(struct io_window *window, vmc_foff offset, size_t size,
				const void **ret_bytes)
{
	struct io_file *file = window->file;
	vmc_foff end, stored;

	if (size > IO_WINDOW_MAX)
		return error_create(VMC_ERR_LIMIT,
				    "%s: a window of %zu bytes was asked for, %zu is the most",
				    file->path, size, IO_WINDOW_MAX);
	if (!checked_add(offset, size, &end) || end > INT64_MAX ||
	    ((file->size || file->in_records) && end > file->size))
		return error_create_at(
			VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, offset,
			"%s: %zu bytes lie beyond the end of the file, which is at 0x%" PRIx64,
			file->path, size, file->size);

	if (window->may_map && __atomic_load_n(&file->shrunk, __ATOMIC_RELAXED))
		leave_maps(window);
	/* A map with a page of zeros in it has done its service. */
	if (window->current && sigbus_slot_hit(window->current->slot))
		map_close(window, window->current);
	window->last_offset = offset;
	window->last_size = size;
	if (!find_stored(file, offset, size, &stored))
		window->current = NULL;
	else if (!window->current || !map_holds(window->current, stored, size))
		window->current = window_map(window, stored, size);
	if (!window->current)
		return window_read(window, offset, size, ret_bytes);

	window->current->last_use = ++window->uses;
	io_file_trace(file, stored, size);
	*ret_bytes = window->current->bytes + (stored - window->current->offset);
	return NULL;
}

/* A hole in a file on a full tmpfs cannot be had in a map, but be read: then it is the zeros that
 * were put there. */
static bool can_be_read(struct io_window *window)
{
	const struct window_map *map = window->current;
	const void *bytes;
	vmc_foff stored;
	struct vmc_error *err;

	if (!find_stored(window->file, window->last_offset, window->last_size, &stored) ||
	    !map_holds(map, stored, window->last_size))
		return false;
	err = window_read(window, window->last_offset, window->last_size, &bytes);
	if (err) {
		vmc_error_free(err);
		return false;
	}
	return memcmp(map->bytes + (stored - map->offset), bytes, window->last_size) == 0;
}

struct vmc_error *io_window_check(struct io_window *window)
{
	if (!window->current || !sigbus_slot_hit(window->current->slot))
		return NULL;
	if (can_be_read(window)) {
		__atomic_store_n(&window->file->mappable, false, __ATOMIC_RELAXED);
		return NULL;
	}
	return error_create_at(
		VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, window->last_offset,
		"%s: not all of %zu bytes could be read: the file was cut off or its disk fails",
		window->file->path, window->last_size);
}
