/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small real dumps of testdata/, as ELF cores in memory: there a place in memory is one in the
 * file, and edits can be made in it. */
#ifndef VMCULL_TESTS_FIXTURES_H
#define VMCULL_TESTS_FIXTURES_H

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "edits.h"
#include "use_dump.h"

static const char *const fixture_names[] = {
	"arch/arm64-612-16k",    "arch/arm64-72",    "arch/armhf-612-short",
	"arch/armhf-612",        "arch/i386-61",     "arch/i386-61-nopae",
	"arch/loongarch64-72",   "arch/ppc64le-612", "arch/ppc64le-612-4k",
	"arch/ppc64le-612-hash", "arch/riscv64-612", "arch/riscv64-612-sv39",
	"arch/s390x-61",         "arch/s390x-612",   "stripped/k61",
	"stripped/k612",         "stripped/k72",     "unaccepted/k68",
	"unaccepted/k612",       "unaccepted/k72",
};

#define FIXTURES (sizeof(fixture_names) / sizeof(fixture_names[0]))

#ifdef HAVE_ZSTD

/* Gives a descriptor of the unpacked file. */
static inline int fixture_unpack(const char *name)
{
	size_t in_size = ZSTD_DStreamInSize(), out_size = ZSTD_DStreamOutSize(), got;
	char *in = malloc(in_size), *out = malloc(out_size), path[256];
	ZSTD_DStream *stream = ZSTD_createDStream();
	int fd = memfd_create("fixture", MFD_CLOEXEC);
	off_t at = 0;

	snprintf(path, sizeof(path), SOURCE_DIR "/testdata/%s/vmcore.zst", name);
	FILE *file = fopen(path, "rb");

	assert_true(file && in && out && stream && fd >= 0);
	assert_true(!ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27)));
	while ((got = fread(in, 1, in_size, file)) > 0) {
		ZSTD_inBuffer input = {in, got, 0};

		for (bool full = true; full || input.pos < input.size;) {
			ZSTD_outBuffer output = {out, out_size, 0};

			assert_true(!ZSTD_isError(ZSTD_decompressStream(stream, &output, &input)));
			assert_int_equal(pwrite(fd, out, output.pos, at), output.pos);
			at += (off_t)output.pos;
			full = output.pos == out_size;
		}
	}
	fclose(file);
	ZSTD_freeDStream(stream);
	free(in);
	free(out);
	return fd;
}

static inline void fixture_load(struct edit_base *base, const char *name)
{
	struct vmc_write_options options = {
		.format = VMC_OUTPUT_ELF, .in_place = true, .replace = true, .threads = 1};
	struct vmc_write_summary written;
	struct use_opened opened;
	struct vmc_plan *plan;
	char packed[32];
	struct stat status;
	int fd = fixture_unpack(name);

	base->fd = memfd_create(name, MFD_CLOEXEC);
	snprintf(packed, sizeof(packed), "/proc/self/fd/%d", fd);
	snprintf(base->path, sizeof(base->path), "/proc/self/fd/%d", base->fd);
	assert_true(use_open(packed, NULL, false, &opened));
	base->layout = opened.dump->layout;
	use_succeed(vmc_plan_create_all(opened.dump, &plan), name);
	use_succeed(vmc_write(plan, base->path, &options, &written), name);
	vmc_plan_destroy(plan);
	use_close(&opened);
	close(fd);
	assert_int_equal(fstat(base->fd, &status), 0);
	base->size = (uint64_t)status.st_size;
}

/* NULL where the build cannot unpack. */
static inline struct edit_base *fixture_base(size_t which)
{
	static struct edit_base bases[FIXTURES];
	struct edit_base *base = &bases[which % FIXTURES];

	if (!base->size)
		fixture_load(base, fixture_names[which % FIXTURES]);
	return base;
}

#else

static inline struct edit_base *fixture_base(size_t which)
{
	(void)which;
	return NULL;
}

#endif

#endif
