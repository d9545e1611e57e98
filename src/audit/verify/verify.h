/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of verifying. */
#ifndef VMCULL_AUDIT_VERIFY_H
#define VMCULL_AUDIT_VERIFY_H

#include <vmcull/verify.h>

#include "dump/dump.h"
#include "dump/kdump.h"

struct verify {
	struct vmc_dump *dump;
	const struct vmc_verify_options *options;
	struct vmc_verify_summary *summary;
	struct vmc_dump_cursor *cursor, *original; /* the second NULL without one */
	uint8_t *page, *original_page;
	vmc_foff end; /* of the file; of a kdump file of ours: where its trailer lies */
};

#define VERIFY_NOWHERE UINT64_MAX

/* Tells; @pfn and @offset may be VERIFY_NOWHERE. */
void verify_found(struct verify *verify, enum vmc_verify_kind kind, vmc_pfn pfn, vmc_foff offset,
		  const char *format, ...) ERROR_PRINTF(5, 6);

/* Tells what @err is about and frees it; gives it back when it is not about the dump. */
struct vmc_error *verify_error(struct verify *verify, enum vmc_verify_kind kind, vmc_pfn pfn,
			       vmc_foff offset, struct vmc_error *err) VMC_MUST_CHECK;

/* What a kdump file has before its data. */
struct vmc_error *verify_kdump_head(struct verify *verify) VMC_MUST_CHECK;

/* Where the data of its pages lies. */
struct vmc_error *verify_kdump_places(struct verify *verify) VMC_MUST_CHECK;

/* Where the segments of an ELF file lie. */
struct vmc_error *verify_elf(struct verify *verify) VMC_MUST_CHECK;

/* Every page with content. */
struct vmc_error *verify_pages(struct verify *verify) VMC_MUST_CHECK;

#endif
