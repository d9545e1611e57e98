/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sadump: what the firmware of Fujitsu's servers writes to a partition, or to several disks.
 *
 * A disk begins with a block that says which one it is.  On the first follow, for a set, the list
 * of its disks, then the header of the dump, the state of CPUs, and two bitmaps: what is memory,
 * and what is stored.  Stored pages come one after the other, and go on behind the block of the
 * next disk.  Numbers are little endian.
 *
 * libkdumpfile (0.5.1, and later by its source) gives the first page of each run in place of the
 * others, so that this is our own.  VMCOREINFO has to be found in memory.  Of x86_64 only, as in
 * makedumpfile; no media backup, which begins with another block.
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump.h"

#define SADUMP_SIGNATURE      "sadump\0\0"
#define SADUMP_SIGNATURE_SIZE ((size_t)8)

/* Of the first block: of which disk, bytes in use, and then numbers made each of the one before. */
#define DISK_NUMBER_OFFSET 152 /* from 1 on; 0: there is but this one */
#define DISK_USED_OFFSET   160
#define DISK_FILLER_OFFSET 168
#define BLOCK_SIZE_MAX     ((size_t)64 << 10)

/* Of the list of disks. */
#define SET_BLOCKS_OFFSET 0
#define SET_DISKS_OFFSET  4
#define SET_HEADER_SIZE   8

/* Of the header of the dump. */
#define HEADER_VERSION_OFFSET    8
#define HEADER_BLOCK_SIZE_OFFSET 40
#define HEADER_SUB_BLOCKS_OFFSET 48
#define HEADER_BITMAP_OFFSET     52
#define HEADER_DUMPABLE_OFFSET   56
#define HEADER_MAX_MAPNR_OFFSET  60
#define HEADER_MAX_MAPNR_64      88 /* since version 1 */
#define HEADER_SIZE              120

#define SADUMP_PAGE_SIZE 4096
#define BITMAP_CHUNK     ((size_t)64 << 10)

/* 64 TiB; it bounds the time that is spent on a sparse file that is all bitmap. */
#define SADUMP_PFN_MAX ((uint64_t)1 << 34)

static const struct layout numbers = {.big_endian = false, .word_size = 8};

struct disk {
	struct io_file *file; /* NULL: not seen so far */
	vmc_foff start;       /* of the pages */
	uint64_t size;        /* of them, bytes */
};

struct sadump {
	struct disk *disks; /* in their order */
	size_t disk_count;
	struct extents known;  /* memory, stored or not */
	struct extents stored; /* its rank is the number of a page in the data */
};

struct sadump_cursor {
	struct io_window **windows; /* of the disks */
	size_t count;
	struct io_window *last; /* of the last get() */
};

/* What the first block of a file says. */
struct disk_head {
	uint32_t number;
	uint64_t used;
	size_t block_size;
};

static struct vmc_error *field_error(const char *name, uint64_t value, vmc_foff where,
				     const char *reason)
{
	return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, where, "%s is 0x%" PRIx64 ": %s",
			       name, value, reason);
}

/* A block ends where its numbers do. */
static struct vmc_error *read_disk_head(struct io_file *file, struct disk_head *ret)
{
	_cleanup_free_ uint8_t *head = malloc(BLOCK_SIZE_MAX + 4);
	size_t size, end = DISK_FILLER_OFFSET + 4;

	if (!head)
		return error_nomem();
	TRY(io_file_read_some(file, 0, head, BLOCK_SIZE_MAX + 4, &size));
	while (end + 4 <= size &&
	       load_u32(numbers, head + end) == 11 * (load_u32(numbers, head + end - 4) + 7))
		end += 4;
	if (end + 4 > size || !is_power_of_two(end) || end < SADUMP_PAGE_SIZE)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, end,
				       "the numbers of the partition header end within a block");
	*ret = (struct disk_head){
		.number = load_u32(numbers, head + DISK_NUMBER_OFFSET),
		.used = load_u64(numbers, head + DISK_USED_OFFSET),
		.block_size = end,
	};
	if (ret->used < end || (file->size && ret->used > file->size))
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, DISK_USED_OFFSET,
				       "used_device is 0x%" PRIx64 ", the file ends at 0x%" PRIx64,
				       ret->used, file->size);
	return NULL;
}

/* Bits of a bitmap, of which the highest of a byte is the first. */
static struct vmc_error *add_bits(struct extents *pages, const uint8_t *bytes, size_t size,
				  vmc_pfn first, vmc_pfn end)
{
	for (size_t i = 0; i < size; i++) {
		for (unsigned int bit = 0; bytes[i] && bit < 8; bit++) {
			vmc_pfn pfn = first + 8 * i + bit;

			if (bytes[i] & 0x80 >> bit && pfn < end)
				TRY(extents_append(pages, pfn, 1));
		}
	}
	return kdump_extents_check(pages);
}

static struct vmc_error *read_bitmap(struct io_file *file, vmc_foff offset, vmc_pfn end,
				     struct extents *pages)
{
	_cleanup_free_ uint8_t *chunk = malloc(BITMAP_CHUNK);
	uint64_t size = (end + 7) / 8;

	if (!chunk)
		return error_nomem();
	for (uint64_t at = 0; at < size; at += BITMAP_CHUNK) {
		size_t n = (size_t)min_u64(size - at, BITMAP_CHUNK);

		TRY(io_file_read(file, offset + at, chunk, n));
		TRY(add_bits(pages, chunk, n, at * 8, end));
	}
	return NULL;
}

/* Passes over the list of the disks, which has to be of as many as there are. */
static struct vmc_error *skip_set_header(struct io_file *file, size_t count, size_t block_size,
					 vmc_foff *offset)
{
	uint8_t head[SET_HEADER_SIZE];

	TRY(error_context(io_file_read(file, *offset, head, sizeof(head)), "disk set header"));

	uint32_t disks = load_u32(numbers, head + SET_DISKS_OFFSET);

	if (disks != count)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_OFFSET, *offset + SET_DISKS_OFFSET,
				       "this dump is on %" PRIu32 " disks, but %zu were given",
				       disks, count);
	*offset += (uint64_t)load_u32(numbers, head + SET_BLOCKS_OFFSET) * block_size;
	return NULL;
}

/* Bitmaps and the begin of the pages, from the header of the dump at @offset on. */
static struct vmc_error *read_header(struct sadump *sadump, const struct disk_head *disk_head,
				     struct disk *disk, vmc_foff offset)
{
	uint64_t block = disk_head->block_size;
	uint8_t head[HEADER_SIZE];

	TRY(error_context(io_file_read(disk->file, offset, head, sizeof(head)), "dump header"));
	if (memcmp(head, SADUMP_SIGNATURE, SADUMP_SIGNATURE_SIZE) != 0)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_OFFSET, offset,
				       "there is no header of the dump");
	if (load_u32(numbers, head + HEADER_BLOCK_SIZE_OFFSET) != block)
		return field_error("block_size", load_u32(numbers, head + HEADER_BLOCK_SIZE_OFFSET),
				   offset + HEADER_BLOCK_SIZE_OFFSET, "the disk has other blocks");

	/* Products of 32-bit numbers and at most 2^16: no overflow. */
	uint64_t known = load_u32(numbers, head + HEADER_BITMAP_OFFSET) * block;
	uint64_t stored = load_u32(numbers, head + HEADER_DUMPABLE_OFFSET) * block;
	vmc_foff bitmaps =
		offset + block + load_u32(numbers, head + HEADER_SUB_BLOCKS_OFFSET) * block;
	uint64_t end = load_u32(numbers, head + HEADER_VERSION_OFFSET)
			       ? load_u64(numbers, head + HEADER_MAX_MAPNR_64)
			       : load_u32(numbers, head + HEADER_MAX_MAPNR_OFFSET);

	if (end > SADUMP_PFN_MAX)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_OFFSET, offset + HEADER_MAX_MAPNR_64,
				       "max_mapnr is 0x%" PRIx64 ": more than 0x%" PRIx64 " pages",
				       end, SADUMP_PFN_MAX);
	if (!end || end > 8 * min_u64(known, stored))
		return field_error("max_mapnr", end, offset + HEADER_MAX_MAPNR_64,
				   "the bitmaps have no room for so many pages, or there are none");
	disk->start = bitmaps + known + stored;
	if (disk->start > disk_head->used)
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_OFFSET, offset,
				       "the headers go to 0x%" PRIx64 ", but 0x%" PRIx64
				       " bytes of the disk are in use",
				       disk->start, disk_head->used);
	TRY(error_context(read_bitmap(disk->file, bitmaps, end, &sadump->known), "bitmap"));
	return error_context(read_bitmap(disk->file, bitmaps + known, end, &sadump->stored),
			     "dumpable bitmap");
}

static struct vmc_error *open_disk(struct sadump *sadump, struct io_file *file)
{
	struct disk_head head = {0};

	TRY(read_disk_head(file, &head));

	size_t index = head.number ? head.number - 1 : 0;
	vmc_foff offset = head.block_size;

	if (index >= sadump->disk_count || (!head.number && sadump->disk_count > 1))
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_OFFSET, DISK_NUMBER_OFFSET,
				       "this is disk %" PRIu32 " of a set, but %zu were given",
				       head.number, sadump->disk_count);

	struct disk *disk = &sadump->disks[index];

	if (disk->file)
		return error_create_at(VMC_ERR_INVALID, ERROR_AT_OFFSET, DISK_NUMBER_OFFSET,
				       "disk %" PRIu32 " of the set was given twice", head.number);
	disk->file = file;
	disk->start = head.block_size;
	if (head.number == 1)
		TRY(skip_set_header(file, sadump->disk_count, head.block_size, &offset));
	if (index == 0)
		TRY(read_header(sadump, &head, disk, offset));
	disk->size = head.used - disk->start;
	return NULL;
}

/* Every disk was given, for there are as many as belong to it, and none is there twice. */
static struct vmc_error *check_size(const struct sadump *sadump)
{
	uint64_t pages = extents_total(&sadump->stored), size = 0;

	for (size_t i = 0; i < sadump->disk_count; i++)
		size += sadump->disks[i].size;
	if (size / SADUMP_PAGE_SIZE < pages)
		return error_create(VMC_ERR_TRUNCATED,
				    "0x%" PRIx64 " pages should be stored, but there is room for "
				    "0x%" PRIx64,
				    pages, size / SADUMP_PAGE_SIZE);
	return NULL;
}

static struct vmc_error *sadump_open(struct vmc_dump *dump)
{
	struct sadump *sadump = calloc(1, sizeof(*sadump));

	if (!sadump)
		return error_nomem();
	dump->private = sadump; /* from here on sadump_close() frees it */
	extents_init(&sadump->known);
	extents_init(&sadump->stored);
	sadump->disk_count = 1 + dump->disk_count;
	sadump->disks = calloc(sadump->disk_count, sizeof(*sadump->disks));
	if (!sadump->disks)
		return error_nomem();
	TRY(open_disk(sadump, dump->file));
	for (size_t i = 0; i < dump->disk_count; i++)
		TRY(error_context(open_disk(sadump, dump->disks[i]), "%s", dump->disks[i]->path));
	TRY(check_size(sadump));
	dump->machine = EM_X86_64;
	dump->layout = numbers;
	dump->history.filtered = extents_total(&sadump->known) > extents_total(&sadump->stored);
	dump->end_pfn = max_u64(extents_end(&sadump->known), extents_end(&sadump->stored));
	return dump_set_page_size(dump, SADUMP_PAGE_SIZE);
}

static void sadump_close(struct vmc_dump *dump)
{
	struct sadump *sadump = dump->private;

	if (!sadump)
		return;
	extents_deinit(&sadump->known);
	extents_deinit(&sadump->stored);
	free(sadump->disks);
	free(sadump);
	dump->private = NULL;
}

static bool sadump_next_run(const struct vmc_dump *dump, vmc_pfn from,
			    struct vmc_memory_run *ret_run)
{
	const struct sadump *sadump = dump->private;

	return kdump_next_run_of(&sadump->known, &sadump->stored, from, ret_run);
}

static void sadump_cursor_destroy(void *state)
{
	struct sadump_cursor *cursor = state;

	if (!cursor)
		return;
	for (size_t i = 0; i < cursor->count; i++)
		io_window_destroy(cursor->windows[i]);
	free(cursor->windows);
	free(cursor);
}

static struct vmc_error *sadump_cursor_create(struct vmc_dump *dump, void **ret_state)
{
	const struct sadump *sadump = dump->private;
	struct sadump_cursor *cursor = calloc(1, sizeof(*cursor));
	struct vmc_error *err = NULL;

	if (!cursor)
		return error_nomem();
	cursor->windows = calloc(sadump->disk_count, sizeof(struct io_window *));
	if (!cursor->windows)
		err = error_nomem();
	while (!err && cursor->count < sadump->disk_count) {
		err = io_window_create(sadump->disks[cursor->count].file, !dump->no_mmap,
				       &cursor->windows[cursor->count]);
		cursor->count += !err;
	}
	if (err)
		sadump_cursor_destroy(cursor);
	else
		*ret_state = cursor;
	return err;
}

static size_t sadump_cursor_memory(const struct vmc_dump *dump)
{
	const struct sadump *sadump = dump->private;
	size_t disk = sizeof(struct io_window *) + io_window_memory(SADUMP_PAGE_SIZE);

	return sizeof(struct sadump_cursor) + sadump->disk_count * disk;
}

static struct vmc_error *sadump_get(struct vmc_dump *dump, void *state, vmc_paddr address,
				    size_t size, const void **ret_bytes, size_t *ret_size)
{
	const struct sadump *sadump = dump->private;
	struct sadump_cursor *cursor = state;
	vmc_pfn pfn = address / SADUMP_PAGE_SIZE;
	size_t inside = (size_t)(address % SADUMP_PAGE_SIZE), disk = 0;
	struct extent extent;
	uint64_t rank;

	if (!extents_find(&sadump->stored, pfn, &extent, &rank) || extent.start > pfn)
		return error_create_at(VMC_ERR_NODATA, ERROR_AT_PFN, pfn,
				       extents_contain(&sadump->known, pfn)
					       ? "this page was left out of the dump"
					       : "this is no memory");

	/* The sizes of disks are multiples of a page, but who knows: one that is not is unread. */
	uint64_t at = (rank + (pfn - extent.start)) * SADUMP_PAGE_SIZE + inside;

	while (disk < sadump->disk_count && at >= sadump->disks[disk].size)
		at -= sadump->disks[disk++].size;
	size = (size_t)min_u64(size, SADUMP_PAGE_SIZE - inside);
	if (disk == sadump->disk_count || sadump->disks[disk].size - at < size)
		return error_create_at(VMC_ERR_TRUNCATED, ERROR_AT_PFN, pfn,
				       "this page lies across the end of a disk");
	cursor->last = cursor->windows[disk];
	TRY(io_window_get(cursor->last, sadump->disks[disk].start + at, size, ret_bytes));
	*ret_size = size;
	return NULL;
}

static struct vmc_error *sadump_check(void *state)
{
	struct sadump_cursor *cursor = state;

	return cursor->last ? io_window_check(cursor->last) : NULL;
}

static bool sadump_probe(const void *head, size_t size)
{
	return size >= SADUMP_SIGNATURE_SIZE &&
	       memcmp(head, SADUMP_SIGNATURE, SADUMP_SIGNATURE_SIZE) == 0;
}

const struct dump_format dump_format_sadump = {
	.name = "sadump",
	.description = "sadump",
	.takes_sets = true,
	.probe = sadump_probe,
	.open = sadump_open,
	.close = sadump_close,
	.next_run = sadump_next_run,
	.cursor_create = sadump_cursor_create,
	.cursor_destroy = sadump_cursor_destroy,
	.cursor_memory = sadump_cursor_memory,
	.get = sadump_get,
	.check = sadump_check,
};
