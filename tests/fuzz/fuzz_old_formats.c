/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read through libkdumpfile: DISKDUMP, LKCD, s390 stand-alone dumps.  Inputs as those of
 * the other readers, of one file. */
#include "read_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void);

/* As in tests/leaks.txt: what it forgets is not ours. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libkdumpfile";
}

/* A header of LKCD may have it ask for 256 GiB; it says so when there is no such memory.  Over a
 * GiB there is none here: the fuzzer's own limit, above that, would end it. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=1024:exitcode=99";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"diskdump", "lkcd", "s390"};
	static int fd = -1;
	char path[32];
	const char *paths = path;
	uint64_t digest;

	if (!size)
		return 0;
	data++, size--;
	if (fd < 0)
		fd = memfd_create("dump", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_true(!ftruncate(fd, 0));
	assert_int_equal(pwrite(fd, data, size, 0), size);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (is_of_format(data, size, formats[i]))
			read_dump_by(&paths, 1, formats[i], false, false, &digest);
	}
	return 0;
}
