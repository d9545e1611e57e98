/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kdump-compressed file has before its data, and its trailer. */
#include <inttypes.h>

#include "audit/verify/verify.h"
#include "base/checked.h"
#include "dump/kdump_checksum.h"

#define CHUNK ((size_t)64 << 10)

static const enum vmc_verify_kind region_kinds[KDUMP_REGION_COUNT] = {
	[KDUMP_REGION_MAIN] = VMC_VERIFY_HEADERS,      [KDUMP_REGION_SUB] = VMC_VERIFY_HEADERS,
	[KDUMP_REGION_BITMAP1] = VMC_VERIFY_BITMAP,    [KDUMP_REGION_BITMAP2] = VMC_VERIFY_BITMAP,
	[KDUMP_REGION_TABLE] = VMC_VERIFY_DESCRIPTORS,
};

static struct vmc_error *digest_range(struct io_file *file, vmc_foff start, vmc_foff end,
				      uint64_t *ret_digest)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	struct digest digest;

	if (!chunk)
		return error_nomem();
	digest_init(&digest);
	while (start < end) {
		size_t n = (size_t)min_u64(end - start, CHUNK);

		TRY(io_file_read(file, start, chunk, n));
		digest_add(&digest, chunk, n);
		start += n;
	}
	*ret_digest = digest_value(&digest);
	return NULL;
}

/* The first region that is damaged says where the others lie, so it is the last one looked at. */
static struct vmc_error *regions_check(struct verify *verify, const struct kdump_trailer *trailer)
{
	const struct kdump *kdump = verify->dump->private;
	const struct kdump_header *header = &kdump->header;
	const vmc_foff ends[KDUMP_REGION_COUNT] = {
		[KDUMP_REGION_MAIN] = header->block_size,
		[KDUMP_REGION_SUB] = header->bitmap_offset,
		[KDUMP_REGION_BITMAP1] = header->bitmap_offset + header->bitmap_size / 2,
		[KDUMP_REGION_BITMAP2] = kdump->table_offset,
		[KDUMP_REGION_TABLE] = kdump->table_end,
	};
	vmc_foff start = 0;

	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++) {
		uint64_t digest = 0;

		TRY(digest_range(verify->dump->file, start, ends[i], &digest));
		if (digest != trailer->digests[i]) {
			verify_found(verify, region_kinds[i], VERIFY_NOWHERE, start,
				     "%s, offset 0x%" PRIx64 " to 0x%" PRIx64
				     ": damaged: differs from its checksum",
				     kdump_region_names[i], start, ends[i]);
			break;
		}
		start = ends[i];
	}
	return NULL;
}

static struct vmc_error *trailer_check(struct verify *verify)
{
	struct io_file *file = verify->dump->file;
	uint8_t bytes[KDUMP_TRAILER_SIZE];
	struct kdump_trailer trailer;

	verify->end = file->size;
	if (file->size < sizeof(bytes))
		return NULL;

	vmc_foff offset = file->size - sizeof(bytes);

	TRY(io_file_read(file, offset, bytes, sizeof(bytes)));
	/* Zeros without end: a file of a few blocks can have them. */
	if (((const struct kdump *)verify->dump->private)->header.bitmap_size >
	    KDUMP_DIGESTED_BITMAPS_MAX)
		return NULL;
	if (!kdump_trailer_load(bytes, &trailer) || trailer.offset != offset)
		return NULL;
	verify->summary->checked_headers = true;
	verify->end = offset;
	return regions_check(verify, &trailer);
}

/* A page that is stored is memory. */
static void bitmaps_check(struct verify *verify, const struct kdump *kdump)
{
	struct extents_iter iter;
	struct extent stored, known;

	extents_iter_init(&iter, &kdump->stored, 0);
	while (extents_iter_next(&iter, &stored)) {
		vmc_pfn pfn = stored.start, end = stored.start + stored.count;

		while (pfn < end && extents_find(&kdump->known, pfn, &known, NULL) &&
		       known.start <= pfn)
			pfn = known.start + known.count;
		if (pfn < end)
			verify_found(verify, VMC_VERIFY_BITMAP, pfn, VERIFY_NOWHERE,
				     "page 0x%" PRIx64 " is stored by the 2nd bitmap, but no "
				     "memory by the 1st",
				     pfn);
	}
}

struct vmc_error *verify_kdump_head(struct verify *verify)
{
	const struct kdump *kdump = verify->dump->private;

	TRY(trailer_check(verify));
	bitmaps_check(verify, kdump);
	verify->summary->absent_pages =
		extents_total(&kdump->stored) - extents_total(kdump_content(kdump));
	return NULL;
}
