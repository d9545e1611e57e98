/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several kdump-compressed files that are one dump, as makedumpfile --split writes them: each has
 * the headers and bitmaps of the whole, and the pages of its own range.
 *
 * The dump of the lowest part becomes that of the whole; it asks the others for pages.
 */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "dump/kdump.h"

static const struct kdump_header *header_of(const struct vmc_dump *part)
{
	return &((const struct kdump *)part->private)->header;
}

static struct kdump *kdump_of(const struct vmc_dump *part)
{
	return part->private;
}

static int compare_parts(const void *a_, const void *b_)
{
	const struct kdump_header *a = header_of(*(struct vmc_dump *const *)a_);
	const struct kdump_header *b = header_of(*(struct vmc_dump *const *)b_);

	if (a->start_pfn != b->start_pfn)
		return a->start_pfn < b->start_pfn ? -1 : 1;
	return a->end_pfn < b->end_pfn ? -1 : a->end_pfn > b->end_pfn;
}

/* One that could not be finished says so in its status; all else is the same in every part. */
static struct vmc_error *check_same_dump(const struct vmc_dump *part, const struct vmc_dump *other)
{
	const struct kdump_header *a = header_of(part), *b = header_of(other);

	if (a->main_size != b->main_size || memcmp(a->main, b->main, a->main_size) != 0)
		return error_create(VMC_ERR_INVALID,
				    "%s and %s are parts of different dumps: their headers differ",
				    other->file->path, part->file->path);
	return NULL;
}

static struct vmc_error *missing_part(const struct vmc_dump *after, vmc_pfn start, vmc_pfn end)
{
	return error_create(VMC_ERR_INVALID,
			    "%s: the part of the split dump with the pages 0x%" PRIx64
			    " to 0x%" PRIx64 " is missing",
			    after->file->path, start, end);
}

static struct vmc_error *check_order(const struct vmc_dump *part, const struct vmc_dump *last,
				     vmc_pfn *end)
{
	const struct kdump_header *header = header_of(part);

	if (header->start_pfn == header->end_pfn) /* of a memory smaller than what is cut by */
		return NULL;
	if (header->start_pfn > *end)
		return missing_part(part, *end, header->start_pfn);
	if (header->start_pfn < *end)
		return error_create(VMC_ERR_INVALID,
				    "%s and %s are the same part of the split dump, or overlap",
				    last->file->path, part->file->path);
	*end = header->end_pfn;
	return NULL;
}

/* Together they have each page once. */
static struct vmc_error *check_parts(struct vmc_dump *const *parts, size_t count)
{
	const struct kdump_header *first = header_of(parts[0]);
	const struct vmc_dump *last = parts[0];
	vmc_pfn whole = first->first_pfn + first->max_mapnr, end = first->first_pfn;

	for (size_t i = 0; i < count; i++) {
		vmc_pfn before = end;

		TRY(check_same_dump(parts[0], parts[i]));
		TRY(check_order(parts[i], last, &end));
		if (end != before)
			last = parts[i];
	}
	return end < whole ? missing_part(last, end, whole) : NULL;
}

static struct vmc_error *join_content(struct vmc_dump *const *parts, size_t count,
				      struct extents *joined)
{
	for (size_t i = 0; i < count; i++) {
		struct extents_iter iter;
		struct extent extent;

		extents_iter_init(&iter, kdump_content(kdump_of(parts[i])), 0);
		while (extents_iter_next(&iter, &extent))
			TRY(extents_append(joined, extent.start, extent.count));
	}
	return NULL;
}

static struct vmc_error *join(struct vmc_dump **parts, size_t count)
{
	struct vmc_dump *whole = parts[0];
	struct kdump *kdump = kdump_of(whole);

	TRY(join_content(parts, count, &kdump->joined));
	kdump->parts = calloc(count, sizeof(*kdump->parts));
	if (!kdump->parts)
		return error_nomem();
	memcpy(kdump->parts, parts, count * sizeof(*parts));
	kdump->part_count = count;
	whole->history.split = false;
	whole->file_count = count;
	for (size_t i = 1; i < count; i++) {
		whole->file_size += parts[i]->file_size;
		whole->history.incomplete |= parts[i]->history.incomplete;
		whole->history.checksums |= parts[i]->history.checksums;
		whole->history.partial_map |= parts[i]->history.partial_map;
		whole->history.compact_map |= parts[i]->history.compact_map;
		whole->end_pfn = max_u64(whole->end_pfn, parts[i]->end_pfn);
		parts[i] = NULL;
	}
	return NULL;
}

struct vmc_error *kdump_set_join(struct vmc_dump **parts, size_t count)
{
	qsort(parts, count, sizeof(struct vmc_dump *), compare_parts);
	TRY(check_parts(parts, count));
	return join(parts, count);
}

bool kdump_set_shrank(const struct vmc_dump *dump)
{
	const struct kdump *kdump = dump->private;
	bool shrank = false;

	for (size_t i = 1; i < kdump->part_count; i++)
		shrank |= dump_shrank(kdump->parts[i]);
	return shrank;
}

size_t kdump_set_find(const struct kdump *kdump, vmc_pfn pfn)
{
	for (size_t i = 1; i < kdump->part_count; i++) {
		const struct kdump_header *header = header_of(kdump->parts[i]);

		if (pfn >= header->start_pfn && pfn < header->end_pfn)
			return i;
	}
	return 0;
}

void kdump_set_close(struct kdump *kdump)
{
	for (size_t i = 1; i < kdump->part_count; i++)
		vmc_dump_close(kdump->parts[i]);
	free(kdump->parts);
}
