/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snap DISK [--crash] [--small] FILE...: write down the truth about all pages, then crash.
 *
 * Stores the guest's own view of its memory as a tar (ustar) stream on a raw
 * disk.  What is recorded must still hold in the dump, so nothing may move in
 * between: the buffer is faulted in and locked before, the disk is written
 * with O_DIRECT (no page cache), /proc/kpageflags is read as the last one, and
 * the crash comes by one write to /proc/sysrq-trigger that is open already.
 * What remains of drift is small, not zero.  --small leaves kallsyms out and
 * takes less memory, for small guests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK                  512 /* of tar */
#define CHUNK                  65536
#define LOG_MAX                (1 << 20)
#define TEXTS_MAX              (24 << 20) /* what the files of /proc take at most, */
#define SMALL_TEXTS_MAX        (1 << 20)  /* and without kallsyms */
#define SYSLOG_ACTION_READ_ALL 3

static const char *const texts[] = {
	"/proc/version",
	"/proc/cmdline",
	"/proc/iomem",
	"/proc/cpuinfo",
	"/proc/modules",
	"/proc/swaps",
	"/proc/mounts",
	"/proc/slabinfo",
	"/proc/vmallocinfo",
	"/sys/kernel/vmcoreinfo",
	"/sys/kernel/kexec_crash_size",
	"/sys/kernel/mm/transparent_hugepage/enabled",
	"/proc/vmstat",
	"/proc/meminfo",
	"/proc/pagetypeinfo",
	"/proc/buddyinfo",
	"/proc/zoneinfo",
};

static char *buffer;
static size_t capacity, used;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void tar_header(char *h, const char *name, size_t size)
{
	unsigned int sum = 0;

	memset(h, 0, BLOCK);
	snprintf(h, 100, "%s", name);
	strcpy(h + 100, "0000644");
	strcpy(h + 108, "0000000");
	strcpy(h + 116, "0000000");
	snprintf(h + 124, 12, "%011llo", (unsigned long long)size);
	strcpy(h + 136, "00000000000");
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar", 6);
	memcpy(h + 263, "00", 2);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	h[155] = ' ';
}

/* Ends the member whose content is in the buffer after the room for its header. */
static void end_member(const char *name, size_t size)
{
	tar_header(buffer + used, name, size);
	used += BLOCK + size;
	while (used % BLOCK)
		buffer[used++] = 0;
}

static void add_fd(const char *name, int fd)
{
	size_t start = used + BLOCK, end = start;
	ssize_t got;

	while (end + CHUNK <= capacity && (got = read(fd, buffer + end, CHUNK)) > 0)
		end += got;
	if (end + CHUNK > capacity)
		fprintf(stderr, "snap: buffer full at %s\n", name);
	end_member(name, end - start);
}

static void add_file(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		fprintf(stderr, "snap: %s: %s\n", path, strerror(errno));
		return;
	}
	add_fd(strrchr(path, '/') + 1, fd);
	close(fd);
}

static void add_log(void)
{
	int length = klogctl(SYSLOG_ACTION_READ_ALL, buffer + used + BLOCK, LOG_MAX);

	end_member("dmesg.txt", length < 0 ? 0 : length);
}

static uint64_t highest_ram_pfn(void)
{
	FILE *file = fopen("/proc/iomem", "r");
	unsigned long long first, last, highest = 0;
	char line[256];

	if (!file)
		die("/proc/iomem");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%llx-%llx", &first, &last) == 2 && strstr(line, "System RAM") &&
		    last > highest)
			highest = last;
	fclose(file);
	return highest >> 12;
}

static void allocate(char **files, int count, int small)
{
	struct stat st;

	capacity = (small ? SMALL_TEXTS_MAX : TEXTS_MAX) + LOG_MAX + highest_ram_pfn() * 8 * 3;
	for (int i = 0; i < count; i++)
		if (!stat(files[i], &st))
			capacity += st.st_size + 2 * BLOCK;
	capacity = (capacity + (2 << 20)) & ~0xfffffull;
	buffer = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		die("mmap");
	mlock(buffer, capacity);
}

static void write_out(int disk)
{
	size_t total = (used + 2 * BLOCK + 4095) & ~4095ull;

	memset(buffer + used, 0, total - used);
	for (size_t done = 0; done < total;) {
		size_t length = total - done > (1 << 20) ? (1 << 20) : total - done;
		ssize_t got = pwrite(disk, buffer + done, length, done);

		if (got <= 0)
			die("write");
		done += got;
	}
	fsync(disk);
}

int main(int argc, char **argv)
{
	int crash = 0, small = 0, first = 2, disk, trigger = -1, flags, counts, groups;

	if (argc < 2) {
		fprintf(stderr, "usage: snap DISK [--crash] [--small] FILE...\n");
		return 2;
	}
	if (first < argc && !strcmp(argv[first], "--crash"))
		crash = first++;
	if (first < argc && !strcmp(argv[first], "--small"))
		small = first++;
	allocate(argv + first, argc - first, small);
	disk = open(argv[1], O_WRONLY | O_DIRECT);
	if (disk < 0)
		die(argv[1]);
	if (crash && (trigger = open("/proc/sysrq-trigger", O_WRONLY)) < 0)
		die("sysrq-trigger");
	flags = open("/proc/kpageflags", O_RDONLY);
	counts = open("/proc/kpagecount", O_RDONLY);
	groups = open("/proc/kpagecgroup", O_RDONLY);

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		add_file(texts[i]);
	if (!small)
		add_file("/proc/kallsyms");
	for (int i = first; i < argc; i++)
		add_file(argv[i]);
	add_log();
	if (groups >= 0)
		add_fd("kpagecgroup", groups);
	add_fd("kpagecount", counts);
	add_fd("kpageflags", flags);
	write_out(disk);
	if (crash && write(trigger, "c", 1) != 1)
		die("crash");
	printf("snap: %zu bytes\n", used);
	return 0;
}
