/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kdump_compare [-n PAGES] VMCORE FILTERED...
 *
 * Opens a dump and one made from it, maybe in several files, with libkdumpfile and compares them
 * page by page.  Every page that FILTERED has must be in VMCORE with the same bytes; every other
 * page must be absent (KDUMP_ERR_NODATA), not damaged, and in the map of memory when it is in
 * VMCORE.
 * -n: only so many of the kept pages, spread evenly.
 *
 * Exit status: 0 equal, 1 not, 2 the dumps could not be compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libkdumpfile/kdumpfile.h>

#define MISTAKES_SHOWN 10
#define FILES_MAX      16

struct dump {
	const char *path; /* of the first file */
	int fds[FILES_MAX];
	unsigned int count;
	kdump_ctx_t *ctx;
	kdump_num_t page_size;
	unsigned char *page;
};

struct totals {
	uint64_t equal;    /* in both, the same bytes */
	uint64_t zero;     /* of them, filled with zeros */
	uint64_t excluded; /* in VMCORE only */
	uint64_t skipped;  /* kept, but not in the sample */
	uint64_t mistakes;
};

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("kdump_compare: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static void dump_open(struct dump *dump, char **paths, unsigned int count)
{
	const char *path = paths[0];

	if (count > FILES_MAX)
		give_up("more than %d files", FILES_MAX);
	dump->path = path;
	dump->count = count;
	for (unsigned int i = 0; i < count; i++) {
		dump->fds[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (dump->fds[i] < 0)
			give_up("%s: %s", paths[i], strerror(errno));
	}

	dump->ctx = kdump_new();
	if (!dump->ctx)
		give_up("out of memory");
	if (kdump_open_fdset(dump->ctx, count, dump->fds) != KDUMP_OK)
		give_up("%s: %s", path, kdump_get_err(dump->ctx));
	if (kdump_get_number_attr(dump->ctx, KDUMP_ATTR_PAGE_SIZE, &dump->page_size) != KDUMP_OK)
		give_up("%s: page size: %s", path, kdump_get_err(dump->ctx));
	dump->page = malloc(dump->page_size);
	if (!dump->page)
		give_up("out of memory");
}

static void dump_close(struct dump *dump)
{
	free(dump->page);
	kdump_free(dump->ctx);
	for (unsigned int i = 0; i < dump->count; i++)
		close(dump->fds[i]);
}

static uint64_t dump_end_pfn(const struct dump *dump)
{
	kdump_num_t end;

	if (kdump_get_number_attr(dump->ctx, "max_pfn", &end) != KDUMP_OK)
		give_up("%s: max_pfn: %s", dump->path, kdump_get_err(dump->ctx));
	return end;
}

static kdump_status dump_read(const struct dump *dump, uint64_t pfn)
{
	size_t size = dump->page_size;

	return kdump_read(dump->ctx, KDUMP_MACHPHYSADDR, pfn * dump->page_size, dump->page, &size);
}

/* A page map below @end_pfn, a bit a page.  That of an ELF file lacks pages in 0.5.1 where segments
 * overlap, but what it has is right; a read of the page before a segment succeeds, wrongly. */
static unsigned char *dump_pages(const struct dump *dump, const char *key, uint64_t end_pfn)
{
	kdump_attr_t attr = {.type = KDUMP_BITMAP};
	unsigned char *bits = calloc(1, end_pfn / 8 + 1);

	if (!bits)
		give_up("out of memory");
	if (kdump_get_attr(dump->ctx, key, &attr) != KDUMP_OK)
		give_up("%s: %s: %s", dump->path, key, kdump_get_err(dump->ctx));
	if (kdump_bmp_get_bits(attr.val.bitmap, 0, end_pfn - 1, bits) != KDUMP_OK)
		give_up("%s: %s: %s", dump->path, key, kdump_bmp_get_err(attr.val.bitmap));
	return bits;
}

static bool pages_have(const unsigned char *pages, uint64_t pfn)
{
	return pages[pfn / 8] >> (pfn % 8) & 1;
}

static uint64_t pages_count(const unsigned char *pages, uint64_t end_pfn)
{
	uint64_t count = 0;

	for (uint64_t pfn = 0; pfn < end_pfn; pfn++)
		count += pages_have(pages, pfn);
	return count;
}

static bool page_is_zero(const struct dump *dump)
{
	return !dump->page[0] && !memcmp(dump->page, dump->page + 1, dump->page_size - 1);
}

static void __attribute__((format(printf, 3, 4)))
mistake(struct totals *totals, uint64_t pfn, const char *format, ...)
{
	va_list args;

	if (totals->mistakes++ >= MISTAKES_SHOWN)
		return;
	va_start(args, format);
	printf("pfn 0x%" PRIx64 ": ", pfn);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

static void compare_kept(struct totals *totals, const struct dump *whole,
			 const struct dump *filtered, uint64_t pfn)
{
	kdump_status status = dump_read(filtered, pfn);

	if (status != KDUMP_OK) {
		mistake(totals, pfn, "kept, but cannot be read: %s", kdump_get_err(filtered->ctx));
		return;
	}
	status = dump_read(whole, pfn);
	if (status != KDUMP_OK)
		mistake(totals, pfn, "not in %s: %s", whole->path, kdump_get_err(whole->ctx));
	else if (memcmp(whole->page, filtered->page, whole->page_size))
		mistake(totals, pfn, "different bytes");
	else if (page_is_zero(whole))
		totals->zero++, totals->equal++;
	else
		totals->equal++;
}

static void compare_absent(struct totals *totals, const struct dump *filtered, bool in_whole,
			   bool is_memory, uint64_t pfn)
{
	kdump_status status = dump_read(filtered, pfn);

	if (status != KDUMP_ERR_NODATA)
		mistake(totals, pfn, "not kept, but a read says: %s",
			status == KDUMP_OK ? "here it is" : kdump_get_err(filtered->ctx));
	else if (is_memory)
		totals->excluded++;
	else if (in_whole)
		mistake(totals, pfn, "not kept, and not in the map of memory either");
}

static void compare(struct totals *totals, const struct dump *whole, const struct dump *filtered,
		    uint64_t sample)
{
	uint64_t end = dump_end_pfn(whole), filtered_end = dump_end_pfn(filtered), number = 0;

	if (filtered_end > end)
		end = filtered_end;
	if (!end)
		give_up("%s: no pages", whole->path);

	unsigned char *in_whole = dump_pages(whole, KDUMP_ATTR_FILE_PAGEMAP, end);
	unsigned char *kept = dump_pages(filtered, KDUMP_ATTR_FILE_PAGEMAP, end);
	unsigned char *memory = dump_pages(filtered, KDUMP_ATTR_MEMORY_PAGEMAP, end);
	uint64_t kept_count = pages_count(kept, end);
	uint64_t stride = sample && sample < kept_count ? kept_count / sample : 1;

	for (uint64_t pfn = 0; pfn < end; pfn++) {
		if (!pages_have(kept, pfn))
			compare_absent(totals, filtered, pages_have(in_whole, pfn),
				       pages_have(memory, pfn), pfn);
		else if (number++ % stride == 0)
			compare_kept(totals, whole, filtered, pfn);
		else
			totals->skipped++;
	}
	free(in_whole);
	free(kept);
	free(memory);
}

int main(int argc, char **argv)
{
	struct dump whole, filtered;
	struct totals totals = {0};
	uint64_t sample = 0;
	int option;

	while ((option = getopt(argc, argv, "n:")) == 'n')
		sample = strtoull(optarg, NULL, 0);
	if (option != -1 || argc - optind < 2)
		give_up("usage: kdump_compare [-n PAGES] VMCORE FILTERED...");

	dump_open(&whole, argv + optind, 1);
	dump_open(&filtered, argv + optind + 1, (unsigned int)(argc - optind - 1));
	if (whole.page_size != filtered.page_size)
		give_up("page sizes differ");
	compare(&totals, &whole, &filtered, sample);
	dump_close(&filtered);
	dump_close(&whole);

	printf("%" PRIu64 " kept pages equal (%" PRIu64 " of zeros), %" PRIu64
	       " excluded pages absent",
	       totals.equal, totals.zero, totals.excluded);
	if (totals.skipped)
		printf(", %" PRIu64 " kept pages not looked at", totals.skipped);
	printf(", %" PRIu64 " mistakes\n", totals.mistakes);
	if (!totals.equal) {
		puts("no page was compared");
		return 1;
	}
	return totals.mistakes ? 1 : 0;
}
