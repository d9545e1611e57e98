/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What old kernels and stand-alone dumpers wrote: DISKDUMP, LKCD and s390, through libkdumpfile.
 * It knows more formats, which we read ourselves or of which nobody has shown that they work.
 *
 * One thread reads at a time: whether its locks hold is not in our hands.
 *
 * Tried with versions 0.5.1 and, by its header, 0.5.6: numbers, strings and bitmaps come through
 * kdump_get_attr(), which is the same in both.
 */
#include "dump/kdumpfile.h"

#ifdef HAVE_KDUMPFILE

#include <inttypes.h>
#include <libkdumpfile/kdumpfile.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump.h"
#include "dump/machine.h"

/* Bits of a bitmap that are fetched together. */
#define CHUNK_PAGES ((uint64_t)1 << 16)

/* LKCD has no bitmap: each page is looked for.  256 GiB in pages of 4 KiB; its last version is of
 * 2005. */
#define SEARCHED_PAGES_MAX ((uint64_t)1 << 26)

/* Pages that a cursor keeps: a walk along the memory map goes back and forth between a few. */
#define CACHE_PAGES 16

struct kdumpfile {
	kdump_ctx_t *ctx;     /* of which cursors have clones; not for reading */
	struct extents known; /* memory, stored or not */
	struct extents stored;
};

struct kdumpfile_cursor {
	kdump_ctx_t *ctx;
	vmc_pfn pfns[CACHE_PAGES]; /* NO_PFN: none */
	size_t next;               /* to be replaced */
	uint8_t *pages;
};

#define NO_PFN UINT64_MAX

extern const struct dump_format dump_format_s390;

static enum vmc_error_code code_of(kdump_status status)
{
	switch (status) {
	case KDUMP_ERR_NODATA:
		return VMC_ERR_NODATA;
	case KDUMP_ERR_EOF:
		return VMC_ERR_TRUNCATED;
	case KDUMP_ERR_NOTIMPL:
		return VMC_ERR_UNSUPPORTED;
	case KDUMP_ERR_INVALID:
		return VMC_ERR_INVALID;
	default:
		return VMC_ERR_CORRUPT;
	}
}

static struct vmc_error *error_of(kdump_ctx_t *ctx, kdump_status status)
{
	const char *why = kdump_get_err(ctx);

	return error_create(code_of(status), "libkdumpfile: %s",
			    why ? why : kdump_strerror(status));
}

static bool get_number(kdump_ctx_t *ctx, const char *key, uint64_t *ret_number)
{
	kdump_attr_t attr;

	if (kdump_get_attr(ctx, key, &attr) != KDUMP_OK || attr.type != KDUMP_NUMBER)
		return false;
	*ret_number = attr.val.number;
	return true;
}

/* Valid until the next call. */
static const char *get_string(kdump_ctx_t *ctx, const char *key)
{
	kdump_attr_t attr;

	if (kdump_get_attr(ctx, key, &attr) != KDUMP_OK || attr.type != KDUMP_STRING)
		return NULL;
	return attr.val.string;
}

/* Fails silently where the format has no such bitmap. */
static bool get_bitmap(kdump_ctx_t *ctx, const char *key, kdump_bmp_t **ret_bitmap)
{
	kdump_attr_t attr;

	if (kdump_get_attr(ctx, key, &attr) != KDUMP_OK || attr.type != KDUMP_BITMAP)
		return false;
	*ret_bitmap = attr.val.bitmap;
	return true;
}

static struct vmc_error *add_bits(struct extents *pages, const uint8_t *bits, vmc_pfn start,
				  uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (bits[i / 8] >> i % 8 & 1)
			TRY(extents_append(pages, start + i, 1));
	}
	return kdump_extents_check(pages);
}

/* By bits, since kdump_bmp_find_set() of 0.5.1 and 0.5.6 ends with the first file of a set. */
static struct vmc_error *add_bitmap(kdump_ctx_t *ctx, const char *key, vmc_pfn end,
				    struct extents *pages, bool *ret_found)
{
	_cleanup_free_ uint8_t *bits = malloc(CHUNK_PAGES / 8);
	kdump_bmp_t *bitmap;

	*ret_found = get_bitmap(ctx, key, &bitmap);
	if (!*ret_found)
		return NULL;
	if (!bits)
		return error_nomem();
	for (vmc_pfn pfn = 0; pfn < end; pfn += CHUNK_PAGES) {
		uint64_t count = min_u64(end - pfn, CHUNK_PAGES);

		if (kdump_bmp_get_bits(bitmap, pfn, pfn + count - 1, bits) != KDUMP_OK)
			return error_create(VMC_ERR_CORRUPT, "libkdumpfile: %s: %s", key,
					    kdump_bmp_get_err(bitmap));
		TRY(add_bits(pages, bits, pfn, count));
	}
	return NULL;
}

static struct vmc_error *read_page(kdump_ctx_t *ctx, const struct vmc_dump *dump, vmc_pfn pfn,
				   uint8_t *page)
{
	size_t size = dump->page_size;
	kdump_status status =
		kdump_read(ctx, KDUMP_MACHPHYSADDR, pfn << dump->page_shift, page, &size);
	struct vmc_error *err;

	if (status == KDUMP_OK && size == dump->page_size)
		return NULL;
	err = error_of(ctx, status == KDUMP_OK ? KDUMP_ERR_CORRUPT : status);
	kdump_clear_err(ctx);
	return error_context(err, "page 0x%" PRIx64, pfn);
}

/* Tries each page: what was read is there. */
static struct vmc_error *search_pages(const struct vmc_dump *dump, kdump_ctx_t *ctx, vmc_pfn end,
				      struct extents *pages)
{
	_cleanup_free_ uint8_t *page = malloc(dump->page_size);

	if (!page)
		return error_nomem();
	if (end > SEARCHED_PAGES_MAX)
		return error_create(VMC_ERR_LIMIT,
				    "0x%" PRIx64 " pages; 0x%" PRIx64
				    " are the most in a file without a bitmap",
				    end, SEARCHED_PAGES_MAX);
	for (vmc_pfn pfn = 0; pfn < end; pfn++) {
		struct vmc_error *err = read_page(ctx, dump, pfn, page);

		/* One that cannot be decoded is there, and is told of when it is wanted. */
		if (!err || vmc_error_code(err) == VMC_ERR_CORRUPT)
			TRY(extents_append(pages, pfn, 1));
		vmc_error_free(err);
	}
	return kdump_extents_check(pages);
}

static struct vmc_error *find_pages(struct vmc_dump *dump, struct kdumpfile *file)
{
	bool found = true;
	uint64_t end;

	if (!get_number(file->ctx, "max_pfn", &end))
		return error_create(VMC_ERR_CORRUPT, "libkdumpfile does not tell max_pfn");
	if (end > KDUMP_PFN_MAX)
		return error_create(VMC_ERR_LIMIT, "more than 0x%" PRIx64 " pages", KDUMP_PFN_MAX);
	if (dump->format == &dump_format_s390) /* memory as a whole */
		TRY(extents_append(&file->stored, 0, end));
	else
		TRY(add_bitmap(file->ctx, KDUMP_ATTR_FILE_PAGEMAP, end, &file->stored, &found));
	if (!found)
		TRY(search_pages(dump, file->ctx, end, &file->stored));
	TRY(add_bitmap(file->ctx, KDUMP_ATTR_MEMORY_PAGEMAP, end, &file->known, &found));
	dump->end_pfn = max_u64(extents_end(&file->known), extents_end(&file->stored));
	dump->history.filtered = extents_total(&file->known) > extents_total(&file->stored);
	return NULL;
}

static struct vmc_error *describe(struct vmc_dump *dump, kdump_ctx_t *ctx)
{
	uint64_t page_size, byte_order = KDUMP_LITTLE_ENDIAN, word_size = 8;
	const char *name = get_string(ctx, KDUMP_ATTR_ARCH_NAME);

	if (name)
		dump->machine = strcmp(name, KDUMP_ARCH_IA32) == 0 ? machine_from_name("i386")
								   : machine_from_name(name);
	name = get_string(ctx, "linux.uts.machine");
	if (name)
		strncpy(dump->uts_machine, name, sizeof(dump->uts_machine) - 1);
	get_number(ctx, KDUMP_ATTR_BYTE_ORDER, &byte_order);
	get_number(ctx, KDUMP_ATTR_PTR_SIZE, &word_size);
	dump->layout = (struct layout){.big_endian = byte_order == KDUMP_BIG_ENDIAN,
				       .word_size = word_size == 4 ? 4 : 8};
	if (!get_number(ctx, KDUMP_ATTR_PAGE_SIZE, &page_size))
		return error_create(VMC_ERR_CORRUPT, "libkdumpfile does not tell the page size");
	return dump_set_page_size(dump, page_size);
}

static struct vmc_error *kdumpfile_open(struct vmc_dump *dump)
{
	struct kdumpfile *file;

	if (dump->file->in_records)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "%s inside of a flattened dump cannot be read",
				    dump->format->description);
	file = calloc(1, sizeof(*file));
	if (!file)
		return error_nomem();
	dump->private = file; /* from here on kdumpfile_close() frees it */
	extents_init(&file->known);
	extents_init(&file->stored);
	file->ctx = kdump_new();
	if (!file->ctx)
		return error_nomem();

	/* Nothing catches a SIGBUS of its maps, when headers lead behind the end of the file. */
	kdump_status status =
		kdump_set_number_attr(file->ctx, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER);

	if (status == KDUMP_OK)
		status = kdump_open_fd(file->ctx, dump->file->fd);
	if (status != KDUMP_OK) {
		struct vmc_error *err = error_of(file->ctx, status);

		/* 0.5.1 uses memory that it has freed when what it could not open is closed
		 * (valgrind, with a DISKDUMP of 12 bytes): it is left alone for good. */
		file->ctx = NULL;
		return err;
	}
	TRY(describe(dump, file->ctx));
	return find_pages(dump, file);
}

static void kdumpfile_close(struct vmc_dump *dump)
{
	struct kdumpfile *file = dump->private;

	if (!file)
		return;
	if (file->ctx)
		kdump_free(file->ctx);
	extents_deinit(&file->known);
	extents_deinit(&file->stored);
	free(file);
	dump->private = NULL;
}

static bool kdumpfile_next_run(const struct vmc_dump *dump, vmc_pfn from,
			       struct vmc_memory_run *ret_run)
{
	const struct kdumpfile *file = dump->private;

	return kdump_next_run_of(&file->known, &file->stored, from, ret_run);
}

static void kdumpfile_cursor_destroy(void *state)
{
	struct kdumpfile_cursor *cursor = state;

	if (!cursor)
		return;
	if (cursor->ctx)
		kdump_free(cursor->ctx);
	free(cursor->pages);
	free(cursor);
}

static struct vmc_error *kdumpfile_cursor_create(struct vmc_dump *dump, void **ret_state)
{
	const struct kdumpfile *file = dump->private;
	struct kdumpfile_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return error_nomem();
	for (size_t i = 0; i < CACHE_PAGES; i++)
		cursor->pfns[i] = NO_PFN;
	/* A context is for one thread at a time; its clones share files and locks. */
	cursor->ctx = kdump_clone(file->ctx, 0);
	cursor->pages = calloc(CACHE_PAGES, dump->page_size);
	if (!cursor->ctx || !cursor->pages) {
		kdumpfile_cursor_destroy(cursor);
		return error_nomem();
	}
	*ret_state = cursor;
	return NULL;
}

/* What the library takes is its own. */
static size_t kdumpfile_cursor_memory(const struct vmc_dump *dump)
{
	return sizeof(struct kdumpfile_cursor) + (size_t)CACHE_PAGES * dump->page_size;
}

static struct vmc_error *page_get(const struct vmc_dump *dump, struct kdumpfile_cursor *cursor,
				  vmc_pfn pfn, const uint8_t **ret_page)
{
	const struct kdumpfile *file = dump->private;
	size_t slot = cursor->next;

	for (size_t i = 0; i < CACHE_PAGES; i++) {
		if (cursor->pfns[i] == pfn) {
			*ret_page = cursor->pages + i * dump->page_size;
			return NULL;
		}
	}
	if (!extents_contain(&file->stored, pfn))
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PFN, pfn,
				       extents_contain(&file->known, pfn)
					       ? "this page was left out of the dump"
					       : "this is no memory");
	cursor->pfns[slot] = NO_PFN;
	TRY(read_page(cursor->ctx, dump, pfn, cursor->pages + slot * dump->page_size));
	cursor->pfns[slot] = pfn;
	cursor->next = (slot + 1) % CACHE_PAGES;
	*ret_page = cursor->pages + slot * dump->page_size;
	return NULL;
}

static struct vmc_error *kdumpfile_get(struct vmc_dump *dump, void *state, vmc_paddr address,
				       size_t size, const void **ret_bytes, size_t *ret_size)
{
	size_t inside = (size_t)(address & (dump->page_size - 1));
	const uint8_t *page = NULL;

	TRY(page_get(dump, state, address >> dump->page_shift, &page));
	*ret_bytes = page + inside;
	*ret_size = (size_t)min_u64(size, dump->page_size - inside);
	return NULL;
}

static bool begins_with(const void *head, size_t size, const char *signature)
{
	return size >= 8 && memcmp(head, signature, 8) == 0;
}

static bool diskdump_probe(const void *head, size_t size)
{
	return begins_with(head, size, DISKDUMP_SIGNATURE);
}

static bool lkcd_probe(const void *head, size_t size)
{
	return begins_with(head, size, LKCD_SIGNATURE_LE) ||
	       begins_with(head, size, LKCD_SIGNATURE_BE);
}

static bool s390_probe(const void *head, size_t size)
{
	return begins_with(head, size, S390_SIGNATURE);
}

#define FORMAT(name_, description_)                         \
	const struct dump_format dump_format_##name_ = {    \
		.name = #name_,                             \
		.description = description_,                \
		.one_thread = true,                         \
		.probe = name_##_probe,                     \
		.open = kdumpfile_open,                     \
		.close = kdumpfile_close,                   \
		.next_run = kdumpfile_next_run,             \
		.cursor_create = kdumpfile_cursor_create,   \
		.cursor_destroy = kdumpfile_cursor_destroy, \
		.cursor_memory = kdumpfile_cursor_memory,   \
		.get = kdumpfile_get,                       \
	}

FORMAT(diskdump, "a diskdump");
FORMAT(lkcd, "an LKCD dump");
FORMAT(s390, "an s390 stand-alone dump");

#endif
