/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of libc and of the sanitizers under their own names, in front of both: whoever calls
 * them, the program or a library, can be made to fail.  What libc does inside of itself is not
 * seen, so streams get functions of their own to write with.
 */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STARTS_MAX 256 /* threads of a run */

/* The function of that name which would be called without us. */
#define NEXT(function)                                                        \
	({                                                                    \
		static __typeof__(&(function)) next;                          \
		if (!next)                                                    \
			next = (__typeof__(next))dlsym(RTLD_NEXT, #function); \
		next;                                                         \
	})

/* Defines a function that is done as a whole or fails with @failed. */
#define WHOLE(kind, type, failed, name, parameters, arguments)      \
	__attribute__((visibility("default"))) type name parameters \
	{                                                           \
		if (!fault_admit(kind, NULL))                       \
			return failed;                              \
		return NEXT(name) arguments;                        \
	}

WHOLE(FAULT_FSTAT, int, -1, fstat64, (int fd, struct stat64 *status), (fd, status))
WHOLE(FAULT_FTRUNCATE, int, -1, ftruncate64, (int fd, off64_t size), (fd, size))
WHOLE(FAULT_FALLOCATE, int, -1, fallocate64, (int fd, int mode, off64_t offset, off64_t size),
      (fd, mode, offset, size))
WHOLE(FAULT_SYNC_FILE_RANGE, int, -1, sync_file_range,
      (int fd, off64_t offset, off64_t size, unsigned int flags), (fd, offset, size, flags))
WHOLE(FAULT_FADVISE, int, errno, posix_fadvise64,
      (int fd, off64_t offset, off64_t size, int advice), (fd, offset, size, advice))
WHOLE(FAULT_RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
WHOLE(FAULT_UNLINK, int, -1, unlink, (const char *path), (path))
WHOLE(FAULT_STAT, int, -1, stat64, (const char *path, struct stat64 *status), (path, status))
WHOLE(FAULT_STAT, int, -1, lstat64, (const char *path, struct stat64 *status), (path, status))
WHOLE(FAULT_STAT, int, -1, access, (const char *path, int mode), (path, mode))
WHOLE(FAULT_STAT, int, -1, faccessat, (int at, const char *path, int mode, int flags),
      (at, path, mode, flags))
WHOLE(FAULT_POLL, int, -1, poll, (struct pollfd * fds, nfds_t count, int timeout),
      (fds, count, timeout))

/* Not waited for: nobody pulls the plug here. */
__attribute__((visibility("default"))) int fsync(int fd)
{
	(void)fd;
	return fault_admit(FAULT_FSYNC, NULL) ? 0 : -1;
}

/* What a thread runs.  ASan allocates before that, and cannot do without. */
static struct start {
	void *(*run)(void *arg);
	void *arg;
} starts[STARTS_MAX];

static void *run_thread(void *arg)
{
	struct start *start = arg;

	fault_enter_thread();
	return start->run(start->arg);
}

__attribute__((visibility("default"))) int pthread_create(pthread_t *thread,
							  const pthread_attr_t *attributes,
							  void *(*run)(void *), void *arg)
{
	static size_t count;
	struct start *start = &starts[__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST) % STARTS_MAX];

	if (!fault_admit(FAULT_THREAD, NULL))
		return errno;
	*start = (struct start){run, arg};
	fault_leave_thread();

	int result = NEXT(pthread_create)(thread, attributes, run_thread, start);

	fault_enter_thread();
	return result;
}

/* Gone even when it fails. */
__attribute__((visibility("default"))) int close(int fd)
{
	bool admitted = fault_admit(FAULT_CLOSE, NULL);
	int error_number = errno;
	int result = NEXT(close)(fd);

	if (admitted)
		return result;
	errno = error_number;
	return -1;
}

__attribute__((visibility("default"))) int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (!fault_admit(FAULT_OPEN, NULL))
		return -1;
	return NEXT(open64)(path, flags, mode);
}

/* Of those that are called all take a number or nothing. */
__attribute__((visibility("default"))) int fcntl64(int fd, int command, ...)
{
	va_list args;
	long arg;

	va_start(args, command);
	arg = va_arg(args, long);
	va_end(args);
	if (!fault_admit(FAULT_FCNTL, NULL))
		return -1;
	return NEXT(fcntl64)(fd, command, arg);
}

static ssize_t settled(ssize_t result)
{
	int error_number = errno;

	fault_settle();
	errno = error_number;
	return result;
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *buffer, size_t size)
{
	if (!fault_admit(FAULT_READ, &size))
		return -1;
	return settled(NEXT(read)(fd, buffer, size));
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *buffer, size_t size)
{
	if (!fault_admit(FAULT_WRITE, &size))
		return -1;
	return settled(NEXT(write)(fd, buffer, size));
}

__attribute__((visibility("default"))) ssize_t pread64(int fd, void *buffer, size_t size,
						       off64_t offset)
{
	uint64_t start, end;

	if (!fault_admit(FAULT_PREAD, &size))
		return -1;
	if (fault_bad_range(fd, &start, &end) && (uint64_t)offset < end &&
	    (uint64_t)offset + size > start) {
		if ((uint64_t)offset >= start) {
			errno = EIO;
			return -1;
		}
		size = start - (uint64_t)offset;
	}
	return settled(NEXT(pread64)(fd, buffer, size, offset));
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *buffer, size_t size,
							off64_t offset)
{
	size_t allowed = size;
	ssize_t result;

	if (!fault_admit(FAULT_PWRITE, &allowed))
		return -1;
	result = NEXT(pwrite64)(fd, buffer, allowed, offset);
	if (result >= 0 && (size_t)result == size)
		fault_note_written(fd, (uint64_t)offset, (uint64_t)offset + size);
	return settled(result);
}

/* What lies behind the end of a file cannot be read through a map either. */
static void spoil(uint8_t *map, size_t size, uint64_t offset, uint64_t start, uint64_t end)
{
	int empty = memfd_create("empty", MFD_CLOEXEC);
	uint64_t from = start > offset ? start - offset : 0;
	uint64_t to = end - offset < size ? end - offset : size;

	NEXT(mmap64)(map + from, to - from, PROT_READ, MAP_SHARED | MAP_FIXED, empty, 0);
	NEXT(close)(empty);
}

__attribute__((visibility("default"))) void *mmap64(void *address, size_t size, int protection,
						    int flags, int fd, off64_t offset)
{
	uint64_t start, end;
	void *map;

	if (!fault_admit(FAULT_MMAP, NULL))
		return MAP_FAILED;
	map = NEXT(mmap64)(address, size, protection, flags, fd, offset);
	if (map != MAP_FAILED && fd >= 0 && fault_bad_range(fd, &start, &end) &&
	    (uint64_t)offset < end && (uint64_t)offset + size > start)
		spoil(map, size, (uint64_t)offset, start, end);
	return map;
}
