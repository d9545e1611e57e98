/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flattened stream: an odd first byte leaves the header to us.  What is read of it and what
 * rearranging makes of it have to be the same.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmcull/flattened.h>

#include "base/checked.h"
#include "dump/flattened.h"
#include "dump/kdump_checksum.h"
#include "fuzz_file.h"
#include "fuzz_input.h"

#define COMPARED 4096 /* bytes, at each end */
#define MARKED   464  /* headers whose mark is within */

static char made[64], left[80]; /* the file; what there is of it when the stream fails */

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void remove_made(void)
{
	unlink(made);
	unlink(left);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	snprintf(made, sizeof(made), "%s/fuzz-rearranged-%d",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (int)getpid());
	snprintf(left, sizeof(left), "%s.incomplete", made);
	atexit(remove_made);
	return 0;
}

static void compare(struct io_file *content, struct io_file *file, vmc_foff offset)
{
	uint8_t one[COMPARED], other[COMPARED];
	size_t size, other_size;

	fuzz_require(!io_file_read_some(content, offset, one, COMPARED, &size));
	fuzz_require(!io_file_read_some(file, offset, other, COMPARED, &other_size));
	/* The sizes of both are compared. */
	fuzz_require(size >= other_size && memcmp(one, other, other_size) == 0);
}

/* The mark of an incomplete dump may be in the first bytes. */
static void compare_files(struct io_file *content, const char *path)
{
	struct io_file *file;

	fuzz_require(!io_file_open(path, &file));
	fuzz_require(file->size == content->size ||
		     (path == left && file->size + KDUMP_TRAILER_SIZE == content->size));
	for (size_t i = 0; i < content->records.count && i < 64; i++)
		compare(content, file, max_u64(content->records.list[i].offset, MARKED));
	if (path == made)
		compare(content, file, 0);
	if (file->size > COMPARED + MARKED)
		compare(content, file, file->size - COMPARED);
	io_file_close(file);
}

static bool rearranges(const char *path)
{
	const struct vmc_rearrange_options options = {.replace = true};
	struct vmc_rearrange_summary summary;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool done;

	fuzz_require(fd >= 0);
	done = !fuzz_failed(vmc_rearrange(fd, "stream", made, &options, &summary));
	close(fd);
	if (done || summary.incomplete)
		fuzz_require(summary.bytes_in >= FLATTENED_HEADER_SIZE);
	fuzz_require(summary.incomplete == !access(left, F_OK));
	return done;
}

static void flattened(const uint8_t *bytes, size_t size)
{
	const char *path = fuzz_file(bytes, size);
	bool header = !fuzz_failed(flattened_header_check(bytes, size)), opens = false;
	struct io_file *file;

	fuzz_require(!io_file_open(path, &file));
	if (header)
		opens = !fuzz_failed(flattened_open(file, size % 2));
	if (rearranges(path)) {
		fuzz_require(opens && !file->cut);
		compare_files(file, made);
	} else if (!access(left, F_OK)) {
		fuzz_require(opens && file->cut);
		compare_files(file, left);
	}
	remove_made();
	io_file_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t number[8] = {[7] = 1};
	uint8_t *bytes;

	if (!size)
		return 0;
	if (!(data[0] & 1)) {
		flattened(data + 1, size - 1);
		return 0;
	}
	size += FLATTENED_HEADER_SIZE - 1;
	bytes = calloc(1, size);
	fuzz_require(bytes);
	memcpy(bytes, FLATTENED_SIGNATURE, FLATTENED_SIGNATURE_SIZE);
	memcpy(bytes + 16, number, 8);
	memcpy(bytes + 24, number, 8);
	memcpy(bytes + FLATTENED_HEADER_SIZE, data + 1, size - FLATTENED_HEADER_SIZE);
	flattened(bytes, size);
	free(bytes);
	return 0;
}
