/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened streams: read in place, and put in order first, which must come to the same. */
#include <fcntl.h>

#include <vmcull/flattened.h>

#include "dump/flattened.h"
#include "read_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], ordered[80], left[96];

static void remove_folder(void)
{
	rmdir(folder);
}

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "%s/fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "." : "/dev/shm");
	assert_non_null(mkdtemp(folder));
	snprintf(ordered, sizeof(ordered), "%s/ordered", folder);
	snprintf(left, sizeof(left), "%s.incomplete", ordered);
	atexit(remove_folder);
}

/* Says whether the stream could be put in order. */
static bool put_in_order(const char *path)
{
	struct vmc_rearrange_options options = {.replace = true};
	struct vmc_rearrange_summary summary;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct vmc_error *err = vmc_rearrange(fd, path, ordered, &options, &summary);
	bool done = !err;

	assert_true(err || summary.bytes_out <= INT64_MAX);
	vmc_error_free(err);
	close(fd);
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char path[32];
	const char *flattened = path, *plain = ordered, *incomplete = left;
	uint64_t mapped, copied;

	if (fd < 0) {
		fd = memfd_create("stream", MFD_CLOEXEC);
		make_folder();
	}
	if (!size || !flattened_probe(data + 1, size - 1))
		return 0;
	data++, size--; /* how many files there are, in inputs of the other targets */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_true(!ftruncate(fd, 0));
	assert_int_equal(pwrite(fd, data, size, 0), size);

	bool opened = read_dump_by(&flattened, 1, NULL, false, true, &mapped);

	if (opened) {
		read_dump_by(&flattened, 1, NULL, true, false, &copied);
		assert_true(mapped == copied);
	}
	if (put_in_order(path)) {
		if (opened) {
			read_dump_by(&plain, 1, NULL, true, false, &copied);
			assert_true(mapped == copied);
		}
		unlink(ordered);
	} else if (!access(left, F_OK)) {
		read_dump_by(&incomplete, 1, NULL, true, false, &copied);
		unlink(left);
	}
	return 0;
}
