/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wl KIND ARGUMENTS...: make pages of one known kind and keep them.
 *
 * The child makes the pages, writes down where they are, and stays alive
 * holding them; the parent returns as soon as the pages are made.  A page is
 * full of (8 byte tag, u64 index), so that its content says what it is.  Where
 * the pages are comes from /proc/self/pagemap and goes to
 * /truth/pages-KIND-PID.bin as records of 24 bytes: u64 pfn, tag, u64 index.
 * Numbers are little endian on every machine.
 *
 * The kinds are in the table at the end.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_HUGETLB
#define MAP_HUGETLB 0x40000
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

#define PAGES_PER_MIB   ((1ul << 20) / page_size)
#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_SWAPPED (1ull << 62)
#define PAGEMAP_PFN     ((1ull << 55) - 1)

struct record {
	uint64_t pfn;
	uint64_t tag;
	uint64_t index;
};

static int ready_fd; /* one byte here lets the parent return */
static unsigned long page_size, huge_page_size = 2ul << 20;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ready(void)
{
	if (write(ready_fd, "k", 1) != 1)
		exit(1);
	close(ready_fd);
}

static int hold(void)
{
	fflush(stdout);
	ready();
	while (pause())
		;
	return 0;
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static char *new_page(void)
{
	char *page = malloc(page_size);

	if (!page)
		die("malloc");
	return page;
}

static void read_page_sizes(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	unsigned long kib;

	page_size = sysconf(_SC_PAGESIZE);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Hugepagesize: %lu", &kib) == 1)
			huge_page_size = kib << 10;
	if (file)
		fclose(file);
}

static uint64_t tag_of(const char *name)
{
	char bytes[8];
	uint64_t tag;
	size_t length = strlen(name);

	memset(bytes, '_', sizeof(bytes));
	memcpy(bytes, name, length < 8 ? length : 8);
	memcpy(&tag, bytes, sizeof(tag));
	return tag;
}

static void fill(void *page, uint64_t tag, uint64_t index)
{
	uint64_t *word = page;

	for (size_t i = 0; i < page_size / 8; i += 2) {
		word[i] = tag;
		word[i + 1] = htole64(index);
	}
}

/* Content that does not compress: xorshift64 after the tag and the index. */
static void fill_random(void *page, uint64_t tag, uint64_t index)
{
	uint64_t *word = page;
	uint64_t x = index * 0x9E3779B97F4A7C15ull + 0x1234567;

	word[0] = tag;
	word[1] = htole64(index);
	for (size_t i = 2; i < page_size / 8; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		word[i] = x;
	}
}

static void fill_all(char *base, uint64_t pages, uint64_t tag)
{
	for (uint64_t i = 0; i < pages; i++)
		fill(base + i * page_size, tag, i);
}

static void read_all(const volatile char *base, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		(void)base[i * page_size];
}

static uint64_t *read_pagemap(const void *base, uint64_t pages)
{
	uint64_t *entries = calloc(pages, sizeof(*entries));
	int fd = open("/proc/self/pagemap", O_RDONLY);
	ssize_t bytes = pages * sizeof(*entries);

	if (!entries || fd < 0)
		die("pagemap");
	if (pread(fd, entries, bytes, (uintptr_t)base / page_size * 8) != bytes)
		die("pagemap");
	close(fd);
	return entries;
}

static void record(const char *kind, const void *base, uint64_t pages, uint64_t tag)
{
	char path[256];
	uint64_t *entries = read_pagemap(base, pages);
	uint64_t present = 0, swapped = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/truth/pages-%s-%d.bin", kind, getpid());
	file = fopen(path, "w");
	if (!file)
		die(path);
	for (uint64_t i = 0; i < pages; i++) {
		struct record r = {htole64(entries[i] & PAGEMAP_PFN), tag, htole64(i)};

		if (entries[i] & PAGEMAP_SWAPPED)
			swapped++;
		if (!(entries[i] & PAGEMAP_PRESENT))
			continue;
		present++;
		fwrite(&r, sizeof(r), 1, file);
	}
	fclose(file);
	free(entries);
	printf("wl: %s pages=%llu present=%llu swapped=%llu\n", kind, (unsigned long long)pages,
	       (unsigned long long)present, (unsigned long long)swapped);
	fflush(stdout);
}

/* Anonymous memory, aligned to a huge page; huge pages wanted or refused. */
static char *map_anonymous(size_t bytes, int advice)
{
	char *p = mmap(NULL, bytes + huge_page_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	p = (char *)(((uintptr_t)p + huge_page_size - 1) & ~(huge_page_size - 1));
	madvise(p, bytes, advice);
	return p;
}

/* ---- the kinds: argument 0 is the kind's name ---- */

static uint64_t pages_of(char **arg)
{
	return number(arg[1]) * PAGES_PER_MIB;
}

static int anon(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	fill_all(p, pages, tag);
	record(arg[0], p, pages, tag);
	return hold();
}

static int rand_anon(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	for (uint64_t i = 0; i < pages; i++)
		fill_random(p + i * page_size, tag, i);
	record(arg[0], p, pages, tag);
	return hold();
}

static int thp(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_HUGEPAGE);

	fill_all(p, pages, tag);
	record(arg[0], p, pages, tag);
	return hold();
}

static int locked(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	fill_all(p, pages, tag);
	if (mlock(p, pages * page_size))
		perror("mlock");
	record(arg[0], p, pages, tag);
	return hold();
}

/* Anonymous pages that hold nothing but zeros. */
static int zerofill(char **arg)
{
	uint64_t pages = pages_of(arg);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	memset(p, 0, pages * page_size);
	record(arg[0], p, pages, tag_of(arg[2]));
	return hold();
}

/* Only read: the kernel's shared zero page. */
static int zeropage(char **arg)
{
	uint64_t pages = pages_of(arg);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	read_all(p, pages);
	record(arg[0], p, pages, tag_of("ZEROPAGE"));
	return hold();
}

/* Only read: the kernel's shared huge zero page. */
static int thpzero(char **arg)
{
	uint64_t pages = pages_of(arg);
	char *p = map_anonymous(pages * page_size, MADV_HUGEPAGE);

	read_all(p, pages);
	record(arg[0], p, pages, tag_of("HUGEZERO"));
	return hold();
}

/* Freed after recording: free memory with old data in it. */
static int stale(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	fill_all(p, pages, tag);
	record(arg[0], p, pages, tag);
	munmap(p, pages * page_size);
	ready();
	return 0;
}

/* About every second page given back: free blocks of low order. */
static int frag(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	fill_all(p, pages, tag);
	for (uint64_t i = 0; i < pages; i++)
		if ((i * 2654435761u >> 7) & 1)
			madvise(p + i * page_size, page_size, MADV_DONTNEED);
	record(arg[0], p, pages, tag);
	return hold();
}

/* Eight contents only; the KSM daemon must be running. */
static int ksm(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	madvise(p, pages * page_size, MADV_MERGEABLE);
	for (uint64_t i = 0; i < pages; i++)
		fill(p + i * page_size, tag, i % 8);
	sleep(4);
	record(arg[0], p, pages, tag);
	return hold();
}

/*
 * Swapped out, then one page in 16 read again.  A second process that shares
 * what is swapped out makes the kernel keep those in the swap cache.
 */
static int swap(char **arg)
{
	uint64_t pages = pages_of(arg), tag = tag_of(arg[2]);
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);

	fill_all(p, pages, tag);
	if (madvise(p, pages * page_size, MADV_PAGEOUT))
		perror("pageout");
	if (!fork())
		for (;;)
			pause();
	for (uint64_t i = 0; i < pages; i += 16)
		(void)*(volatile char *)(p + i * page_size);
	record(arg[0], p, pages, tag);
	return hold();
}

/* hugetlb NUMBER: that many huge pages, which must have been reserved. */
static int hugetlb(char **arg)
{
	size_t bytes = number(arg[1]) * huge_page_size;
	uint64_t tag = tag_of("HUGETLB!");
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		die("hugetlb");
	fill_all(p, bytes / page_size, tag);
	record(arg[0], p, bytes / page_size, tag);
	return hold();
}

static int open_file(const char *path, uint64_t *pages)
{
	int fd = open(path, O_RDWR);
	struct stat st;

	if (fd < 0)
		fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die(path);
	*pages = (st.st_size + page_size - 1) / page_size;
	return fd;
}

/* file PATH TAG: page cache, still mapped.  The file has the content already. */
static int file(char **arg)
{
	uint64_t pages;
	int fd = open_file(arg[1], &pages);
	char *p = mmap(NULL, pages * page_size, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	read_all(p, pages);
	record(arg[0], p, pages, tag_of(arg[2]));
	return hold();
}

/* The same, unmapped again. */
static int filedrop(char **arg)
{
	uint64_t pages;
	int fd = open_file(arg[1], &pages);
	char *p = mmap(NULL, pages * page_size, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	read_all(p, pages);
	record(arg[0], p, pages, tag_of(arg[2]));
	munmap(p, pages * page_size);
	ready();
	return 0;
}

/* A private mapping: every second page copied on write with the given tag. */
static int filepriv(char **arg)
{
	uint64_t pages, tag = tag_of(arg[2]);
	int fd = open_file(arg[1], &pages);
	char *p = mmap(NULL, pages * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	read_all(p, pages);
	for (uint64_t i = 0; i < pages; i += 2)
		fill(p + i * page_size, tag, i);
	record(arg[0], p, pages, tag);
	return hold();
}

/* mkfile PATH MIB TAG: a file with the content, written through the page cache. */
static int mkfile(char **arg)
{
	char *page = new_page();
	uint64_t pages = number(arg[2]) * PAGES_PER_MIB;
	int fd = open(arg[1], O_CREAT | O_RDWR | O_TRUNC, 0644);

	if (fd < 0)
		die(arg[1]);
	for (uint64_t i = 0; i < pages; i++) {
		fill(page, tag_of(arg[3]), i);
		if (write(fd, page, page_size) != (ssize_t)page_size)
			die("write");
	}
	ready();
	return 0;
}

/* holes MIB: memory in pieces: of each 14 pages runs of 1, 2 and 4 are free, and as many kept apart
 * from each other by others.  No content is written, so the host need not have the memory. */
static int holes(char **arg)
{
	static const int lengths[] = {1, 2, 4};
	off_t size = number(arg[1]) * PAGES_PER_MIB * page_size;
	int fd = memfd_create("holes", 0);

	if (fd < 0 || fallocate(fd, 0, 0, size))
		die("holes");
	for (off_t at = 0, i = 0; at < size; i++) {
		off_t length = lengths[i % 3] * (off_t)page_size;

		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length))
			die("punching a hole");
		at += 2 * length;
	}
	return hold();
}

static int share(const char *kind, int fd, uint64_t pages, uint64_t tag)
{
	char *p;

	if (fd < 0 || ftruncate(fd, pages * page_size))
		die(kind);
	p = mmap(NULL, pages * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		die(kind);
	fill_all(p, pages, tag);
	record(kind, p, pages, tag);
	return hold();
}

static int memfd(char **arg)
{
	return share(arg[0], syscall(SYS_memfd_create, "wl", 0), pages_of(arg), tag_of("MEMFDSHM"));
}

/* Pages that are not in the kernel's direct map. */
static int secret(char **arg)
{
	return share(arg[0], syscall(SYS_memfd_secret, 0), pages_of(arg), tag_of("SECRETME"));
}

/* pipe NUMBER: kernel pages that no flag tells from others. */
static int pipes(char **arg)
{
	char *page = new_page();
	uint64_t count = number(arg[1]), done = 0;

	for (uint64_t i = 0; i < count; i++) {
		int fds[2];

		if (pipe2(fds, O_NONBLOCK))
			break;
		for (int j = 0; j < 16; j++) {
			fill(page, tag_of("PIPEBUF!"), i * 16 + j);
			if (write(fds[1], page, page_size) != (ssize_t)page_size)
				break;
			done++;
		}
	}
	printf("wl: pipe pages=%llu\n", (unsigned long long)done);
	return hold();
}

/* sock NUMBER: messages waiting in sockets, that is, slab objects with content. */
static int sockets(char **arg)
{
	char *page = new_page();
	uint64_t count = number(arg[1]), done = 0;

	for (uint64_t i = 0; i < count; i++) {
		int fds[2];

		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds))
			break;
		for (int j = 0; j < 8; j++) {
			fill(page, tag_of("SOCKBUF!"), i * 8 + j);
			if (write(fds[1], page, 3000) < 0)
				break;
			done++;
		}
	}
	printf("wl: sock messages=%llu\n", (unsigned long long)done);
	return hold();
}

/* ptes NUMBER: a page read in each of so many ranges of a huge page: page tables. */
static int ptes(char **arg)
{
	uint64_t count = number(arg[1]);
	char *p = mmap(NULL, count * huge_page_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("ptes");
	madvise(p, count * huge_page_size, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < count; i++)
		(void)*(volatile char *)(p + i * huge_page_size);
	printf("wl: ptes=%llu\n", (unsigned long long)count);
	return hold();
}

static int new_bpf_map(uint32_t flags)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
			       .key_size = 4,
			       .value_size = page_size,
			       .max_entries = PAGES_PER_MIB,
			       .map_flags = flags};
	int fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0)
		die("bpf");
	return fd;
}

/* bpfmap MIB: arrays of BPF, each a MiB by vmalloc, as large tables of drivers are. */
static int bpfmap(char **arg)
{
	for (uint64_t i = 0; i < number(arg[1]); i++)
		new_bpf_map(0);
	return hold();
}

/* bpfmmap MIB: the same, mapped into a process: the kernel's pages with a count of mappings. */
static int bpfmmap(char **arg)
{
	for (uint64_t i = 0; i < number(arg[1]); i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED,
			       new_bpf_map(BPF_F_MMAPABLE), 0);

		if (p == MAP_FAILED)
			die("mapping of a BPF array");
		fill_all(p, PAGES_PER_MIB, tag_of("BPFARRAY"));
	}
	return hold();
}

/* uring NUMBER: rings of io_uring, the kernel's pages (some compound) that a process has mapped. */
static int uring(char **arg)
{
	for (uint64_t i = 0; i < number(arg[1]); i++) {
		struct io_uring_params params = {0};
		int fd = syscall(SYS_io_uring_setup, 1024, &params);
		size_t bytes = params.sq_entries * sizeof(struct io_uring_sqe);
		char *p;

		if (fd < 0)
			die("io_uring_setup");
		p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
		if (p == MAP_FAILED)
			die("mapping of a ring");
		fill_all(p, bytes / page_size, tag_of("IOURING!"));
	}
	return hold();
}

static void ignore(int signal)
{
	(void)signal;
}

static int poison(char **arg, int advice)
{
	uint64_t pages = number(arg[1]), tag = tag_of("POISONED"), done = 0;
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);
	struct sigaction action = {.sa_handler = ignore};

	fill_all(p, pages, tag);
	record(arg[0], p, pages, tag);
	sigaction(SIGBUS, &action, NULL);
	for (uint64_t i = 0; i < pages; i++) {
		if (!madvise(p + i * page_size, page_size, advice))
			done++;
		else if (!i)
			perror(arg[0]);
	}
	printf("wl: %s ok=%llu of %llu\n", arg[0], (unsigned long long)done,
	       (unsigned long long)pages);
	return hold();
}

/* hwpoison NUMBER: pages reported as broken while in use (CONFIG_MEMORY_FAILURE). */
static int hwpoison(char **arg)
{
	return poison(arg, MADV_HWPOISON);
}

/* softoffline NUMBER: the content is moved away, the old page is poisoned. */
static int softoffline(char **arg)
{
	return poison(arg, MADV_SOFT_OFFLINE);
}

/* freepoison NUMBER: freed pages, hard offlined while (most likely) still free. */
static int freepoison(char **arg)
{
	enum { STEP = 64, INSIDE = 17 }; /* one page of each run of 64 */
	uint64_t count = number(arg[1]), pages = count * STEP, tag = tag_of("FREEPOIS"), done = 0;
	char *p = map_anonymous(pages * page_size, MADV_NOHUGEPAGE);
	uint64_t *entries;

	fill_all(p, pages, tag);
	entries = read_pagemap(p, pages);
	record(arg[0], p, pages, tag);
	munmap(p, pages * page_size);
	sleep(1);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t pfn = entries[i * STEP + INSIDE] & PAGEMAP_PFN;
		int fd = open("/sys/devices/system/memory/hard_offline_page", O_WRONLY);

		if (fd < 0)
			die("hard_offline_page");
		if (dprintf(fd, "0x%llx", (unsigned long long)(pfn * page_size)) > 0)
			done++;
		close(fd);
	}
	printf("wl: freepoison ok=%llu of %llu\n", (unsigned long long)done,
	       (unsigned long long)count);
	ready();
	return 0;
}

static const struct kind {
	const char *name;
	int arguments;
	int (*make)(char **arg);
	const char *usage;
} kinds[] = {
	{"anon", 2, anon, "MIB TAG"},
	{"rand", 2, rand_anon, "MIB TAG"},
	{"thp", 2, thp, "MIB TAG"},
	{"mlock", 2, locked, "MIB TAG"},
	{"zerofill", 2, zerofill, "MIB TAG"},
	{"zeropage", 1, zeropage, "MIB"},
	{"thpzero", 1, thpzero, "MIB"},
	{"stale", 2, stale, "MIB TAG"},
	{"frag", 2, frag, "MIB TAG"},
	{"ksm", 2, ksm, "MIB TAG"},
	{"swap", 2, swap, "MIB TAG"},
	{"hugetlb", 1, hugetlb, "NUMBER"},
	{"file", 2, file, "PATH TAG"},
	{"filedrop", 2, filedrop, "PATH TAG"},
	{"filepriv", 2, filepriv, "PATH TAG"},
	{"mkfile", 3, mkfile, "PATH MIB TAG"},
	{"memfd", 1, memfd, "MIB"},
	{"holes", 1, holes, "MIB"},
	{"secret", 1, secret, "MIB"},
	{"pipe", 1, pipes, "NUMBER"},
	{"sock", 1, sockets, "NUMBER"},
	{"ptes", 1, ptes, "NUMBER"},
	{"bpfmap", 1, bpfmap, "MIB"},
	{"bpfmmap", 1, bpfmmap, "MIB"},
	{"uring", 1, uring, "NUMBER"},
	{"hwpoison", 1, hwpoison, "PAGES"},
	{"softoffline", 1, softoffline, "PAGES"},
	{"freepoison", 1, freepoison, "PAGES"},
};

static const struct kind *find_kind(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name) && argc - 2 == kinds[i].arguments)
			return &kinds[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct kind *kind = find_kind(argc, argv);
	int fds[2];
	char byte;

	if (!kind) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			fprintf(stderr, "wl %s %s\n", kinds[i].name, kinds[i].usage);
		return 2;
	}
	read_page_sizes();
	if (pipe(fds))
		die("pipe");
	if (!fork()) {
		close(fds[0]);
		ready_fd = fds[1];
		setsid();
		signal(SIGHUP, SIG_IGN);
		exit(kind->make(argv + 1));
	}
	close(fds[1]);
	return read(fds[0], &byte, 1) == 1 ? 0 : 1;
}
