/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded: ends the process when it touches bytes of a file that it must not read, whether
 * mapped or copied.
 *
 * GUARD_FILE is the path of the file, GUARD_RANGES a text file with lines "OFFSET SIZE" in decimal.
 * In a mapping of the file the pages inside those ranges become inaccessible; a read that overlaps
 * with one aborts.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct range {
	uint64_t start, end;
};

static struct range *ranges;
static size_t range_count;
static struct stat guarded;

static void die(const char *text)
{
	fprintf(stderr, "guard: %s\n", text);
	abort();
}

static void *next_symbol(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (!symbol)
		die(name);
	return symbol;
}

static void read_ranges(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long long start, size;
	size_t capacity = 0;

	if (!file)
		die("GUARD_RANGES cannot be opened");
	while (fscanf(file, "%llu %llu", &start, &size) == 2) {
		if (range_count == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			ranges = realloc(ranges, capacity * sizeof(*ranges));
			if (!ranges)
				die("out of memory");
		}
		ranges[range_count++] = (struct range){start, start + size};
	}
	fclose(file);
}

__attribute__((constructor)) static void guard_init(void)
{
	const char *file = getenv("GUARD_FILE"), *list = getenv("GUARD_RANGES");

	if (!file || !list || stat(file, &guarded))
		die("needs GUARD_FILE and GUARD_RANGES");
	read_ranges(list);
	if (!range_count)
		die("nothing to guard");
}

static bool is_guarded(int fd)
{
	struct stat status;

	return range_count && fd >= 0 && !fstat(fd, &status) && status.st_dev == guarded.st_dev &&
	       status.st_ino == guarded.st_ino;
}

static void check_read(int fd, uint64_t offset, uint64_t size)
{
	if (!is_guarded(fd))
		return;
	for (size_t i = 0; i < range_count; i++) {
		if (offset < ranges[i].end && ranges[i].start < offset + size) {
			fprintf(stderr,
				"guard: read of %llu bytes at %llu touches the range at %llu\n",
				(unsigned long long)size, (unsigned long long)offset,
				(unsigned long long)ranges[i].start);
			abort();
		}
	}
}

/* Makes what lies wholly inside a range inaccessible. */
static void protect(uint8_t *map, uint64_t offset, uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < range_count; i++) {
		uint64_t start = ranges[i].start > offset ? ranges[i].start - offset : 0;
		uint64_t end = ranges[i].end > offset ? ranges[i].end - offset : 0;

		start = (start + page - 1) / page * page;
		end = (end < size ? end : size) / page * page;
		if (start < end && mprotect(map + start, end - start, PROT_NONE))
			die("mprotect failed");
	}
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
	void *(*next)(void *, size_t, int, int, int, off64_t) = next_symbol("mmap64");
	void *map = next(address, size, protection, flags, fd, offset);

	if (map != MAP_FAILED && !(flags & MAP_ANONYMOUS) && is_guarded(fd))
		protect(map, (uint64_t)offset, size);
	return map;
}

ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset)
{
	ssize_t (*next)(int, void *, size_t, off64_t) = next_symbol("pread64");

	check_read(fd, (uint64_t)offset, size);
	return next(fd, buffer, size, offset);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	ssize_t (*next)(int, void *, size_t) = next_symbol("read");

	if (is_guarded(fd))
		check_read(fd, (uint64_t)lseek64(fd, 0, SEEK_CUR), size);
	return next(fd, buffer, size);
}

ssize_t preadv64(int fd, const struct iovec *vector, int count, off64_t offset)
{
	ssize_t (*next)(int, const struct iovec *, int, off64_t) = next_symbol("preadv64");
	uint64_t size = 0;

	for (int i = 0; i < count; i++)
		size += vector[i].iov_len;
	check_read(fd, (uint64_t)offset, size);
	return next(fd, vector, count, offset);
}
