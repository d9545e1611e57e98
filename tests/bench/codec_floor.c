/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec_floor VMCORE KEPT CODEC[:LEVEL] OUT
 *
 * What the pages of VMCORE that the kdump file KEPT has cost at the least, with no code of ours:
 *   alone   those with content lie in memory already, and the codec goes over them
 *   floor   they are read, tested for zeros, compressed, and written to OUT in pieces of 1 MiB
 * A line for each: its name, seconds of CPU, seconds of wall time, pages that the codec got, and
 * bytes that it made of them.  VMCORE is an ELF core of 64 bits, KEPT of the same machine.
 */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codec_floor.h"

#define WINDOW    ((size_t)4 << 20) /* of VMCORE, mapped: costs less than read() of any size */
#define WRITE_MAX ((size_t)1 << 20)
#define PAGE_MAX  ((size_t)64 << 10)

/* Pages that lie together in VMCORE, and begin in one window of it. */
struct run {
	off_t offset;
	size_t pages;
};

struct pages {
	int fd;
	size_t page_size;
	struct run *runs;
	size_t run_count;
	size_t count;
};

struct cost {
	double cpu, wall;
	uint64_t pages, bytes;
};

void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("codec_floor: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void *get_memory(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		give_up("out of memory");
	return memory;
}

static double clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void cost_start(struct cost *cost)
{
	*cost = (struct cost){
		.cpu = -clock_now(CLOCK_PROCESS_CPUTIME_ID),
		.wall = -clock_now(CLOCK_MONOTONIC),
	};
}

static void cost_print(struct cost *cost, const char *name)
{
	cost->cpu += clock_now(CLOCK_PROCESS_CPUTIME_ID);
	cost->wall += clock_now(CLOCK_MONOTONIC);
	printf("%s %.6f %.6f %" PRIu64 " %" PRIu64 "\n", name, cost->cpu, cost->wall, cost->pages,
	       cost->bytes);
}

static void read_all(int fd, void *buffer, size_t size, off_t offset)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = pread(fd, (char *)buffer + done, size - done, offset + (off_t)done);

		if (got <= 0)
			give_up("cannot read %zu bytes at %jd", size, (intmax_t)offset);
		done += (size_t)got;
	}
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		give_up("cannot open %s", path);
	return fd;
}

/* The second bitmap of a kdump file: the pages that it has.  Returns its bits. */
static uint8_t *kept_read(const char *path, size_t *ret_page_size, size_t *ret_bits)
{
	uint32_t words[4]; /* block size, and in blocks: sub header, both bitmaps */
	char head[440];
	int fd = open_file(path);

	read_all(fd, head, sizeof(head), 0);
	memcpy(words, head + 428, 12);
	if (memcmp(head, "KDUMP   ", 8) != 0 || words[0] < 4096 || words[0] > PAGE_MAX)
		give_up("%s is no kdump file of such a machine", path);

	size_t size = (size_t)words[2] / 2 * words[0];
	uint8_t *bits = get_memory(size, 1);

	read_all(fd, bits, size, (off_t)words[0] * (1 + words[1]) + (off_t)size);
	close(fd);
	*ret_page_size = words[0];
	*ret_bits = size * 8;
	return bits;
}

static Elf64_Phdr *segments_read(int fd, size_t *ret_count)
{
	Elf64_Ehdr head;

	read_all(fd, &head, sizeof(head), 0);
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_phentsize != sizeof(Elf64_Phdr) ||
	    head.e_phnum == PN_XNUM)
		give_up("not an ELF core that this program reads");

	Elf64_Phdr *segments = get_memory(head.e_phnum, sizeof(*segments));

	read_all(fd, segments, head.e_phnum * sizeof(*segments), (off_t)head.e_phoff);
	*ret_count = head.e_phnum;
	return segments;
}

static off_t page_offset(const Elf64_Phdr *segments, size_t count, uint64_t address, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		const Elf64_Phdr *segment = &segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_paddr &&
		    address - segment->p_paddr + size <= segment->p_filesz)
			return (off_t)(segment->p_offset + (address - segment->p_paddr));
	}
	return -1;
}

static void pages_find(struct pages *pages, const char *vmcore, const char *kept)
{
	size_t bit_count, segment_count;
	uint8_t *bits = kept_read(kept, &pages->page_size, &bit_count);

	pages->fd = open_file(vmcore);

	Elf64_Phdr *segments = segments_read(pages->fd, &segment_count);
	struct run *last = NULL;

	pages->runs = get_memory(bit_count, sizeof(*pages->runs));
	for (size_t pfn = 0; pfn < bit_count; pfn++) {
		size_t size = pages->page_size;

		if (!(bits[pfn / 8] >> pfn % 8 & 1))
			continue;

		off_t offset = page_offset(segments, segment_count, pfn * size, size);

		if (offset < 0)
			continue; /* a page that is there in part */
		if (last && last->offset + (off_t)(last->pages * size) == offset &&
		    offset % (off_t)WINDOW >= (off_t)size) {
			last->pages++;
		} else {
			last = &pages->runs[pages->run_count++];
			*last = (struct run){.offset = offset, .pages = 1};
		}
		pages->count++;
	}
	free(segments);
	free(bits);
}

static bool is_zero(const uint8_t *page, size_t size)
{
	uint64_t word;

	memcpy(&word, page, sizeof(word));
	return !word && memcmp(page, page + sizeof(word), size - sizeof(word)) == 0;
}

/* A page that does not shrink is stored as it is. */
static size_t store(const struct codec *codec, const uint8_t *page, size_t size, uint8_t *out)
{
	size_t stored = codec->encode(page, size, out, size - 1);

	if (stored)
		return stored;
	memcpy(out, page, size);
	return size;
}

static void measure_alone(const struct pages *pages, const struct codec *codec)
{
	size_t size = pages->page_size, count = 0;
	uint8_t *memory = get_memory(pages->count, size);
	uint8_t *out = get_memory(2, size + CODEC_SLACK);
	struct cost cost;

	for (size_t i = 0; i < pages->run_count; i++) {
		size_t run = pages->runs[i].pages;
		uint8_t *first = memory + count * size;

		read_all(pages->fd, first, run * size, pages->runs[i].offset);
		for (size_t j = 0; j < run; j++) {
			if (is_zero(first + j * size, size))
				continue;
			memmove(memory + count++ * size, first + j * size, size);
		}
	}
	cost_start(&cost);
	cost.pages = count;
	for (size_t i = 0; i < count; i++)
		cost.bytes += store(codec, memory + i * size, size, out);
	cost_print(&cost, "alone");
	free(memory);
	free(out);
}

/* The part of VMCORE around a run; *base is the place of the last one, which is given back. */
static const uint8_t *window_move(const struct pages *pages, const struct run *run,
				  const uint8_t *window, off_t *base)
{
	off_t wanted = run->offset - run->offset % (off_t)WINDOW;
	size_t size = WINDOW + pages->page_size; /* the last page may lie across the end */

	if (window && wanted == *base)
		return window;
	if (window)
		munmap((void *)(uintptr_t)window, size);

	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, pages->fd, wanted);

	if (map == MAP_FAILED)
		give_up("cannot map %zu bytes at %jd", size, (intmax_t)wanted);
	*base = wanted;
	return map;
}

static size_t write_out(int fd, const uint8_t *buffer, size_t size)
{
	if (write(fd, buffer, size) != (ssize_t)size)
		give_up("cannot write");
	return size;
}

static void measure_floor(const struct pages *pages, const struct codec *codec, const char *path)
{
	size_t size = pages->page_size, used = 0;
	const uint8_t *window = NULL;
	off_t base = 0;
	uint8_t *out = get_memory(1, WRITE_MAX + size + CODEC_SLACK);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct cost cost;

	if (fd < 0)
		give_up("cannot create %s", path);
	cost_start(&cost);
	for (size_t i = 0; i < pages->run_count; i++) {
		size_t run = pages->runs[i].pages;

		window = window_move(pages, &pages->runs[i], window, &base);

		const uint8_t *in = window + (pages->runs[i].offset - base);

		for (size_t j = 0; j < run; j++) {
			if (is_zero(in + j * size, size))
				continue;
			used += store(codec, in + j * size, size, out + used);
			cost.pages++;
			if (used >= WRITE_MAX) {
				cost.bytes += write_out(fd, out, WRITE_MAX);
				used -= WRITE_MAX;
				memmove(out, out + WRITE_MAX, used);
			}
		}
	}
	cost.bytes += write_out(fd, out, used);
	close(fd);
	cost_print(&cost, "floor");
	unlink(path);
	if (window)
		munmap((void *)(uintptr_t)window, WINDOW + size);
	free(out);
}

int main(int argc, char **argv)
{
	struct pages pages = {0};

	if (argc != 5)
		give_up("usage: codec_floor VMCORE KEPT CODEC[:LEVEL] OUT");

	struct codec codec = codec_open(argv[3]);

	pages_find(&pages, argv[1], argv[2]);
	measure_alone(&pages, &codec);
	measure_floor(&pages, &codec, argv[4]);
	codec.close();
	free(pages.runs);
	close(pages.fd);
	return 0;
}
