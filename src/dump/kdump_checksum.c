/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/kdump_checksum.h"

#include <string.h>

#define SIGNATURE_SIZE 8
#define DIGESTS_OFFSET 16
#define OWN_OFFSET     56 /* of the digest of the trailer itself */

_Static_assert(DIGESTS_OFFSET + 8 * KDUMP_REGION_COUNT == OWN_OFFSET, "no gap");
_Static_assert(OWN_OFFSET + 8 == KDUMP_TRAILER_SIZE, "no gap");

static const struct layout trailer_layout = {.big_endian = true, .word_size = 8};

const char *const kdump_region_names[KDUMP_REGION_COUNT] = {
	[KDUMP_REGION_MAIN] = "main header",
	[KDUMP_REGION_SUB] = "sub header and notes",
	[KDUMP_REGION_BITMAP1] = "1st bitmap",
	[KDUMP_REGION_BITMAP2] = "2nd bitmap",
	[KDUMP_REGION_TABLE] = "table of page descriptors",
};

uint64_t kdump_checksum(const void *bytes, uint32_t size, uint32_t flags)
{
	uint64_t hash = digest_of(bytes, size, (uint64_t)flags << 32 | size);

	return (uint64_t)KDUMP_CHECKSUM_TAG << 32 | (hash & UINT32_MAX);
}

void kdump_trailer_store(const struct kdump_trailer *trailer,
			 uint8_t bytes[static KDUMP_TRAILER_SIZE])
{
	memcpy(bytes, KDUMP_TRAILER_SIGNATURE, SIGNATURE_SIZE);
	store_u64(trailer_layout, bytes + SIGNATURE_SIZE, trailer->offset);
	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++)
		store_u64(trailer_layout, bytes + DIGESTS_OFFSET + 8 * i, trailer->digests[i]);
	store_u64(trailer_layout, bytes + OWN_OFFSET, digest_of(bytes, OWN_OFFSET, 0));
}

bool kdump_trailer_load(const uint8_t bytes[static KDUMP_TRAILER_SIZE], struct kdump_trailer *ret)
{
	if (memcmp(bytes, KDUMP_TRAILER_SIGNATURE, SIGNATURE_SIZE) != 0 ||
	    load_u64(trailer_layout, bytes + OWN_OFFSET) != digest_of(bytes, OWN_OFFSET, 0))
		return false;
	ret->offset = load_u64(trailer_layout, bytes + SIGNATURE_SIZE);
	for (size_t i = 0; i < KDUMP_REGION_COUNT; i++)
		ret->digests[i] = load_u64(trailer_layout, bytes + DIGESTS_OFFSET + 8 * i);
	return true;
}
