/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <vmcull/flattened.h>

#include "expect.h"
#include "flattened_image.h"

static char directory[64], out[96], incomplete[112];

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/vmcull-test.XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(out, sizeof(out), "%s/out", directory);
	snprintf(incomplete, sizeof(incomplete), "%s/out.incomplete", directory);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(out);
	unlink(incomplete);
	return rmdir(directory);
}

/* Writes a stream into a pipe, piece by piece, and closes it. */
struct writer {
	pthread_t thread;
	int fd;
	const struct image *flat;
};

static void *writer_run(void *arg)
{
	struct writer *writer = arg;

	for (size_t at = 0, n = 1; at < writer->flat->size; at += n) {
		n = min_u64(1 + at % 5000, writer->flat->size - at);
		if (write(writer->fd, writer->flat->bytes + at, n) != (ssize_t)n)
			break; /* the reader has had enough */
	}
	close(writer->fd);
	return NULL;
}

static struct vmc_error *rearrange(const struct image *flat,
				   const struct vmc_rearrange_options *options,
				   struct vmc_rearrange_summary *ret_summary)
{
	struct writer writer = {.flat = flat};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	writer.fd = ends[1];
	assert_int_equal(pthread_create(&writer.thread, NULL, writer_run, &writer), 0);

	struct vmc_error *err = vmc_rearrange(ends[0], "stream", out, options, ret_summary);

	close(ends[0]);
	pthread_join(writer.thread, NULL);
	return err;
}

static void check_out(const void *bytes, size_t size)
{
	_cleanup_free_ uint8_t *found = malloc(size + 1);
	int fd = open(out, O_RDONLY);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(read(fd, found, size + 1), size);
	assert_memory_equal(found, bytes, size);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	close(fd);
}

static void nothing_is_left(void)
{
	assert_int_equal(access(out, F_OK), -1);
	assert_int_equal(access(incomplete, F_OK), -1);
}

/* What was left opens as an incomplete dump; then it goes. */
static void expect_incomplete(size_t size)
{
	struct vmc_dump_history history;
	struct vmc_dump *dump;

	succeed(vmc_dump_open(incomplete, NULL, &dump));
	vmc_dump_history(dump, &history);
	assert_true(history.incomplete);
	assert_int_equal(vmc_dump_file_size(dump), size);
	vmc_dump_close(dump);
	unlink(incomplete);
}

static void the_file_is_what_it_was(void **state)
{
	static const size_t sizes[] = {7, 4096, 5000, 1 << 20};
	const struct vmc_rearrange_options replace = {.replace = true};
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe);
	struct vmc_rearrange_summary summary;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct image flat = flat_build(&plain, sizes[i]);

		succeed(rearrange(&flat, &replace, &summary));
		check_out(plain.bytes, plain.size);
		assert_int_equal(summary.bytes_in, flat.size);
		assert_int_equal(summary.bytes_out, plain.size);
		assert_int_equal(summary.records, 2 + (plain.size + sizes[i] - 1) / sizes[i]);
		image_destroy(&flat);
	}
	image_destroy(&plain);
}

static void an_existing_file_is_kept(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat = flat_build(&plain, 100);
	int fd = open(out, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "mine", 4), 4);
	close(fd);
	fail_with(rearrange(&flat, NULL, NULL), VMC_ERR_REFUSED, "exists already");
	check_out("mine", 4);
	/* Neither does a stream that fails take its place. */
	flat.size -= 1;
	fail_with(rearrange(&flat, &(struct vmc_rearrange_options){.replace = true}, NULL),
		  VMC_ERR_TRUNCATED, "stream: truncated flattened stream");
	check_out("mine", 4);
	expect_incomplete(plain.size);
	image_destroy(&flat);
	image_destroy(&plain);
}

/* Of one that was cut off an incomplete dump is left as soon as there is one. */
static void what_is_cut_off_is_left(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat = flat_build(&plain, 3000);
	size_t whole = flat.size, left = 0;
	char where[32];

	(void)state;
	for (flat.size = 16; flat.size < whole; flat.size += flat.size < whole - 40 ? 377 : 1) {
		struct vmc_rearrange_summary summary;

		snprintf(where, sizeof(where), "(at offset 0x%zx)", flat.size);
		fail_with(rearrange(&flat, NULL, &summary), VMC_ERR_TRUNCATED, where);
		assert_int_equal(summary.bytes_in, flat.size);
		left += summary.incomplete;
		if (summary.incomplete)
			expect_incomplete(summary.bytes_out);
		nothing_is_left();
	}
	assert_true(left >= 16); /* all that lack only a part of the end mark */
	image_destroy(&flat);
	image_destroy(&plain);
}

static void what_is_no_stream_is_refused(void **state)
{
	struct image none = {.bytes = (uint8_t *)"", .size = 0};
	struct image other = {.bytes = (uint8_t *)"KDUMP   and more of it", .size = 22};
	struct image flat;

	(void)state;
	fail_with(rearrange(&none, NULL, NULL), VMC_ERR_FORMAT, "stream: the stream is empty");
	fail_with(rearrange(&other, NULL, NULL), VMC_ERR_FORMAT, "stream: this is no flattened");
	other.size = 3;
	fail_with(rearrange(&other, NULL, NULL), VMC_ERR_FORMAT, "stream: this is no flattened");
	flat_begin(&flat);
	flat_record(&flat, 0, "x", 1);
	put_u64(&flat, flat.size, UINT64_MAX);
	put_u64(&flat, flat.size, 5);
	fail_with(rearrange(&flat, NULL, NULL), VMC_ERR_CORRUPT, "(at offset 0x1011)");
	image_destroy(&flat);
	nothing_is_left();
}

static void what_is_nearly_all_hole_is_refused(void **state)
{
	static const struct {
		const char *head;
		uint64_t offset;
		enum vmc_error_code code;
		const char *text;
	} cases[] = {
		{"KDUMP   ", (uint64_t)1 << 62, VMC_ERR_CORRUPT, "no place in a dump"},
		{"\177ELF", (uint64_t)1 << 53, VMC_ERR_CORRUPT, "no place in a dump"},
		{"KDUMP   ", (uint64_t)1 << 39, VMC_ERR_CORRUPT, "are in no flattened record"},
		{NULL, 0, VMC_ERR_FORMAT, "nothing is in this flattened dump"},
	};
	struct image flat;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		flat_begin(&flat);
		if (cases[i].head) {
			flat_record(&flat, 0, cases[i].head, strlen(cases[i].head));
			flat_record(&flat, cases[i].offset, "far away", 9);
		}
		put_u64(&flat, flat.size, UINT64_MAX);
		put_u64(&flat, flat.size, UINT64_MAX);
		fail_with(rearrange(&flat, NULL, NULL), cases[i].code, cases[i].text);
		image_destroy(&flat);
		nothing_is_left();
	}
	/* Memory of zeros may be a hole, and is as large as it wants. */
	flat_begin(&flat);
	flat_record(&flat, 0, "\177ELF", 4);
	flat_record(&flat, (uint64_t)1 << 39, "far away", 9);
	put_u64(&flat, flat.size, UINT64_MAX);
	put_u64(&flat, flat.size, UINT64_MAX);
	succeed(rearrange(&flat, NULL, NULL));
	image_destroy(&flat);
}

static ssize_t full_pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	if (offset < 10000)
		return pwrite(fd, buffer, size, offset);
	errno = ENOSPC;
	return -1;
}

static void a_full_disk_leaves_nothing(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat = flat_build(&plain, 3000);
	struct io_syscalls full = io_posix;

	(void)state;
	full.pwrite = full_pwrite;
	io_set_syscalls(&full);
	fail_with(rearrange(&flat, NULL, NULL), VMC_ERR_SYSTEM, "out.incomplete: write");
	io_set_syscalls(NULL);
	nothing_is_left();
	image_destroy(&flat);
	image_destroy(&plain);
}

static bool stop_late(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	(void)phase;
	assert_int_equal(total, 0);
	assert_true(done >= *(uint64_t *)arg);
	*(uint64_t *)arg = done;
	return done < 9000;
}

static void the_caller_can_stop_it(void **state)
{
	const struct recipe recipe = {0};
	struct image plain = image_build(&recipe), flat = flat_build(&plain, 3000);
	uint64_t done = 0;
	const struct vmc_progress progress = {.step = stop_late, .arg = &done};
	const struct vmc_rearrange_options options = {.progress = &progress};

	(void)state;
	fail_with(rearrange(&flat, &options, NULL), VMC_ERR_INTERRUPTED, "stopped");
	assert_true(done >= 9000);
	nothing_is_left();
	image_destroy(&flat);
	image_destroy(&plain);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_file_is_what_it_was),
		CASE(an_existing_file_is_kept),
		CASE(what_is_cut_off_is_left),
		CASE(what_is_no_stream_is_refused),
		CASE(a_full_disk_leaves_nothing),
		CASE(the_caller_can_stop_it),
		CASE(what_is_nearly_all_hole_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
