/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "scratch_file.h"

/* System calls that misbehave as they may: interrupted every other time, short, failing. */
static struct {
	unsigned int calls;
	size_t at_most;   /* bytes a transfer; 0: all */
	bool interrupted; /* every other call */
	int error_number; /* of every call */
	bool writes_none; /* pwrite() gives 0 */
	int fsync_error, close_error, rename_error;
	int push_error, drop_error;
} wanted;

static unsigned int pushes, drops;

static bool call_fails(void)
{
	wanted.calls++;
	if (wanted.interrupted && wanted.calls % 2) {
		errno = EINTR;
		return true;
	}
	if (wanted.error_number) {
		errno = wanted.error_number;
		return true;
	}
	return false;
}

static size_t transfer_size(size_t size)
{
	return wanted.at_most && wanted.at_most < size ? wanted.at_most : size;
}

static int bad_open(const char *path, int flags, mode_t mode)
{
	return call_fails() ? -1 : open(path, flags, mode);
}

static ssize_t bad_pread(int fd, void *buffer, size_t size, off_t offset)
{
	return call_fails() ? -1 : pread(fd, buffer, transfer_size(size), offset);
}

static ssize_t bad_pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	if (wanted.writes_none)
		return 0;
	return call_fails() ? -1 : pwrite(fd, buffer, transfer_size(size), offset);
}

static int bad_fsync(int fd)
{
	if (wanted.fsync_error) {
		errno = wanted.fsync_error;
		return -1;
	}
	return call_fails() ? -1 : fsync(fd);
}

static int bad_sync_file_range(int fd, off_t offset, off_t size, unsigned int flags)
{
	pushes++;
	if (!wanted.push_error)
		return sync_file_range(fd, offset, size, flags);
	errno = wanted.push_error;
	return -1;
}

static int bad_fadvise(int fd, off_t offset, off_t size, int advice)
{
	drops++;
	return wanted.drop_error ? wanted.drop_error : posix_fadvise(fd, offset, size, advice);
}

static int device_fstat(int fd, struct stat *ret)
{
	int result = fstat(fd, ret);

	ret->st_mode = (ret->st_mode & ~(mode_t)S_IFMT) | S_IFBLK;
	ret->st_size = 0;
	return result;
}

static int device_ftruncate(int fd, off_t size)
{
	(void)fd, (void)size;
	errno = EINVAL;
	return -1;
}

/* It is a file to lstat(), and must not go. */
static int device_unlink(const char *path)
{
	(void)path;
	errno = EBUSY;
	return -1;
}

static int device_fallocate(int fd, int mode, off_t offset, off_t size)
{
	(void)fd, (void)mode, (void)offset, (void)size;
	errno = EOPNOTSUPP;
	return -1;
}

static int device_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags & ~O_TRUNC, mode);
}

static int bad_close(int fd)
{
	int result = close(fd);

	if (!wanted.close_error)
		return result;
	errno = wanted.close_error;
	return -1;
}

static int bad_rename(const char *from, const char *to)
{
	if (!wanted.rename_error)
		return rename(from, to);
	errno = wanted.rename_error;
	return -1;
}

static char directory[64];

static char *path_in_directory(char *path, const char *name)
{
	sprintf(path, "%s/%s", directory, name);
	return path;
}

static int setup(void **state)
{
	static struct io_syscalls bad;

	(void)state;
	memset(&wanted, 0, sizeof(wanted));
	bad = io_posix;
	bad.open = bad_open;
	bad.pread = bad_pread;
	bad.pwrite = bad_pwrite;
	bad.fsync = bad_fsync;
	bad.sync_file_range = bad_sync_file_range;
	bad.fadvise = bad_fadvise;
	pushes = drops = 0;
	bad.close = bad_close;
	bad.rename = bad_rename;
	io_set_syscalls(&bad);
	strcpy(directory, "/tmp/vmcull-test-io-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	io_set_syscalls(NULL);
	unlink(path_in_directory(path, "a"));
	unlink(path_in_directory(path, "b"));
	return rmdir(directory);
}

static void assert_system(struct vmc_error *err, int error_number, const char *in_message)
{
	assert_non_null(err);
	assert_int_equal(vmc_error_errno(err), error_number);
	assert_non_null(strstr(vmc_error_message(err), in_message));
	vmc_error_free(err);
}

static void assert_code(struct vmc_error *err, enum vmc_error_code code)
{
	assert_non_null(err);
	assert_int_equal(vmc_error_code(err), code);
	vmc_error_free(err);
}

static void short_and_interrupted_transfers_are_completed(void **state)
{
	uint8_t bytes[1000], copy[1000];
	char path[128];
	struct io_file *file;

	(void)state;
	scratch_fill(bytes, 0, sizeof(bytes));
	for (size_t at_most = 0; at_most < 1100; at_most += 7) {
		wanted.interrupted = true;
		wanted.at_most = at_most;
		assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
		assert_null(io_file_write(file, 300, bytes, sizeof(bytes)));
		assert_null(io_file_read(file, 300, copy, sizeof(copy)));
		assert_memory_equal(bytes, copy, sizeof(bytes));
		assert_null(io_file_sync(file));
		assert_null(io_file_finish(file));
	}
	assert_null(io_file_open(path, &file));
	assert_int_equal(file->size, 1300);
	io_file_close(file);
}

static void reading_past_the_end(void **state)
{
	uint8_t bytes[100], copy[100];
	char path[128];
	struct io_file *file;
	size_t n;

	(void)state;
	scratch_fill(bytes, 0, sizeof(bytes));
	assert_null(io_file_create(path_in_directory(path, "a"), false, &file));
	assert_null(io_file_write(file, 0, bytes, sizeof(bytes)));
	wanted.at_most = 3;
	assert_code(io_file_read(file, 1, copy, 100), VMC_ERR_TRUNCATED);
	assert_code(io_file_read(file, 1000, copy, 1), VMC_ERR_TRUNCATED);
	assert_null(io_file_read_some(file, 90, copy, 100, &n));
	assert_int_equal(n, 10);
	scratch_assert(copy, 90, n);
	assert_null(io_file_read_some(file, 100, copy, 100, &n));
	assert_int_equal(n, 0);
	assert_null(io_file_finish(file));
}

static void errors_name_path_and_reason(void **state)
{
	char path[128], byte = 1;
	struct io_file *file;

	(void)state;
	assert_system(io_file_open(path_in_directory(path, "a"), &file), ENOENT, path);
	assert_system(io_file_open(directory, &file), EISDIR, directory);
	assert_null(io_file_create(path, false, &file));
	assert_null(io_file_write(file, 0, &byte, 1));

	wanted.error_number = EIO;
	assert_system(io_file_read(file, 0, &byte, 1), EIO, path);
	assert_system(io_file_write(file, 0, &byte, 1), EIO, path);
	assert_system(io_file_sync(file), EIO, path);
	wanted.error_number = 0;

	wanted.writes_none = true;
	assert_system(io_file_write(file, 0, &byte, 1), ENOSPC, path);
	wanted.close_error = EDQUOT;
	assert_system(io_file_finish(file), EDQUOT, path);
	wanted.close_error = 0;

	struct io_file *second;

	assert_system(io_file_create(path, false, &second), EEXIST, path);
	assert_null(io_file_create(path, true, &second));
	assert_int_equal(second->size, 0);
	wanted.close_error = EINTR; /* not an error on Linux */
	assert_null(io_file_finish(second));
}

/* Neither its mode stays, nor what is there for those who have it open; a link leads on. */
static void what_is_replaced_was_somebody_elses(void **state)
{
	char path[128], link_path[128], byte;
	struct io_file *file;
	struct stat status;

	(void)state;
	assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
	assert_null(io_file_write(file, 0, "old", 3));
	assert_null(io_file_finish(file));
	assert_int_equal(chmod(path, 0666), 0);

	int reader = open(path, O_RDONLY);

	assert_true(reader >= 0);
	assert_null(io_file_create(path, true, &file));
	assert_null(io_file_write(file, 0, "new", 3));
	assert_null(io_file_finish(file));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(read(reader, &byte, 1), 1);
	assert_int_equal(byte, 'o');
	close(reader);

	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(symlink(path, path_in_directory(link_path, "link")), 0);
	assert_null(io_file_create(link_path, true, &file));
	assert_null(io_file_finish(file));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_size, 0);
	assert_int_equal(unlink(link_path), 0);
}

static void what_cannot_be_synchronised_need_not_be(void **state)
{
	char path[128];
	struct io_file *file;

	(void)state;
	assert_null(io_file_create(path_in_directory(path, "a"), false, &file));
	wanted.fsync_error = EINVAL;
	assert_null(io_file_sync(file));
	wanted.fsync_error = ENOSPC;
	assert_system(io_file_sync(file), ENOSPC, path);
	assert_null(io_file_finish(file));
}

/* Writes a little more than so many steps. */
static struct vmc_error *write_steps(struct io_file *file, unsigned int steps)
{
	static uint8_t bytes[1 << 20];
	uint64_t size = steps * IO_WRITE_BEHIND + sizeof(bytes);

	for (uint64_t done = 0; done < size; done += sizeof(bytes))
		TRY(io_file_write(file, done, bytes, sizeof(bytes)));
	return NULL;
}

static void what_is_written_leaves_the_cache(void **state)
{
	char path[128];
	struct io_file *file;

	(void)state;
	assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
	assert_null(write_steps(file, 2));
	assert_int_equal(pushes, 0);
	io_file_write_behind(file);
	assert_null(write_steps(file, 3));
	assert_int_equal(pushes, 4); /* one for what was written before */
	assert_int_equal(drops, 4);
	wanted.drop_error = EINVAL;
	assert_null(write_steps(file, 1));
	assert_null(io_file_finish(file));
}

static void the_disk_may_fail_behind_a_write(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EDQUOT};
	char path[128];
	struct io_file *file;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		wanted.push_error = errors[i];
		assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
		io_file_write_behind(file);
		assert_system(write_steps(file, 1), errors[i], "writing to the disk");
		io_file_close(file);
	}
}

/* Pipes, and systems that forbid the call. */
static void what_cannot_be_pushed_need_not_be(void **state)
{
	static const int errors[] = {ESPIPE, EINVAL, ENOSYS, EPERM};
	char path[128];
	struct io_file *file;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		wanted.push_error = errors[i];
		pushes = 0;
		assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
		io_file_write_behind(file);
		assert_null(write_steps(file, 2));
		assert_int_equal(pushes, 1);
		assert_null(io_file_finish(file));
	}
}

/* A disk with an older dump: what nobody writes is zeros all the same. */
static void a_device_is_blanked_where_nobody_writes(void **state)
{
	static const uint8_t zeros[1000];
	static uint8_t old[300000], now[300000];
	struct io_syscalls device = *io_get_syscalls();
	struct io_file *file;
	char path[128];

	(void)state;
	memset(old, 0xee, sizeof(old));
	assert_null(io_file_create(path_in_directory(path, "a"), true, &file));
	assert_null(io_file_write(file, 0, old, sizeof(old)));
	assert_null(io_file_finish(file));

	device.open = device_open;
	device.fstat = device_fstat;
	device.ftruncate = device_ftruncate;
	device.fallocate = device_fallocate;
	device.unlink = device_unlink;
	io_set_syscalls(&device);
	assert_null(io_file_create(path, true, &file));
	assert_true(file->device);
	assert_null(io_file_resize(file, 100000));
	assert_null(io_file_write(file, 50000, "middle", 6));
	assert_null(io_file_reserve(file, 100000, 1000));
	assert_null(io_file_write(file, 102000, "end", 3));
	assert_null(io_file_resize(file, 60000));
	assert_null(io_file_read(file, 0, now, sizeof(now)));
	assert_null(io_file_finish(file));
	for (size_t i = 0; i < 102000; i += 1000)
		if (i != 50000)
			assert_memory_equal(now + i, zeros, 1000);
	assert_memory_equal(now + 50000, "middle", 6);
	assert_memory_equal(now + 50006, zeros, 994);
	assert_memory_equal(now + 102000, "end", 3);
	assert_int_equal(now[102003], 0xee);
}

static void renaming(void **state)
{
	char from[128], to[128];
	struct io_file *file;

	(void)state;
	assert_null(io_file_create(path_in_directory(from, "a"), false, &file));
	assert_null(io_file_finish(file));
	path_in_directory(to, "b");
	wanted.rename_error = EXDEV;
	assert_system(io_rename(from, to), EXDEV, to);
	wanted.rename_error = 0;
	wanted.fsync_error = EIO;
	assert_system(io_rename(from, to), EIO, to);
	wanted.fsync_error = 0;
	assert_int_equal(access(to, F_OK), 0);
	assert_null(io_rename(to, from));
	assert_int_equal(access(from, F_OK), 0);
	assert_int_equal(access(to, F_OK), -1);
}

static uint64_t traced_offset, traced_size;

static void trace_read(void *arg, vmc_foff offset, uint64_t size)
{
	assert_ptr_equal(arg, &traced_offset);
	traced_offset = offset;
	traced_size = size;
}

static void reads_are_traced(void **state)
{
	char path[128], bytes[64] = {0};
	struct io_file *file;

	(void)state;
	assert_null(io_file_create(path_in_directory(path, "a"), false, &file));
	assert_null(io_file_write(file, 0, bytes, sizeof(bytes)));
	file->trace = (struct io_trace){.read = trace_read, .arg = &traced_offset};
	wanted.at_most = 5;
	assert_null(io_file_read(file, 11, bytes, 22));
	assert_int_equal(traced_offset, 11);
	assert_int_equal(traced_size, 22);
	assert_null(io_file_finish(file));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(short_and_interrupted_transfers_are_completed),
		CASE(reading_past_the_end),
		CASE(errors_name_path_and_reason),
		CASE(what_is_replaced_was_somebody_elses),
		CASE(what_cannot_be_synchronised_need_not_be),
		CASE(what_is_written_leaves_the_cache),
		CASE(the_disk_may_fail_behind_a_write),
		CASE(what_cannot_be_pushed_need_not_be),
		CASE(a_device_is_blanked_where_nobody_writes),
		CASE(renaming),
		CASE(reads_are_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
