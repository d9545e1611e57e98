/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A moving view of a file for one thread: mmap() windows where that works, else pread() into a
 * buffer of exactly the bytes asked for, or announced.  Nothing else is looked at.
 *
 * A file that shrinks under a map raises SIGBUS on access.  The handler of sigbus.c puts zeros
 * there and marks the window, so whoever used the bytes asks io_window_check() afterwards.  What
 * was cut off inside the new last page of the file reads as zeros without a signal: whoever used
 * many bytes asks io_file_shrank() behind them, which ends all maps, and takes them again.
 */
#ifndef VMCULL_BASE_WINDOW_H
#define VMCULL_BASE_WINDOW_H

#include "base/io.h"

struct io_window;

/* The most bytes that one io_window_get() can be asked for. */
#define IO_WINDOW_MAX ((size_t)1 << 20)

/* @may_map false: never mmap().  The file must outlive the window. */
struct vmc_error *io_window_create(struct io_file *file, bool may_map,
				   struct io_window **ret_window) VMC_MUST_CHECK;
void io_window_destroy(struct io_window *window);
DEFINE_CLEANUP(struct io_window *, io_window_destroy);

/* All of [offset, offset + size) may be read and will be asked for, in order, piece by piece: what
 * has to be read gets several pieces with one call.  Holds until the next announcement. */
void io_window_announce(struct io_window *window, vmc_foff offset, uint64_t size);

/* The most bytes that are read at once because they were announced.  From /proc/vmcore 256 MiB take
 * 0.47 s in pages of 4 KiB, 0.42 in pieces of 64, 0.41 of 1 MiB; copies of it gain more. */
#define IO_WINDOW_ANNOUNCED ((size_t)64 << 10)

/* Heap memory of a window, bytes, that is asked for at most @most bytes at a time. */
size_t io_window_memory(size_t most);

/* Gives @size bytes (at most IO_WINDOW_MAX) at @offset, valid until the next call. */
struct vmc_error *io_window_get(struct io_window *window, vmc_foff offset, size_t size,
				const void **ret_bytes) VMC_MUST_CHECK;

/* VMC_ERR_TRUNCATED when bytes handed out by the last io_window_get() turned out not to exist. */
struct vmc_error *io_window_check(struct io_window *window) VMC_MUST_CHECK;

#endif
