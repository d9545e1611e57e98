/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verifying: is everything in a dump file whole, and where it is not, what is wrong with it?
 */
#ifndef VMCULL_VERIFY_H
#define VMCULL_VERIFY_H

#include <vmcull/filter.h>

enum vmc_verify_kind {
	VMC_VERIFY_HEADERS,     /* headers, notes: they differ from their checksum */
	VMC_VERIFY_BITMAP,      /* so does a bitmap, or the two contradict each other */
	VMC_VERIFY_DESCRIPTORS, /* so does their table, or one points to where no data can be */
	VMC_VERIFY_PAGE,        /* cannot be read or decompressed, or differs from its checksum */
	VMC_VERIFY_SEGMENT,     /* of an ELF file goes beyond the end of the file */
	VMC_VERIFY_OVERLAP,     /* the data of a page lies in that of another */
	VMC_VERIFY_REST,        /* bytes that belong to nothing, where there should be none */
	VMC_VERIFY_CONTENT,     /* a page differs from that of the original */
	VMC_VERIFY_EXTRA,       /* a page that the original has not */
	VMC_VERIFY_KIND_COUNT
};

/* "headers", "bitmap", … */
VMC_API const char *vmc_verify_kind_name(enum vmc_verify_kind kind);

struct vmc_verify_finding {
	enum vmc_verify_kind kind;
	bool has_pfn, has_offset;
	vmc_pfn pfn;
	vmc_foff offset; /* in the file */
	const char *text;
};

struct vmc_verify_options {
	struct vmc_dump *against; /* the original, or NULL */
	/* Told of each finding. */
	void (*found)(void *arg, const struct vmc_verify_finding *finding);
	void *arg;
	const struct vmc_progress *progress; /* or NULL */
};

struct vmc_verify_summary {
	uint64_t pages;         /* with content: all were read and decompressed */
	uint64_t checked_pages; /* of them, those that have a checksum */
	bool checked_headers;   /* headers, bitmaps and table of descriptors have checksums */
	uint64_t absent_pages;  /* of an incomplete dump: planned, but never written */
	uint64_t overlapping;   /* pages that several segments of an ELF file have */
	uint64_t findings[VMC_VERIFY_KIND_COUNT];

	/* with an original */
	uint64_t equal_pages;   /* with the content of the original */
	uint64_t missing_pages; /* that the original has and the dump has not: no finding */
};

/* Reads everything.  An error tells that the check could not go on; what is wrong with the dump are
 * findings.  Neither dump may be in use by others meanwhile. */
VMC_API struct vmc_error *vmc_verify(struct vmc_dump *dump,
				     const struct vmc_verify_options *options,
				     struct vmc_verify_summary *ret_summary) VMC_MUST_CHECK;

/* All findings. */
VMC_API uint64_t vmc_verify_total(const struct vmc_verify_summary *summary);

#endif
