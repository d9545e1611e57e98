/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums in kdump-compressed files of ours, where other readers do not look.
 *
 * Each page: page_flags of its descriptor, 0 in files of others.
 *
 *	bits 63-32  KDUMP_CHECKSUM_TAG
 *	bits 31-0   low half of XXH64 of the stored bytes, its seed being flags << 32 | size of the
 *	            descriptor
 *
 * All before the data: a trailer, right behind the data of the last page.  Its integers are
 * big-endian in every file.
 *
 *	0   "VMCULL01"
 *	8   where the trailer lies
 *	16  XXH64 of each region, with the seed 0: enum kdump_region
 *	56  XXH64 of the 56 bytes before
 */
#ifndef VMCULL_DUMP_KDUMP_CHECKSUM_H
#define VMCULL_DUMP_KDUMP_CHECKSUM_H

#include "base/digest.h"
#include "base/error.h"
#include "base/layout.h"

#define KDUMP_CHECKSUM_TAG 0x564d4331u /* "VMC1" */

/* page_flags for that data. */
uint64_t kdump_checksum(const void *bytes, uint32_t size, uint32_t flags);

static inline bool kdump_checksum_is_there(uint64_t page_flags)
{
	return page_flags >> 32 == KDUMP_CHECKSUM_TAG;
}

enum kdump_region {
	KDUMP_REGION_MAIN,    /* block 0 */
	KDUMP_REGION_SUB,     /* up to the bitmaps: sub header and notes */
	KDUMP_REGION_BITMAP1, /* each up to the next one */
	KDUMP_REGION_BITMAP2,
	KDUMP_REGION_TABLE, /* page descriptors */
	KDUMP_REGION_COUNT
};

extern const char *const kdump_region_names[KDUMP_REGION_COUNT];

#define KDUMP_TRAILER_SIGNATURE "VMCULL01"
#define KDUMP_TRAILER_SIZE      64

/* A file whose bitmaps take more bytes together has none. */
#define KDUMP_DIGESTED_BITMAPS_MAX ((uint64_t)16 << 30)

struct kdump_trailer {
	vmc_foff offset; /* where it lies */
	uint64_t digests[KDUMP_REGION_COUNT];
};

void kdump_trailer_store(const struct kdump_trailer *trailer,
			 uint8_t bytes[static KDUMP_TRAILER_SIZE]);

/* False when that is none, or one that is damaged. */
bool kdump_trailer_load(const uint8_t bytes[static KDUMP_TRAILER_SIZE],
			struct kdump_trailer *ret_trailer);

#endif
