/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which program wrote this file?  Word size and alignment of its headers, of which nothing in them
 * tells, by what makes sense. */
#include "base/checked.h"
#include "dump/kdump.h"

bool kdump_block_size_is_sane(uint64_t block_size)
{
	return is_power_of_two(block_size) && block_size >= DUMP_PAGE_SIZE_MIN &&
	       block_size <= DUMP_PAGE_SIZE_MAX;
}

uint64_t kdump_headers_load(const struct kdump_headers *headers, enum kdump_field field)
{
	if (kdump_field_since(field) > headers->version)
		return 0;
	return kdump_field_load(headers->abi, headers->layout,
				field < KDUMP_MAIN_FIELDS ? headers->main : headers->sub, field);
}

/* The numbers of blocks, never 0, lie where other kinds have counters that no writer sets. */
static bool main_makes_sense(const struct kdump_headers *headers)
{
	return kdump_block_size_is_sane(kdump_headers_load(headers, KDUMP_BLOCK_SIZE)) &&
	       kdump_headers_load(headers, KDUMP_SUB_HDR_SIZE) &&
	       kdump_headers_load(headers, KDUMP_BITMAP_BLOCKS);
}

static void take(struct kdump_headers *headers, const struct kdump_abi *abi)
{
	headers->abi = abi;
	headers->layout.word_size = abi->word_size;
}

/* The machine decides nothing: QEMU writes the header of an i386 that could do 64 bits with 64, and
 * calls most machines "Unknown".  Where nothing makes sense, what is wrong is told of 64 bits. */
bool kdump_abi_find(struct kdump_headers *headers)
{
	take(headers, &kdump_abi_32_padded);
	if (main_makes_sense(headers))
		return true;
	take(headers, &kdump_abi_64);
	return main_makes_sense(headers);
}

/* Can a part lie there?  The parts that a sub header points to lie between it and the bitmaps.
 * *found: there is one. */
static bool part_makes_sense(const struct kdump_headers *headers, enum kdump_field offset_field,
			     enum kdump_field size_field, bool *found)
{
	uint64_t offset = kdump_headers_load(headers, offset_field);
	uint64_t size = kdump_headers_load(headers, size_field);
	uint64_t block_size = kdump_headers_load(headers, KDUMP_BLOCK_SIZE);
	uint64_t end = (1 + kdump_headers_load(headers, KDUMP_SUB_HDR_SIZE)) * block_size;

	if (!offset && !size)
		return true;
	if (offset <= block_size || offset >= end || size > end - offset)
		return false;
	*found = true;
	return true;
}

/* max_mapnr is in both headers since version 6.  Where it stands in one alignment, the other one
 * has the first page of a split part, which is less, or the name of a note. */
static bool alignment_makes_sense(const struct kdump_headers *headers, bool *found)
{
	uint64_t max_mapnr = kdump_headers_load(headers, KDUMP_MAX_MAPNR);

	if (headers->version >= 6) {
		*found = min_u64(kdump_headers_load(headers, KDUMP_MAX_MAPNR_64), UINT32_MAX) ==
			 max_mapnr;
		return *found;
	}
	return part_makes_sense(headers, KDUMP_OFFSET_VMCOREINFO, KDUMP_SIZE_VMCOREINFO, found) &&
	       part_makes_sense(headers, KDUMP_OFFSET_NOTE, KDUMP_SIZE_NOTE, found);
}

/* Takes what fits best of kinds whose main headers make sense, NULL: none. */
static const struct kdump_abi *find_best(struct kdump_headers *headers,
					 const struct kdump_abi *const *abis, size_t count)
{
	const struct kdump_abi *fits = NULL;
	bool found = false;

	for (size_t i = 0; i < count && !found; i++) {
		headers->abi = abis[i];
		/* An old sub header that points to nothing is the same in all. */
		if (alignment_makes_sense(headers, &found) && (!fits || found))
			fits = abis[i];
	}
	return fits;
}

struct vmc_error *kdump_abi_find_sub(struct kdump_headers *headers)
{
	static const struct kdump_abi *const wide[] = {&kdump_abi_64, &kdump_abi_32_time64};
	static const struct kdump_abi *const narrow[] = {&kdump_abi_32_padded, &kdump_abi_32_packed,
							 &kdump_abi_32_both};
	const struct kdump_abi *fits;

	if (headers->abi == &kdump_abi_64) {
		/* What is wrong is told in terms of 64 bits. */
		fits = find_best(headers, wide, 2);
		take(headers, fits ? fits : &kdump_abi_64);
		return NULL;
	}
	fits = find_best(headers, narrow, 3);
	take(headers, fits ? fits : &kdump_abi_32_padded);
	if (fits)
		return NULL;
	return error_create_at(
		VMC_ERR_CORRUPT, ERROR_AT_OFFSET, headers->sub_offset,
		"the sub header of a 32-bit producer makes sense with 64-bit numbers "
		"aligned neither to 4 bytes nor to 8");
}
