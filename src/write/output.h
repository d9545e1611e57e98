/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a dump is written to: a file, a stream, nothing.
 *
 * How to add one: a file output_NAME.c with a "const struct output_ops" at its end and a function
 * that creates one, declared below.
 */
#ifndef VMCULL_WRITE_OUTPUT_H
#define VMCULL_WRITE_OUTPUT_H

#include <vmcull/write.h>

#include "base/digest.h"
#include "base/io.h"

/* A part of the output whose bytes are digested as they are written.  They come in order, and what
 * nobody writes is zeros; who goes back writes all of it once more. */
struct output_region {
	vmc_foff start, end;
	vmc_foff digested; /* up to here */
	struct digest digest;
};

struct output {
	const struct output_ops *ops;
	struct io_file *file; /* NULL for nothing */
	bool device;          /* the file is one, of which nobody but the system takes the name */
	char *path;           /* the final name */
	char *unfinished;     /* the name while it is written; it may be the same */
	uint64_t limit;       /* the largest size of the output, bytes; UINT64_MAX for none */
	vmc_foff end;         /* of what was written, without holes behind it */
	double sync_seconds;  /* spent until the disk had it: in sync, leave and commit */
	struct output_region *regions; /* of the caller, or NULL */
	size_t region_count;
};

struct output_ops {
	/* No byte can be written twice, nothing be taken back, and what nobody writes is a hole:
	 * reserve() and resize() do nothing. */
	bool sequential;

	struct vmc_error *(*write)(struct output *output, vmc_foff offset, const void *bytes,
				   size_t size);
	struct vmc_error *(*reserve)(struct output *output, vmc_foff offset, uint64_t size);
	struct vmc_error *(*resize)(struct output *output, uint64_t size);
	struct vmc_error *(*sync)(struct output *output);

	void (*discard)(struct output *output);
	struct vmc_error *(*leave)(struct output *output);
	struct vmc_error *(*commit)(struct output *output);
};

/* A file: PATH.incomplete until everything is on the disk, then PATH; with @in_place always PATH.
 * VMC_ERR_REFUSED when either name exists and @replace is not set: an incomplete dump of an earlier
 * run may be the only one there is. */
struct vmc_error *output_create_file(const char *path, bool replace, bool in_place,
				     struct output **ret_output) VMC_MUST_CHECK;

/* For other kinds that are a file: the same with other operations, of which these are three. */
struct vmc_error *output_create_file_of(const struct output_ops *ops, const char *path,
					bool replace, bool in_place,
					struct output **ret_output) VMC_MUST_CHECK;
void output_file_discard(struct output *output);
struct vmc_error *output_file_leave(struct output *output) VMC_MUST_CHECK;
struct vmc_error *output_file_commit(struct output *output) VMC_MUST_CHECK;

/* A flattened stream in a file, with names as above. */
struct vmc_error *output_create_stream_file(const char *path, bool replace, bool in_place,
					    struct output **ret_output) VMC_MUST_CHECK;

/* A flattened stream to the file descriptor @fd, which stays open.  @name is for messages. */
struct vmc_error *output_create_stream(int fd, const char *name,
				       struct output **ret_output) VMC_MUST_CHECK;

/* Nothing, for a dry run that was asked for @path. */
struct vmc_error *output_create_nothing(const char *path,
					struct output **ret_output) VMC_MUST_CHECK;

/* Writes @size bytes at @offset.  Beyond the limit: VMC_ERR_SYSTEM with EFBIG. */
struct vmc_error *output_write(struct output *output, vmc_foff offset, const void *bytes,
			       size_t size) VMC_MUST_CHECK;

/* Begins a region at @start. */
void output_region_init(struct output_region *region, vmc_foff start, vmc_foff end);

/* Of all its bytes. */
uint64_t output_region_digest(struct output_region *region);

/* Makes sure that @size bytes at @offset can be written later; they read as zeros. */
struct vmc_error *output_reserve(struct output *output, vmc_foff offset,
				 uint64_t size) VMC_MUST_CHECK;

/* Sets the size; what is behind it is gone. */
struct vmc_error *output_resize(struct output *output, uint64_t size) VMC_MUST_CHECK;

/* All that was written is on the disk. */
struct vmc_error *output_sync(struct output *output) VMC_MUST_CHECK;

/* Removes what was written, where that can be. */
void output_discard(struct output *output);

/* Flushes and closes under the name it has: it is an incomplete dump.  A stream gets no end. */
struct vmc_error *output_leave(struct output *output) VMC_MUST_CHECK;

/* Flushes, closes, and gives it its final name, or its end mark. */
struct vmc_error *output_commit(struct output *output) VMC_MUST_CHECK;

/* Frees, after one of the three above or before. */
void output_destroy(struct output *output);
DEFINE_CLEANUP(struct output *, output_destroy);

/* For those who create one: an output with the two names and no limit. */
struct vmc_error *output_create(const struct output_ops *ops, const char *path,
				const char *unfinished, struct output **ret_output) VMC_MUST_CHECK;

#endif
