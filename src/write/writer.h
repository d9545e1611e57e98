/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a writer, that is an output format, has to provide.  How to add one: a file with a "const
 * struct writer_format" at its end, a line in the registry of write.c, a row in the README table,
 * an interop test that opens its output with a reader that is not ours.
 */
#ifndef VMCULL_WRITE_WRITER_H
#define VMCULL_WRITE_WRITER_H

#include "write/output.h"
#include "write/unit.h"

/* What was written so far. */
struct writer_totals {
	uint64_t pages; /* with a place in the output, zero pages included */
	uint64_t zero_pages;
	uint64_t raw_pages;
	uint64_t passed_pages;
	uint64_t compact_pages;
	uint64_t shared_pages, shared_bytes; /* of pages equal to one before */
	uint64_t lost_pages;
	uint64_t file_size; /* bytes; final after finish() */
};

/* Which of the planned pages are in the output: those below stop that were not lost. */
struct writer_saved {
	struct extents lost;
	vmc_pfn stop; /* above the last page of a unit that was put */
};

/* One of several files that have the pages between them. */
struct writer_part {
	vmc_pfn start, end;         /* of its pages */
	struct writer_saved *saved; /* by all parts, since each file tells of all pages */
};

struct writer {
	const struct writer_format *format;
	const struct vmc_plan *plan;
	struct output *output;
	struct vmc_codec_spec codec;
	bool keep_codecs; /* pages keep the codec of the input, if it has any */
	bool checksums;
	bool share_pages;               /* equal pages share their data */
	const struct writer_part *part; /* NULL: one file has all */
	struct writer_totals totals;
	void *private;
};

struct writer_format {
	const char *name;
	bool uncompressed; /* pages are stored as they are, whatever codec is asked for */

	/* Writes what comes before the first page, marked as incomplete. */
	struct vmc_error *(*begin)(struct writer *writer);

	/* Adds the pages of a unit.  After an error nothing of that unit counts as written. */
	struct vmc_error *(*put)(struct writer *writer, const struct unit *unit);

	/* Brings everything that describes the pages in step with what was written.  @complete: all
	 * units came, and the mark of an incomplete file is taken off. */
	struct vmc_error *(*finish)(struct writer *writer, bool complete);

	void (*destroy)(struct writer *writer);
};

extern const struct writer_format writer_elf;
extern const struct writer_format writer_kdump;

#endif
