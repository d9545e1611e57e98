/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data that pages of a kdump file share: blocks of a compact memory map, and what equal pages were
 * compressed to.  What is shared depends on the order of the pages alone, and on what they hold; so
 * streams, of which nothing can be read back, come out the same.
 */
#ifndef VMCULL_WRITE_SHARE_H
#define VMCULL_WRITE_SHARE_H

#include "write/unit.h"

/* Blocks that are remembered, some for each zone.  Others are stored anew in each unit. */
#define SHARE_BLOCKS_MAX 256

/* Where the data of a page lies in the file. */
struct share_place {
	vmc_foff offset;
	uint32_t size;
	enum codec_format format;
	uint64_t checksum;
};

/* What equal pages share is remembered as long as so much has not come after it, and is compared
 * byte by byte.  Of equal pages most shrink to little. */
#define SHARE_RECENT_BYTES ((size_t)2 << 20)
#define SHARE_RECENT_SLOTS ((size_t)1 << 15)

struct share;

/* @equal_pages: not blocks alone. */
struct vmc_error *share_create(bool equal_pages, struct share **ret_share) VMC_MUST_CHECK;
void share_destroy(struct share *share);
DEFINE_CLEANUP(struct share *, share_destroy);

/* Finds a place for the data of every page, from @data_end on or in what came before.  Takes
 * that out of unit->data; *ret_size is how much is left, and to be written at @data_end. */
struct vmc_error *share_unit(struct share *share, const struct unit *unit, vmc_foff data_end,
			     size_t *ret_size) VMC_MUST_CHECK;

/* How many pages of the last unit share the data of an equal one, and its bytes. */
void share_gain(const struct share *share, uint64_t *ret_pages, uint64_t *ret_bytes);

/* The place of a page of the last unit; of size 0 where it needs none. */
const struct share_place *share_find(const struct share *share, size_t index);

#endif
