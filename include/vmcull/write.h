/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a filtered dump.
 */
#ifndef VMCULL_WRITE_H
#define VMCULL_WRITE_H

#include <vmcull/codec.h>
#include <vmcull/filter.h>

enum vmc_output_format {
	VMC_OUTPUT_KDUMP, /* kdump-compressed, version 6 */
	VMC_OUTPUT_ELF,   /* ELF core, uncompressed */
};

/* Pages that the input has compressed already. */
enum vmc_write_stored {
	VMC_STORED_SAME_CODEC, /* passed on as stored where they have the format that is written */
	VMC_STORED_PASS,       /* passed on, whatever their format: the codec is for all others */
	VMC_STORED_ENCODE,     /* decoded, and compressed anew */
};

struct vmc_write_options {
	enum vmc_output_format format;
	struct vmc_codec_spec codec; /* of kdump; ELF takes none */
	enum vmc_write_stored stored;
	bool no_checksums; /* of kdump: as other programs write it */
	bool share_pages;  /* of kdump: equal pages share their data, while they are remembered */
	bool flattened;    /* files are flattened streams; those that end early are removed */
	bool replace;      /* overwrite an existing output */
	bool in_place;     /* under its final name from the beginning, as scripts expect */
	bool dry_run;      /* do everything but write: no file is made */
	/* When the disk is full or the limit is reached, leave nothing: a plan that keeps less is
	 * tried next. */
	bool discard_when_full;
	uint64_t size_limit; /* of the output, bytes; 0: none */

	/* How many threads compress, VMC_WRITE_THREADS_MAX at most; 0: as many as there are CPUs
	 * that may be used.  They are fewer when memory_limit asks for it or no more can be had,
	 * and 1 (the caller's) where the dump is small or has to be read by one.  The output has
	 * the same bytes for any number. */
	unsigned int threads;

	/* For what threads work with (vmc_write_memory()), bytes; 0: none.  VMC_ERR_REFUSED when it
	 * is not enough for one. */
	uint64_t memory_limit;

	/* Called by the caller's thread alone, as is the log. */
	const struct vmc_progress *progress; /* or NULL */
};

#define VMC_WRITE_THREADS_MAX 1024

/* The CPUs that this process may use, at least 1. */
VMC_API unsigned int vmc_usable_cpus(void);

struct vmc_write_summary {
	uint64_t pages_written;    /* with a descriptor in the output, zero pages included */
	uint64_t zero_pages;       /* of them, sharing the zero page */
	uint64_t raw_pages;        /* of them, stored uncompressed because they did not shrink */
	uint64_t passed_pages;     /* of them, taken as the input stores them */
	uint64_t shared_pages;     /* of them, whose data is that of an equal page before them */
	uint64_t shared_bytes;     /* of that data, which would be stored once more */
	uint64_t compact_pages;    /* of them, of the memory map, sharing a block for many */
	uint64_t unreadable_pages; /* left out because their content could not be read */
	uint64_t bytes_in;         /* of the pages written */
	uint64_t bytes_out;        /* size of the output file; of a stream, when rearranged */
	unsigned int threads;      /* that compressed */
	uint64_t memory;           /* that they worked with at most, bytes */
	double sync_seconds;       /* spent at the end until all was on the disk */
	bool incomplete; /* stopped early: the file is valid, holds what was saved, and says so */
	bool full;       /* the disk is full, or the limit reached */
	char path[4096]; /* the file that was left: OUT, or OUT.incomplete */
};

/* How much memory @threads threads work with at most when they write this plan: units of pages,
 * codecs, readers of the dump, and stacks, which are used in part. */
VMC_API struct vmc_error *vmc_write_memory(const struct vmc_plan *plan,
					   const struct vmc_write_options *options,
					   unsigned int threads,
					   uint64_t *ret_bytes) VMC_MUST_CHECK;

/* Writes a dump of the planned pages to @path: as PATH.incomplete (unless in_place), with the
 * incomplete flag in its header, until everything is on the disk; then renamed.
 *
 * Before the first page is saved every failure removes the file.  After that nothing saved is
 * thrown away: on a write error, a full disk or a stop by the caller the file is closed as a valid
 * incomplete dump, the summary says so, and the error that ended it is returned too. */
VMC_API struct vmc_error *vmc_write(struct vmc_plan *plan, const char *path,
				    const struct vmc_write_options *options,
				    struct vmc_write_summary *ret_summary) VMC_MUST_CHECK;

/* Writes the same as a flattened stream to the file descriptor @fd, which may be a pipe; @name is
 * for messages.  No place of the file is sent twice, and the end mark on success alone. */
VMC_API struct vmc_error *vmc_write_stream(struct vmc_plan *plan, int fd, const char *name,
					   const struct vmc_write_options *options,
					   struct vmc_write_summary *ret_summary) VMC_MUST_CHECK;

/* Writes the same as up to @count (1 to 1024) kdump files with a part of the pages each, about as
 * many in one as in another, to @paths in order of the pages.  Parts begin at multiples of
 * @block_bytes (0: anywhere that readers allow; smaller where a part would be empty).  No part is
 * empty: with too few pages there are fewer, *ret_count tells how many, and the log was told.  Each
 * has its entry in @ret_summaries.
 *
 * All parts are complete or incomplete together.  Failures are as of vmc_write(): with one part all
 * others are left as incomplete dumps, too. */
VMC_API struct vmc_error *vmc_write_split(struct vmc_plan *plan, const char *const *paths,
					  size_t count, uint64_t block_bytes,
					  const struct vmc_write_options *options,
					  struct vmc_write_summary *ret_summaries,
					  size_t *ret_count) VMC_MUST_CHECK;

#endif
