/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a dump, whatever is in it, in every way that a reader offers, and holds what came against
 * what a dump promises.
 */
#ifndef VMCULL_TESTS_READ_DUMP_H
#define VMCULL_TESTS_READ_DUMP_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmcull/verify.h>
#include <vmcull/write.h>

#include "base/digest.h"
#include "dump/dump.h"
#include "fuzz_assert.h"

#define READ_RUNS_MAX  300
#define READ_PAGES_MAX 64
#define COPY_PAGES_MAX 300
#define COPY_PFN_MAX   ((vmc_pfn)1 << 36)

/* What was read, so that two ways to read can be held against each other. */
struct read_dump {
	struct digest digest;
	uint64_t pages, runs;
	bool all; /* no limit was met */
};

static inline void read_note_error(struct read_dump *read, struct vmc_error *err)
{
	uint32_t code = err ? (uint32_t)vmc_error_code(err) : 0;

	digest_add(&read->digest, &code, sizeof(code));
	vmc_error_free(err);
}

/* A page in one piece, in parts, and as it is stored. */
static inline void read_page(struct read_dump *read, struct vmc_dump_cursor *cursor, vmc_pfn pfn)
{
	struct vmc_dump *dump = cursor->dump;
	uint8_t *copy = malloc(dump->page_size), *stored = malloc(dump->page_size);
	struct dump_stored how = {0};
	const void *page;
	struct vmc_error *err;

	assert_true(copy && stored);
	err = dump_get_page(cursor, pfn, copy, &page);
	if (!err) {
		uint64_t sum = digest_of(page, dump->page_size, 0);

		err = dump_check(cursor);
		if (!err)
			digest_add(&read->digest, &sum, sizeof(sum));
	}
	read_note_error(read, err);
	read_note_error(read, vmc_dump_read(cursor, (pfn << dump->page_shift) + 1000, copy, 1200));
	err = dump_get_stored(cursor, pfn, stored, &how);
	assert_true(err || how.size <= dump->page_size);
	if (!err && how.size)
		digest_add(&read->digest, stored, how.size);
	read_note_error(read, err);
	read->pages++;
	free(copy);
	free(stored);
}

static inline void read_run(struct read_dump *read, struct vmc_dump_cursor *cursor,
			    const struct vmc_memory_run *run)
{
	uint64_t step = run->count / 8 + 1;

	digest_add(&read->digest, run, sizeof(run->start) + sizeof(run->count));
	if (run->kind == VMC_MEMORY_NODATA) { /* in part, some of it may be there */
		size_t size = cursor->dump->page_size;
		uint8_t *page = malloc(size);
		struct vmc_error *err =
			vmc_dump_read(cursor, run->start << cursor->dump->page_shift, page, size);

		assert_true(err);
		vmc_error_free(err);
		free(page);
		return;
	}
	dump_announce(cursor, run->start, run->count);
	for (uint64_t i = 0; i < run->count && read->pages < READ_PAGES_MAX; i += step)
		read_page(read, cursor, run->start + i);
}

/* Runs are in order, none is empty, none goes beyond the end. */
static inline void read_runs(struct read_dump *read, struct vmc_dump *dump,
			     struct vmc_dump_cursor *cursor)
{
	struct vmc_memory_run run;
	vmc_pfn from = 0;

	while (read->runs < READ_RUNS_MAX && vmc_dump_next_run(dump, from, &run)) {
		assert_true(run.start >= from && run.count && run.count <= UINT64_MAX - run.start);
		assert_true(run.start + run.count <= vmc_dump_end_pfn(dump));
		read_run(read, cursor, &run);
		from = run.start + run.count;
		read->runs++;
	}
	read->all = read->runs < READ_RUNS_MAX;
}

static inline void read_ranges(struct read_dump *read, const struct vmc_dump *dump)
{
	vmc_paddr from = 0, start;
	uint64_t size;

	for (unsigned int i = 0; i < READ_RUNS_MAX && dump_next_range(dump, from, &start, &size);
	     i++) {
		assert_true(start >= from && size && size - 1 <= UINT64_MAX - start);
		digest_add(&read->digest, &start, sizeof(start));
		digest_add(&read->digest, &size, sizeof(size));
		from = start + size;
		if (!from)
			break;
	}
}

static inline void read_headers(struct read_dump *read, struct vmc_dump *dump)
{
	struct vmc_dump_history history;
	uint64_t compact = 0;

	vmc_dump_history(dump, &history);
	if (history.compact_map)
		read_note_error(read, vmc_dump_compact_pages(dump, &compact));
	history.flattened = false; /* what is in the stream is the same without it */
	digest_add(&read->digest, &history, sizeof(history));
	digest_add(&read->digest, vmc_dump_machine(dump), strlen(vmc_dump_machine(dump)));
}

static inline void read_succeed(struct vmc_error *err)
{
	if (err)
		fail_msg("%s", vmc_error_message(err));
}

/* A copy of all pages is good, and has them all. */
static inline void copy_dump(struct vmc_dump *dump, enum vmc_output_format format)
{
	struct vmc_write_options options = {
		.format = format,
		.replace = true,
		.in_place = true,
		.share_pages = true,
		.threads = 1,
	};
	struct vmc_verify_options verify = {.against = dump};
	struct vmc_write_summary written;
	struct vmc_verify_summary verified;
	struct vmc_plan *plan = NULL;
	struct vmc_dump *copy = NULL;
	int fd = memfd_create("copy", MFD_CLOEXEC);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct vmc_error *err = vmc_plan_create_all(dump, &plan);

	if (!err && format == VMC_OUTPUT_KDUMP)
		err = vmc_codec_parse("zlib:1", &options.codec);
	if (!err)
		err = vmc_write(plan, path, &options, &written);
	if (!err && (written.pages_written || format == VMC_OUTPUT_KDUMP)) {
		/* An ELF core without memory is none. */
		read_succeed(vmc_dump_open(path, NULL, &copy));
		if (!copy->page_size)
			read_succeed(dump_set_page_size(copy, dump->page_size));
		err = vmc_verify(copy, &verify, &verified);
		if (!err && !written.incomplete &&
		    (vmc_verify_total(&verified) || verified.pages != written.pages_written))
			fail_msg("%ju pages written, %ju read, %ju findings",
				 (uintmax_t)written.pages_written, (uintmax_t)verified.pages,
				 (uintmax_t)vmc_verify_total(&verified));
	}
	vmc_error_free(err);
	vmc_dump_close(copy);
	vmc_plan_destroy(plan);
	close(fd);
}

/* Everything at once, when there is little. */
static inline void read_whole(struct vmc_dump *dump)
{
	struct vmc_verify_options options = {0};
	struct vmc_verify_summary summary;
	struct vmc_memory_run run;
	uint64_t pages = 0;

	for (vmc_pfn pfn = 0; vmc_dump_next_run(dump, pfn, &run); pfn = run.start + run.count) {
		pages += run.count;
		if (pages > COPY_PAGES_MAX)
			return;
	}
	vmc_error_free(vmc_verify(dump, &options, &summary));
	if (vmc_dump_end_pfn(dump) <= COPY_PFN_MAX) /* bitmaps have a bit for each */
		copy_dump(dump, VMC_OUTPUT_KDUMP);
	copy_dump(dump, VMC_OUTPUT_ELF);
}

/* Old formats are read by a library that is not ours: fuzz_old_formats. */
static inline bool is_of_format(const uint8_t *data, size_t size, const char *format)
{
	for (size_t i = 0; dump_formats[i]; i++) {
		if (!strcmp(dump_formats[i]->name, format))
			return dump_formats[i]->probe(data, size);
	}
	return false;
}

/* Opens files that are one dump and reads them, if they are of that format; NULL: of any. */
static inline bool read_dump_by(const char *const *paths, size_t count, const char *format,
				bool no_mmap, bool whole, uint64_t *ret_digest)
{
	struct vmc_dump_options options = {.no_mmap = no_mmap};
	struct vmc_dump *dump = NULL;
	struct vmc_dump_cursor *cursor = NULL;
	struct read_dump read = {0};
	bool ours = false;
	struct vmc_error *err = vmc_dump_open_set(paths, count, &options, &dump);

	digest_init(&read.digest);
	if (!err && (!format || strcmp(vmc_dump_format(dump), format) == 0)) {
		ours = true;
		if (!dump->page_size)
			err = dump_set_page_size(dump, 4096);
		if (!err)
			err = vmc_dump_cursor_create(dump, &cursor);
		if (!err) {
			read_headers(&read, dump);
			read_ranges(&read, dump);
			read_runs(&read, dump, cursor);
			vmc_dump_cursor_destroy(cursor);
			if (whole)
				read_whole(dump);
		}
	}
	read_note_error(&read, err);
	vmc_dump_close(dump);
	*ret_digest = digest_value(&read.digest);
	return ours;
}

#define SET_MAX 4

/* The input is how many files there are, the sizes (4 bytes) of all but the last, the files. */
static inline void read_dump_input(const uint8_t *data, size_t size, const char *format)
{
	static int fds[SET_MAX];
	static char paths[SET_MAX][32];
	const char *set[SET_MAX];
	uint64_t mapped, copied;
	size_t count = size ? data[0] % SET_MAX : 0, given = 0;

	if (!count)
		return;
	data++, size--;
	for (size_t i = 0; i < count; i++) {
		uint32_t part = (uint32_t)size;

		if (!fds[i])
			fds[i] = memfd_create("part", MFD_CLOEXEC);
		if (i + 1 < count) {
			if (size < sizeof(part))
				return;
			memcpy(&part, data, sizeof(part));
			data += sizeof(part), size -= sizeof(part);
			if (part > size)
				return;
		}
		assert_true(!ftruncate(fds[i], 0));
		assert_int_equal(pwrite(fds[i], data, part, 0), part);
		if (!is_of_format(data, part, format))
			return;
		data += part, size -= part;
		snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fds[i]);
		set[given++] = paths[i];
	}
	if (!read_dump_by(set, given, format, false, true, &mapped))
		return;
	read_dump_by(set, given, format, true, false, &copied);
	assert_true(mapped == copied);
}

#endif
