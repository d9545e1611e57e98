/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, closing, naming; reading is in io_read.c, writing in io_write.c. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int posix_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

const struct io_syscalls io_posix = {
	.open = posix_open,
	.close = close,
	.fstat = fstat,
	.read = read,
	.pread = pread,
	.pwrite = pwrite,
	.write = write,
	.mmap = mmap,
	.munmap = munmap,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.fallocate = fallocate,
	.sync_file_range = sync_file_range,
	.fadvise = posix_fadvise,
	.rename = rename,
	.unlink = unlink,
};

static const struct io_syscalls *current_syscalls = &io_posix;

void io_set_syscalls(const struct io_syscalls *syscalls)
{
	current_syscalls = syscalls ? syscalls : &io_posix;
}

const struct io_syscalls *io_get_syscalls(void)
{
	return current_syscalls;
}

static struct vmc_error *learn_size(struct io_file *file)
{
	struct stat status;

	if (file->sys->fstat(file->fd, &status) < 0)
		return error_system(errno, "%s", file->path);
	if (S_ISDIR(status.st_mode))
		return error_system(EISDIR, "%s", file->path);
	file->device = S_ISBLK(status.st_mode) || S_ISCHR(status.st_mode);
	file->stored_size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
	file->size = file->stored_size;
	return NULL;
}

static struct vmc_error *io_file_open_flags(const char *path, int flags, struct io_file **ret_file)
{
	_cleanup_(io_file_close) struct io_file *file = calloc(1, sizeof(*file));

	if (!file)
		return error_nomem();
	file->sys = current_syscalls;
	file->mappable = true;
	file->fd = -1;
	file->path = strdup(path);
	if (!file->path)
		return error_nomem();
	do
		file->fd = file->sys->open(path, flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
	while (file->fd < 0 && errno == EINTR);
	if (file->fd < 0)
		return error_system(errno, "%s", path);

	struct vmc_error *err = learn_size(file);

	/* What open() has made is of no use to anybody. */
	if (err && (flags & O_EXCL))
		file->sys->unlink(path);
	if (err)
		return err;
	*ret_file = take_ptr(file);
	return NULL;
}

struct vmc_error *io_file_open(const char *path, struct io_file **ret_file)
{
	return io_file_open_flags(path, O_RDONLY, ret_file);
}

bool io_file_shrank(struct io_file *file)
{
	struct stat status;

	if (!file->stored_size || __atomic_load_n(&file->shrunk, __ATOMIC_RELAXED))
		return file->stored_size != 0;
	if (file->sys->fstat(file->fd, &status) < 0 || status.st_size < 0 ||
	    (uint64_t)status.st_size >= file->stored_size)
		return false;
	__atomic_store_n(&file->shrunk, true, __ATOMIC_RELAXED);
	return true;
}

/* Where it cannot be removed, it is truncated. */
static void remove_regular(const char *path)
{
	struct stat status;

	if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
		current_syscalls->unlink(path);
}

/* Some filesystems have no modes to change. */
static void make_private(const struct io_file *file)
{
	struct stat status;

	if (file->sys->fstat(file->fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    fchmod(file->fd, S_IRUSR | S_IWUSR) < 0)
		return;
}

struct vmc_error *io_file_create(const char *path, bool replace, struct io_file **ret_file)
{
	if (!replace)
		return io_file_open_flags(path, O_RDWR | O_CREAT | O_EXCL, ret_file);
	remove_regular(path);
	TRY(io_file_open_flags(path, O_RDWR | O_CREAT | O_TRUNC, ret_file));
	make_private(*ret_file);
	return NULL;
}

struct vmc_error *io_file_adopt(int fd, const char *name, struct io_file **ret_file)
{
	_cleanup_(io_file_close) struct io_file *file = calloc(1, sizeof(*file));

	if (!file)
		return error_nomem();
	file->sys = current_syscalls;
	file->fd = -1;
	file->path = strdup(name);
	if (!file->path)
		return error_nomem();
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (file->fd < 0)
		return error_system(errno, "%s", name);
	*ret_file = take_ptr(file);
	return NULL;
}

void io_file_set_records(struct io_file *file, struct io_records *records)
{
	file->records = *records;
	*records = (struct io_records){0};
	file->in_records = true;
	file->size = file->records.size;
}

void io_file_close(struct io_file *file)
{
	if (!file)
		return;
	io_records_deinit(&file->records);
	if (file->fd >= 0)
		file->sys->close(file->fd);
	free(file->path);
	free(file);
}

struct vmc_error *io_file_finish(struct io_file *file)
{
	struct vmc_error *err = NULL;
	int fd = file->fd;

	file->fd = -1;
	/* On Linux the descriptor is gone even if close() was interrupted. */
	if (file->sys->close(fd) < 0 && errno != EINTR)
		err = error_system(errno, "%s: close", file->path);
	io_file_close(file);
	return err;
}

struct vmc_error *io_rename(const char *from, const char *to)
{
	if (current_syscalls->rename(from, to) < 0)
		return error_system(errno, "%s: rename to %s", from, to);

	_cleanup_free_ char *copy = strdup(to);

	if (!copy)
		return error_nomem();
	/* That of glibc changes the copy and nothing else. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	int fd = current_syscalls->open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (fd < 0)
		return NULL; /* the directory cannot be read: renamed, if not yet durable */
	int result = current_syscalls->fsync(fd);
	int error_number = errno;

	current_syscalls->close(fd);
	if (result < 0 && error_number != EINVAL)
		return error_system(error_number, "%s: fsync of the directory", to);
	return NULL;
}
