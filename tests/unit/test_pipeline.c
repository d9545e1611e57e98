/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps that several threads compress: the same bytes as by one, whole or cut short, of any input,
 * and in no more memory than is said. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <vmcull/vmcull.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/sigbus.h"
#include "allocated_bytes.h"
#include "elf_builder.h"
#include "erase/erase.h"
#include "expect.h"
#include "filter/plan.h"
#include "output_path.h"
#include "write/unit.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* More units than threads have room for, and the last of them not full. */
#define PAGE_COUNT 5000
#define PAGE_BYTES 4096
#define DATA_START PAGE_BYTES
#define FIRST_PFN  0x100

static const unsigned int numbers[] = {1, 2, 3, 8};

/* What was written: of all files, and how it ended. */
struct outcome {
	uint64_t digest;
	int code; /* 0: well */
	struct vmc_write_summary summary;
};

/* How pages are to be written, and what is in the way. */
struct setting {
	struct vmc_write_options options;
	size_t parts;  /* 0: not split */
	uint64_t stop; /* progress forbids to go on when so many pages are done; 0: never */
	const struct vmc_erase *erase;
};

static pthread_t caller;

static bool step(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	const struct setting *setting = arg;

	(void)phase;
	assert_true(pthread_equal(pthread_self(), caller));
	assert_true(done <= total);
	return !setting->stop || done < setting->stop;
}

static void say(void *arg, enum vmc_log_level level, const char *message)
{
	(void)arg, (void)level, (void)message;
	assert_true(pthread_equal(pthread_self(), caller));
}

static const struct vmc_dump_options dump_options = {.log = {.write = say}};

/* Pages of zeros, of little and of much, in runs of any length. */
static void fill_page(uint8_t *page, size_t index)
{
	memset(page, 0, PAGE_BYTES);
	switch (index * 2654435761u >> 5 & 7) {
	case 0:
	case 1:
		return;
	case 2:
		scratch_fill(page, index * PAGE_BYTES, PAGE_BYTES);
		for (size_t i = 0; i < PAGE_BYTES; i++)
			page[i] = (uint8_t)(page[i] * (i * i + index) >> 3);
		return;
	default:
		for (size_t i = 0; i < PAGE_BYTES; i += 8)
			page[i] = (uint8_t)(i / 64 * index + i / 512);
	}
}

static void source_create(struct scratch_file *file)
{
	static const struct built_segment segments[] = {
		{.type = PT_NOTE, .offset = 512, .filesz = 44},
		LOAD(DATA_START, FIRST_PFN * PAGE_BYTES, PAGE_COUNT * PAGE_BYTES,
		     PAGE_COUNT * PAGE_BYTES),
	};
	const struct built_elf elf = {
		.layout = {.word_size = 8},
		.segments = segments,
		.count = COUNT_OF(segments),
		.size = DATA_START + PAGE_COUNT * PAGE_BYTES,
	};
	uint8_t *bytes = built_bytes(&elf);

	assert_int_equal(note_put(elf.layout, bytes + 512, "VMCOREINFO", 0, "PAGESIZE=4096\nA=1\n"),
			 44);
	for (size_t i = 0; i < PAGE_COUNT; i++)
		fill_page(bytes + DATA_START + i * PAGE_BYTES, i);
	scratch_file_create(file, bytes, elf.size);
	free(bytes);
}

static void add_file(struct digest *digest, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	uint8_t bytes[65536];
	ssize_t size;

	digest_add(digest, (const uint8_t *)(fd < 0 ? "-" : "+"), 1);
	if (fd < 0)
		return;
	while ((size = read(fd, bytes, sizeof(bytes))) > 0)
		digest_add(digest, bytes, (size_t)size);
	close(fd);
}

#define PARTS 3

static struct outcome write_by(const char *input, struct setting setting, unsigned int threads)
{
	const struct vmc_progress progress = {.step = step, .arg = &setting};
	struct vmc_write_summary summaries[PARTS];
	char names[PARTS][96], *paths[PARTS];
	struct outcome outcome = {0};
	struct vmc_error *err;
	struct vmc_plan *plan;
	struct vmc_dump *dump;
	struct digest digest;
	size_t count;

	caller = pthread_self();
	setting.options.threads = threads;
	setting.options.replace = true;
	setting.options.progress = &progress;
	succeed(vmc_dump_open(input, &dump_options, &dump));
	succeed(vmc_plan_create_all(dump, &plan));
	plan->policy.drop_zero = true;
	plan->erase = setting.erase;
	digest_init(&digest);
	if (setting.parts) {
		for (size_t i = 0; i < setting.parts; i++) {
			snprintf(names[i], sizeof(names[i]), "%s%zu", path, i);
			paths[i] = names[i];
		}
		err = vmc_write_split(plan, (const char *const *)paths, setting.parts, 0,
				      &setting.options, summaries, &count);
		outcome.summary = summaries[0];
		for (size_t i = 0; i < setting.parts; i++) {
			add_file(&digest, summaries[i].path);
			unlink(summaries[i].path);
		}
	} else {
		err = vmc_write(plan, path, &setting.options, &outcome.summary);
		add_file(&digest, outcome.summary.path);
	}
	if (err)
		outcome.code = (int)vmc_error_code(err);
	vmc_error_free(err);
	vmc_plan_destroy(plan);
	vmc_dump_close(dump);
	outcome.digest = digest_value(&digest);
	return outcome;
}

static void assert_same(const struct outcome *by_one, const struct outcome *by_more)
{
	assert_int_equal(by_more->code, by_one->code);
	assert_int_equal(by_more->digest, by_one->digest);
	assert_int_equal(by_more->summary.pages_written, by_one->summary.pages_written);
	assert_int_equal(by_more->summary.zero_pages, by_one->summary.zero_pages);
	assert_int_equal(by_more->summary.raw_pages, by_one->summary.raw_pages);
	assert_int_equal(by_more->summary.passed_pages, by_one->summary.passed_pages);
	assert_int_equal(by_more->summary.unreadable_pages, by_one->summary.unreadable_pages);
	assert_int_equal(by_more->summary.bytes_out, by_one->summary.bytes_out);
	assert_int_equal(by_more->summary.incomplete, by_one->summary.incomplete);
	assert_int_equal(by_more->summary.full, by_one->summary.full);
}

/* By any number of threads.  Gives what one makes of it. */
static struct outcome check(const char *input, const struct setting *setting)
{
	struct outcome by_one = write_by(input, *setting, 1);

	assert_int_equal(by_one.summary.threads, 1);
	for (size_t i = 1; i < COUNT_OF(numbers); i++) {
		struct outcome by_more = write_by(input, *setting, numbers[i]);

		assert_int_equal(by_more.summary.threads, numbers[i]);
		assert_same(&by_one, &by_more);
		/* An incomplete one has another name. */
		unlink(by_more.summary.path);
	}
	return by_one;
}

static struct setting with_codec(const char *name)
{
	struct setting setting = {0};

	succeed(vmc_codec_parse(name, &setting.options.codec));
	return setting;
}

static void test_codecs(void **state)
{
	const struct scratch_file *source = *state;

	for (size_t i = 0; i < vmc_codec_count(); i++) {
		struct setting setting = with_codec(vmc_codec_name(vmc_codec_at(i)));
		struct outcome outcome = check(source->path, &setting);

		assert_int_equal(outcome.code, 0);
		assert_int_equal(outcome.summary.pages_written, PAGE_COUNT);
		assert_true(outcome.summary.zero_pages > PAGE_COUNT / 8);
		assert_true(outcome.summary.raw_pages > 0);
	}
}

static void test_forms(void **state)
{
	const struct scratch_file *source = *state;

	for (unsigned int form = 0; form < 4; form++) {
		struct setting setting = with_codec("lzo");
		struct outcome outcome;

		setting.options.format = form & 1 ? VMC_OUTPUT_ELF : VMC_OUTPUT_KDUMP;
		setting.options.flattened = form & 2;
		outcome = check(source->path, &setting);
		assert_int_equal(outcome.code, 0);
		assert_int_equal(outcome.summary.pages_written, PAGE_COUNT);
	}
}

static void test_parts(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("zstd");

	setting.parts = PARTS;
	assert_int_equal(check(source->path, &setting).code, 0);
	setting.stop = PAGE_COUNT / 2;
	assert_int_equal(check(source->path, &setting).code, VMC_ERR_INTERRUPTED);
}

static void test_erased(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("zlib");
	struct vmc_erase erase = {0};
	uint64_t untouched = check(source->path, &setting).digest;

	byte_ranges_init(&erase.filled);
	byte_ranges_init(&erase.nulls);
	for (uint64_t i = 0; i < PAGE_COUNT; i += 7)
		succeed(byte_ranges_add(&erase.filled, (FIRST_PFN + i) * PAGE_BYTES + 100, 5000));
	succeed(byte_ranges_add(&erase.nulls, FIRST_PFN * PAGE_BYTES + 50000, 300000));
	byte_ranges_sort(&erase.filled);
	byte_ranges_sort(&erase.nulls);
	setting.erase = &erase;
	assert_int_not_equal(check(source->path, &setting).digest, untouched);
	byte_ranges_deinit(&erase.filled);
	byte_ranges_deinit(&erase.nulls);
}

/* A kdump file as the input. */
static void make_kdump(const struct scratch_file *source, const char *name)
{
	struct setting setting = with_codec("lzo");

	assert_int_equal(write_by(source->path, setting, 2).code, 0);
	assert_int_equal(rename(path, name), 0);
}

/* Pages that are passed on, and some whose data is damaged. */
static void test_passed_and_lost(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("zlib");
	struct outcome outcome;
	char name[80];
	struct stat status;
	int fd;

	snprintf(name, sizeof(name), "%s-input", path);
	make_kdump(source, name);
	setting.options.stored = VMC_STORED_PASS;
	outcome = check(name, &setting);
	assert_int_equal(outcome.code, 0);
	assert_int_equal(outcome.summary.passed_pages, PAGE_COUNT - outcome.summary.zero_pages);

	fd = open(name, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(fd, &status), 0);
	for (off_t at = status.st_size / 4; at < status.st_size - 4096; at += 300001)
		assert_int_equal(pwrite(fd, "damaged", 7, at), 7);
	close(fd);
	for (unsigned int stored = VMC_STORED_SAME_CODEC; stored <= VMC_STORED_ENCODE; stored++) {
		setting.options.stored = (enum vmc_write_stored)stored;
		outcome = check(name, &setting);
		assert_int_equal(outcome.code, 0);
		assert_in_range(outcome.summary.unreadable_pages, 5, 100);
		assert_int_equal(outcome.summary.pages_written,
				 PAGE_COUNT - outcome.summary.unreadable_pages);
	}
	unlink(name);
}

/* What was saved can be read, and nothing else is there. */
static void check_incomplete(const struct outcome *outcome, const char *name, uint64_t pages)
{
	struct vmc_dump_history history;
	struct vmc_dump_cursor *cursor;
	uint8_t expected[PAGE_BYTES], page[PAGE_BYTES];
	struct vmc_dump *dump;

	assert_true(outcome->summary.incomplete);
	assert_int_equal(outcome->summary.pages_written, pages);
	succeed(vmc_dump_open(name, NULL, &dump));
	vmc_dump_history(dump, &history);
	assert_true(history.incomplete);
	succeed(vmc_dump_cursor_create(dump, &cursor));
	for (size_t i = 0; i < pages; i++) {
		fill_page(expected, i);
		succeed(vmc_dump_read(cursor, (FIRST_PFN + i) * PAGE_BYTES, page, sizeof(page)));
		assert_memory_equal(page, expected, sizeof(page));
	}
	fail_with(vmc_dump_read(cursor, (FIRST_PFN + pages) * PAGE_BYTES, page, sizeof(page)),
		  VMC_ERR_NODATA, "");
	vmc_dump_cursor_destroy(cursor);
	vmc_dump_close(dump);
}

/* Progress says stop: the units that are put are those of one thread. */
static void test_interrupted(void **state)
{
	const struct scratch_file *source = *state;
	const uint64_t room = UNIT_BYTES / PAGE_BYTES;

	for (unsigned int form = 0; form < 2; form++) {
		struct setting setting = with_codec("lzo");
		struct outcome outcome;

		setting.options.format = form ? VMC_OUTPUT_ELF : VMC_OUTPUT_KDUMP;
		setting.stop = 7 * room - 3;
		outcome = check(source->path, &setting);
		assert_int_equal(outcome.code, VMC_ERR_INTERRUPTED);
		outcome = write_by(source->path, setting, 3);
		check_incomplete(&outcome, outcome.summary.path, 7 * room);
		unlink(outcome.summary.path);
	}
}

static void test_size_limit(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("lzo");
	uint64_t whole = check(source->path, &setting).summary.bytes_out;
	struct outcome outcome;

	setting.options.size_limit = whole / 2;
	outcome = check(source->path, &setting);
	assert_int_equal(outcome.code, VMC_ERR_SYSTEM);
	assert_true(outcome.summary.full);
	outcome = write_by(source->path, setting, 2);
	assert_in_range(outcome.summary.pages_written, PAGE_COUNT / 4, PAGE_COUNT * 3 / 4);
	check_incomplete(&outcome, outcome.summary.path, outcome.summary.pages_written);
	unlink(outcome.summary.path);
	setting.options.discard_when_full = true;
	outcome = check(source->path, &setting);
	assert_false(outcome.summary.incomplete);
}

static struct io_syscalls full;
static ssize_t disk_left;

/* Descriptors still have room, which was reserved: 96 KiB at once. */
static ssize_t full_pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	if (size > 131072 && (disk_left -= (ssize_t)size) < 0) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, buffer, size, offset);
}

static void test_full_disk(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("none");
	uint64_t digest = 0;

	full = io_posix;
	full.pwrite = full_pwrite;
	io_set_syscalls(&full);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct outcome outcome;

		disk_left = 9 << 20;
		outcome = write_by(source->path, setting, numbers[i]);
		assert_int_equal(outcome.code, VMC_ERR_SYSTEM);
		assert_true(outcome.summary.full);
		assert_true(!i || outcome.digest == digest);
		digest = outcome.digest;
		check_incomplete(&outcome, outcome.summary.path, outcome.summary.pages_written);
		unlink(outcome.summary.path);
	}
	io_set_syscalls(NULL);
}

/* The input becomes shorter while it is read: the signal comes to whoever reads. */
static struct scratch_file *shrinking;

static bool shrink(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	(void)arg, (void)phase, (void)total;
	if (done)
		scratch_file_resize(shrinking, DATA_START + PAGE_COUNT / 2 * PAGE_BYTES);
	return true;
}

static struct sigaction our_handler;

static void test_shrinking(void **state)
{
	const struct vmc_progress progress = {.step = shrink};
	struct setting setting = with_codec("lzo");
	struct vmc_write_summary summary;
	struct scratch_file source;
	struct vmc_plan *plan;
	struct vmc_dump *dump;

	(void)state;
	/* cmocka puts its own over it at the start of each test. */
	assert_int_equal(sigaction(SIGBUS, &our_handler, NULL), 0);
	source_create(&source);
	shrinking = &source;
	setting.options.threads = 3;
	setting.options.replace = true;
	setting.options.progress = &progress;
	succeed(vmc_dump_open(source.path, NULL, &dump));
	succeed(vmc_plan_create_all(dump, &plan));
	succeed(vmc_write(plan, path, &setting.options, &summary));
	assert_int_equal(summary.threads, 3);
	assert_in_range(summary.unreadable_pages, PAGE_COUNT / 2 - 8 * 256, PAGE_COUNT / 2);
	assert_int_equal(summary.pages_written, PAGE_COUNT - summary.unreadable_pages);
	vmc_plan_destroy(plan);
	vmc_dump_close(dump);
	scratch_file_destroy(&source);
}

/* Threads that have no memory for any read: how many there are to be, by their first. */
static struct io_syscalls poor;
static atomic_int poor_threads;
static _Thread_local enum { FATE_OPEN, FATE_POOR, FATE_RICH } fate;

static ssize_t poor_pread(int fd, void *buffer, size_t size, off_t offset)
{
	if (pthread_equal(pthread_self(), caller))
		fate = FATE_RICH;
	else if (fate == FATE_OPEN)
		fate = atomic_fetch_sub(&poor_threads, 1) > 0 ? FATE_POOR : FATE_RICH;
	if (fate == FATE_POOR) {
		errno = ENOMEM;
		return -1;
	}
	return pread(fd, buffer, size, offset);
}

static struct vmc_error *write_poorly(const char *input, struct setting *setting, int threads,
				      struct vmc_write_summary *ret_summary)
{
	const struct vmc_dump_options options = {.no_mmap = true};
	struct vmc_error *err;
	struct vmc_plan *plan;
	struct vmc_dump *dump;

	poor = io_posix;
	poor.pread = poor_pread;
	io_set_syscalls(&poor);
	caller = pthread_self();
	poor_threads = threads;
	setting->options.threads = 3;
	setting->options.replace = true;
	succeed(vmc_dump_open(input, &options, &dump));
	succeed(vmc_plan_create_all(dump, &plan));
	plan->policy.drop_zero = true;
	err = vmc_write(plan, path, &setting->options, ret_summary);
	vmc_plan_destroy(plan);
	vmc_dump_close(dump);
	io_set_syscalls(NULL);
	return err;
}

/* A thread without memory leaves the work to the others; the last of them cannot. */
static void test_poor_threads(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("lzo");
	struct outcome by_one = write_by(source->path, setting, 1);
	struct vmc_write_summary summary;
	struct digest digest;

	for (int threads = 1; threads < 3; threads++) {
		succeed(write_poorly(source->path, &setting, threads, &summary));
		assert_int_equal(summary.pages_written, PAGE_COUNT);
		digest_init(&digest);
		add_file(&digest, path);
		assert_int_equal(digest_value(&digest), by_one.digest);
	}
	fail_with(write_poorly(source->path, &setting, 3, &summary), VMC_ERR_NOMEM, "");
	assert_false(summary.incomplete); /* nothing was saved */
}

static void test_memory_limit(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("zstd");
	uint64_t memory[4];
	struct vmc_plan *plan;
	struct vmc_dump *dump;

	succeed(vmc_dump_open(source->path, NULL, &dump));
	succeed(vmc_plan_create_all(dump, &plan));
	for (unsigned int i = 1; i < COUNT_OF(memory); i++)
		succeed(vmc_write_memory(plan, &setting.options, i, &memory[i]));
	/* A unit, a codec, a reader. */
	assert_in_range(memory[1], UNIT_BYTES, 2 * UNIT_BYTES);
	assert_in_range(memory[3] - memory[2], UNIT_BYTES, 2 * UNIT_BYTES + (256 << 10));
	for (unsigned int i = 1; i < COUNT_OF(memory); i++) {
		struct outcome outcome;

		setting.options.memory_limit = memory[i];
		outcome = write_by(source->path, setting, 8);
		assert_int_equal(outcome.code, 0);
		assert_int_equal(outcome.summary.threads, i);
		assert_int_equal(outcome.summary.memory, memory[i]);
		setting.options.memory_limit--;
		outcome = write_by(source->path, setting, 8);
		assert_int_equal(outcome.code, i == 1 ? VMC_ERR_REFUSED : 0);
		assert_int_equal(outcome.summary.threads, i - 1);
	}
	vmc_plan_destroy(plan);
	vmc_dump_close(dump);
}

#ifdef HAVE_ALLOCATED_BYTES
static size_t allocated_before, allocated_most;

static bool weigh(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	size_t now = __sanitizer_get_current_allocated_bytes();

	(void)arg, (void)phase, (void)done, (void)total;
	if (now - allocated_before > allocated_most)
		allocated_most = now - allocated_before;
	return true;
}

/* The writer itself, whose descriptors wait for a write. */
#define WRITER_BYTES ((uint64_t)256 << 10)

static void check_memory(struct vmc_dump *dump, const char *codec, unsigned int threads)
{
	const struct vmc_progress progress = {.step = weigh};
	struct setting setting = with_codec(codec);
	struct vmc_write_summary summary;
	struct vmc_plan *plan;

	setting.options.replace = true;
	setting.options.stored = VMC_STORED_ENCODE;
	setting.options.threads = threads;
	setting.options.progress = &progress;
	succeed(vmc_plan_create_all(dump, &plan));
	allocated_before = __sanitizer_get_current_allocated_bytes();
	allocated_most = 0;
	succeed(vmc_write(plan, path, &setting.options, &summary));
	assert_in_range(allocated_most, UNIT_BYTES, summary.memory + WRITER_BYTES);
	vmc_plan_destroy(plan);
}
#endif

static void test_memory_is_what_is_said(void **state)
{
#ifdef HAVE_ALLOCATED_BYTES
	const struct scratch_file *source = *state;
	char name[80];

	snprintf(name, sizeof(name), "%s-input", path);
	make_kdump(source, name);
	for (unsigned int i = 0; i < 4; i++) {
		const struct vmc_dump_options options = {.no_mmap = i & 1};
		struct vmc_dump *dump;

		succeed(vmc_dump_open(i & 2 ? name : source->path, &options, &dump));
		for (size_t j = 0; j < vmc_codec_count(); j++) {
			check_memory(dump, vmc_codec_name(vmc_codec_at(j)), 1);
			check_memory(dump, vmc_codec_name(vmc_codec_at(j)), 3);
		}
		vmc_dump_close(dump);
	}
	unlink(name);
#else
	(void)state;
	skip();
#endif
}

/* Small dumps start no more threads than they have units. */
static void test_few_pages(void **state)
{
	const struct scratch_file *source = *state;
	struct setting setting = with_codec("lzo");
	struct vmc_write_summary summary;
	struct vmc_plan *plan;
	struct vmc_dump *dump;

	setting.options.replace = true;
	setting.options.threads = 8;
	succeed(vmc_dump_open(source->path, NULL, &dump));
	for (unsigned int units = 0; units < 4; units++) {
		const uint64_t pages = units * (UNIT_BYTES / PAGE_BYTES);

		succeed(vmc_plan_create_all(dump, &plan));
		kept_deinit(&plan->kept);
		kept_init(&plan->kept);
		succeed(kept_append(&plan->kept, FIRST_PFN, pages));
		kept_seal(&plan->kept);
		succeed(vmc_write(plan, path, &setting.options, &summary));
		assert_int_equal(summary.pages_written, pages);
		assert_int_equal(summary.threads, units ? units : 1);
		vmc_plan_destroy(plan);
	}
	vmc_dump_close(dump);
}

static struct scratch_file shared;

static int setup(void **state)
{
	source_create(&shared);
	*state = &shared;
	return group_setup((void *[]){NULL});
}

static int teardown(void **state)
{
	scratch_file_destroy(&shared);
	return group_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_erased),
		cmocka_unit_test(test_passed_and_lost),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_full_disk),
#ifndef VMCULL_EMULATED /* QEMU does not tell a handler of SIGBUS where the fault was */
		cmocka_unit_test(test_shrinking),
#endif
		cmocka_unit_test(test_poor_threads),
		cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_memory_is_what_is_said),
		cmocka_unit_test(test_few_pages),
	};

	/* Installs the handler of SIGBUS. */
	sigbus_slot_release(sigbus_slot_take());
	sigaction(SIGBUS, NULL, &our_handler);
	return cmocka_run_group_tests(tests, setup, teardown);
}
