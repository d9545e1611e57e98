/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam through which every byte of a file passes: system calls as a table, so that tests can
 * make any of them fail, and a trace of the ranges of an input that were read.
 *
 * Calls are completed (short transfers and EINTR) here; what comes back is all or an error.
 */
#ifndef VMCULL_BASE_IO_H
#define VMCULL_BASE_IO_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/records.h"

struct io_syscalls {
	int (*open)(const char *path, int flags, mode_t mode);
	int (*close)(int fd);
	int (*fstat)(int fd, struct stat *ret);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*pread)(int fd, void *buffer, size_t size, off_t offset);
	ssize_t (*pwrite)(int fd, const void *buffer, size_t size, off_t offset);
	ssize_t (*write)(int fd, const void *buffer, size_t size);
	void *(*mmap)(void *address, size_t size, int protection, int flags, int fd, off_t offset);
	int (*munmap)(void *address, size_t size);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t size);
	int (*fallocate)(int fd, int mode, off_t offset, off_t size);
	int (*sync_file_range)(int fd, off_t offset, off_t size, unsigned int flags);
	int (*fadvise)(int fd, off_t offset, off_t size, int advice); /* gives the error */
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
};

extern const struct io_syscalls io_posix;

/* Replaces the table for files opened from now on; for tests, before any thread is started. */
void io_set_syscalls(const struct io_syscalls *syscalls);
const struct io_syscalls *io_get_syscalls(void);

/* Told of every range of a file whose bytes are handed to a reader (mapped or copied). */
struct io_trace {
	void (*read)(void *arg, vmc_foff offset, uint64_t size);
	void *arg;
};

struct io_file {
	const struct io_syscalls *sys;
	int fd;
	char *path;
	uint64_t size;        /* of what can be read: of the content, where that is in records */
	uint64_t stored_size; /* of the file at the time of opening */
	bool mappable;        /* mmap() has not failed on it yet */
	bool shrunk;          /* io_file_shrank() said so */
	bool device;          /* its size is not ours, and what it held is still there */
	vmc_foff blanked;   /* of a device: up to here it holds what was written to it, or zeros */
	bool writes_behind; /* io_file_write_behind() */
	uint64_t unpushed;  /* bytes written since the last push to the disk */
	bool in_records;
	bool cut; /* after its records more were to come */
	struct io_records records; /* where offsets are, if in_records; else they are the file's */
	struct io_trace trace;
};

/* Opens an existing file for reading.  Errors name the path. */
struct vmc_error *io_file_open(const char *path, struct io_file **ret_file) VMC_MUST_CHECK;

/* Creates a file of mode 0600 for writing and reading back.  An existing one is an error, unless
 * @replace: then a file goes first, with its mode and whoever has it open; what a link leads to is
 * truncated, and gets that mode where it is a file. */
struct vmc_error *io_file_create(const char *path, bool replace,
				 struct io_file **ret_file) VMC_MUST_CHECK;

/* Makes a file of a descriptor that the caller keeps, such as standard output.  @name is for
 * messages. */
struct vmc_error *io_file_adopt(int fd, const char *name, struct io_file **ret_file) VMC_MUST_CHECK;

/* From now on offsets are those of the content that @records describe, and the size is its size.
 * Takes what is in @records.  For inputs, before anything else reads them. */
void io_file_set_records(struct io_file *file, struct io_records *records);

/* Closes without looking at the result: for inputs, and on paths that already failed. */
void io_file_close(struct io_file *file);
DEFINE_CLEANUP(struct io_file *, io_file_close);

/* Closes and tells: for outputs, whose last write may fail here.  Frees @file in any case. */
struct vmc_error *io_file_finish(struct io_file *file) VMC_MUST_CHECK;

/* Reads exactly @size bytes at @offset.  VMC_ERR_TRUNCATED when the file ends before. */
struct vmc_error *io_file_read(struct io_file *file, vmc_foff offset, void *buffer,
			       size_t size) VMC_MUST_CHECK;

/* Has it become shorter than it was when it was opened?  Once it has, windows make and keep no maps
 * of it.  Not of devices and the like, whose size is 0. */
bool io_file_shrank(struct io_file *file);

/* The first byte from @offset on, below @end, that may be other than zero as far as the file can
 * tell without being read; @end when there is none. */
vmc_foff io_file_next_data(const struct io_file *file, vmc_foff offset, vmc_foff end);

/* Is each of the bytes in the file, and not only zero for want of a record? */
bool io_file_has(const struct io_file *file, vmc_foff offset, uint64_t size);

/* Reads @size bytes at @offset, or as many as there are before the end of the file. */
struct vmc_error *io_file_read_some(struct io_file *file, vmc_foff offset, void *buffer,
				    size_t size, size_t *ret_size) VMC_MUST_CHECK;

/* Reads @size bytes of what comes next out of a pipe or the like, which @name stands for in errors,
 * or as many as there are.  VMC_ERR_INTERRUPTED when a signal comes that is to end a wait (no
 * SA_RESTART). */
struct vmc_error *io_stream_read(int fd, const char *name, void *buffer, size_t size,
				 size_t *ret_size) VMC_MUST_CHECK;

/* Writes exactly @size bytes at @offset.  What was never written before that is zeros, on a device
 * too. */
struct vmc_error *io_file_write(struct io_file *file, vmc_foff offset, const void *buffer,
				size_t size) VMC_MUST_CHECK;

/* Writes exactly @size bytes where the file stands, which may be a pipe; waits for a reader that is
 * slow, also where the descriptor does not, unless a signal ends the wait: VMC_ERR_INTERRUPTED. */
struct vmc_error *io_file_append(struct io_file *file, const void *buffer,
				 size_t size) VMC_MUST_CHECK;

/* Makes sure that @size bytes at @offset can be written later without running out of space; they
 * read as zeros.  Where the filesystem cannot reserve, zeros are written. */
struct vmc_error *io_file_reserve(struct io_file *file, vmc_foff offset,
				  uint64_t size) VMC_MUST_CHECK;

/* What is written from now on is sent to the disk every so many bytes, and leaves the page cache
 * when it is there.  Without that the cache of an output takes all free memory of a capture kernel.
 * An error of the disk is then one of the write that came after it.  Where the file cannot do that
 * (a pipe), nothing changes. */
#define IO_WRITE_BEHIND ((uint64_t)8 << 20)
void io_file_write_behind(struct io_file *file);

/* Sets the size of the file; a device has zeros up to there then. */
struct vmc_error *io_file_resize(struct io_file *file, uint64_t size) VMC_MUST_CHECK;

/* Flushes data and metadata to the disk. */
struct vmc_error *io_file_sync(struct io_file *file) VMC_MUST_CHECK;

/* Tells the trace, if one is set. */
void io_file_trace(const struct io_file *file, vmc_foff offset, uint64_t size);

/* rename(2) followed by fsync of the directory. */
struct vmc_error *io_rename(const char *from, const char *to) VMC_MUST_CHECK;

#endif
