/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flattened form of a file, which can be written to a pipe (makedumpfile -F, QEMU): a header
 * block, records {offset, size, bytes} in any order, and an end record {-1, -1}.  All numbers are
 * signed, of 64 bits and big endian.
 */
#ifndef VMCULL_DUMP_FLATTENED_H
#define VMCULL_DUMP_FLATTENED_H

#include "base/io.h"

#define FLATTENED_SIGNATURE      "makedumpfile\0\0\0\0"
#define FLATTENED_SIGNATURE_SIZE ((size_t)16)
#define FLATTENED_HEADER_SIZE    ((size_t)4096)
#define FLATTENED_RECORD_SIZE    ((size_t)16) /* without the bytes */

/* No dump is larger: physical addresses have up to 52 bits. */
#define FLATTENED_CONTENT_MAX ((uint64_t)1 << 53)

/* What a record says of the bytes behind it. */
struct flattened_record {
	bool end; /* of the stream */
	vmc_foff offset;
	uint64_t size;
};

bool flattened_probe(const void *head, size_t size);

/* Is the header, of which @size bytes are there, one that we know? */
struct vmc_error *flattened_header_check(const void *head, size_t size) VMC_MUST_CHECK;

/* Takes the head of a record, which is at @where in the stream. */
struct vmc_error *flattened_record_parse(const void *bytes, vmc_foff where,
					 struct flattened_record *ret_record) VMC_MUST_CHECK;

/* The stream ends at @where, before its end record. */
struct vmc_error *flattened_truncated(vmc_foff where, const char *inside) VMC_MUST_CHECK;

/* Finds the records of a flattened file, whose header is checked: from now on what is read of
 * @file is its content.  One that ends before its end record is cut, but for one without a record:
 * VMC_ERR_TRUNCATED. */
struct vmc_error *flattened_open(struct io_file *file, bool may_map) VMC_MUST_CHECK;

#endif
