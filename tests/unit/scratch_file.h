/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files for tests that live in memory and have a path: nothing is left behind. */
#ifndef VMCULL_TESTS_SCRATCH_FILE_H
#define VMCULL_TESTS_SCRATCH_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* cmocka.h goes before this file. */

struct scratch_file {
	int fd;
	char path[64];
};

static inline void scratch_file_resize(struct scratch_file *file, uint64_t size)
{
	assert_int_equal(ftruncate(file->fd, (off_t)size), 0);
}

static inline void scratch_file_write(struct scratch_file *file, uint64_t offset, const void *bytes,
				      size_t size)
{
	assert_int_equal(pwrite(file->fd, bytes, size, (off_t)offset), (ssize_t)size);
}

static inline void scratch_file_create(struct scratch_file *file, const void *bytes, size_t size)
{
	file->fd = memfd_create("vmcull-test", MFD_CLOEXEC);
	assert_true(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
	if (bytes)
		scratch_file_write(file, 0, bytes, size);
	else
		scratch_file_resize(file, size);
}

static inline void scratch_file_destroy(struct scratch_file *file)
{
	close(file->fd);
}

/* The byte that a test file has at an offset: never zero, and no two pages alike. */
static inline uint8_t scratch_byte(uint64_t offset)
{
	return (uint8_t)(1 + (offset * 0x9e3779b97f4a7c15u >> 33) % 255);
}

static inline void scratch_fill(uint8_t *bytes, uint64_t offset, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = scratch_byte(offset + i);
}

static inline void scratch_assert(const void *bytes, uint64_t offset, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(((const uint8_t *)bytes)[i], scratch_byte(offset + i));
}

#endif
