/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file whose content lies in it in records, in any order: where each byte of the content is.
 * What no record has reads as zeros; of two that overlap the later one, further on in the file,
 * counts.
 */
#ifndef VMCULL_BASE_RECORDS_H
#define VMCULL_BASE_RECORDS_H

#include "base/error.h"

/* Protects memory: 24 bytes each.  Records of 16 KiB, as QEMU writes them, are 256 GiB then. */
#define IO_RECORDS_MAX ((size_t)1 << 24)

struct io_record {
	vmc_foff offset; /* in the content */
	uint64_t size;
	vmc_foff stored; /* in the file */
};

struct io_records {
	struct io_record *list;
	size_t count, capacity;
	uint64_t size; /* of the content */
};

/* What there is of a range of the content, in one piece. */
struct io_piece {
	bool hole;       /* zeros */
	vmc_foff stored; /* where not */
	uint64_t size;
};

void io_records_deinit(struct io_records *records);

/* Adds a record, which must lie further on in the file than the one before.  One of no bytes is
 * passed over.  Its end must not exceed INT64_MAX. */
struct vmc_error *io_records_add(struct io_records *records, vmc_foff offset, uint64_t size,
				 vmc_foff stored) VMC_MUST_CHECK;

/* After the last io_records_add(): sorts, and cuts records so that none overlap. */
struct vmc_error *io_records_finish(struct io_records *records) VMC_MUST_CHECK;

/* The piece that begins at @offset, of @size bytes at most; @size is not 0. */
struct io_piece io_records_find(const struct io_records *records, vmc_foff offset, uint64_t size);

#endif
