/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snap DISK [--small] [--dump] [--crash] FILE...: write down the truth about
 * all pages, then have a dump made, or crash, or both.
 *
 * Stores the guest's own view of its memory as a tar (ustar) stream on a raw
 * disk.  What is recorded must still hold in the dump, so nothing may move in
 * between: the buffer is faulted in and locked before, the disk is written
 * with O_DIRECT (no page cache), /proc/kpageflags is read as the last one, and
 * the crash comes by one write to /proc/sysrq-trigger that is open already.
 * What remains of drift is small, not zero.  --small leaves kallsyms out and
 * takes less memory, for small guests.  --dump asks the host for its dump
 * through descriptor 5 and waits, still holding all memory; a crash after that
 * has a truth of its own.  What is of each page is little endian on every machine.
 */
#define _GNU_SOURCE
#include <endian.h>
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
#define HOST                   5 /* init has it open */

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

/* Numbers of eight bytes, one for each page. */
static void add_pages(const char *name, int fd)
{
	char *word = buffer + used + BLOCK;
	uint64_t value;

	if (fd < 0)
		return;
	add_fd(name, fd);
	for (; word + sizeof(value) <= buffer + used; word += sizeof(value)) {
		memcpy(&value, word, sizeof(value));
		value = htole64(value);
		memcpy(word, &value, sizeof(value));
	}
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
	return highest / sysconf(_SC_PAGESIZE);
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

static void record(int disk, const int *tables, int small, char **files, int count)
{
	static const char *const names[] = {"kpagecgroup", "kpagecount", "kpageflags"};

	used = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		add_file(texts[i]);
	if (!small)
		add_file("/proc/kallsyms");
	for (int i = 0; i < count; i++)
		add_file(files[i]);
	add_log();
	for (int i = 0; i < 3; i++) {
		if (tables[i] >= 0)
			lseek(tables[i], 0, SEEK_SET);
		add_pages(names[i], tables[i]);
	}
	write_out(disk);
}

static void ask_for_dump(void)
{
	char byte = 0;

	if (write(HOST, "DUMP\n", 5) != 5)
		die("host");
	while (byte != '\n')
		if (read(HOST, &byte, 1) != 1)
			die("host");
}

int main(int argc, char **argv)
{
	int crash = 0, small = 0, dump = 0, first = 2, disk, trigger = -1, tables[3];

	if (argc < 2) {
		fprintf(stderr, "usage: snap DISK [--small] [--dump] [--crash] FILE...\n");
		return 2;
	}
	if (first < argc && !strcmp(argv[first], "--small"))
		small = first++;
	if (first < argc && !strcmp(argv[first], "--dump"))
		dump = first++;
	if (first < argc && !strcmp(argv[first], "--crash"))
		crash = first++;
	allocate(argv + first, argc - first, small);
	disk = open(argv[1], O_WRONLY | O_DIRECT);
	if (disk < 0)
		die(argv[1]);
	if (crash && (trigger = open("/proc/sysrq-trigger", O_WRONLY)) < 0)
		die("sysrq-trigger");
	tables[0] = open("/proc/kpagecgroup", O_RDONLY);
	tables[1] = open("/proc/kpagecount", O_RDONLY);
	tables[2] = open("/proc/kpageflags", O_RDONLY);
	record(disk, tables, small, argv + first, argc - first);
	if (dump) {
		ask_for_dump();
		if (crash)
			record(disk, tables, small, argv + first, argc - first);
	}
	if (crash && write(trigger, "c", 1) != 1)
		die("crash");
	printf("snap: %zu bytes\n", used);
	return 0;
}
