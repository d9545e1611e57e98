/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sigbus.h"
#include "base/window.h"
#include "view.h"

#define MIB ((uint64_t)1 << 20)

/* Calls that are counted, and fail on request. */
static unsigned int mmap_calls, munmap_calls, pread_calls;
static bool mmap_fails;
static size_t pread_at_most; /* larger reads fail; 0: none does */
static uint64_t lowest_read, highest_read;
static uint64_t advised_offset, advised_size;
static size_t largest_end; /* of all maps */

static void *counting_mmap(void *address, size_t size, int protection, int flags, int fd,
			   off_t offset)
{
	mmap_calls++;
	if (largest_end < (size_t)offset + size)
		largest_end = (size_t)offset + size;
	if (mmap_fails) {
		errno = ENODEV;
		return MAP_FAILED;
	}
	return mmap(address, size, protection, flags, fd, offset);
}

static int counting_munmap(void *address, size_t size)
{
	munmap_calls++;
	return munmap(address, size);
}

static ssize_t counting_pread(int fd, void *buffer, size_t size, off_t offset)
{
	pread_calls++;
	if (pread_at_most && size > pread_at_most) {
		errno = EIO;
		return -1;
	}
	if ((uint64_t)offset < lowest_read)
		lowest_read = (uint64_t)offset;
	if ((uint64_t)offset + size > highest_read)
		highest_read = (uint64_t)offset + size;
	return pread(fd, buffer, size, offset);
}

static int counting_fadvise(int fd, off_t offset, off_t size, int advice)
{
	(void)fd;
	assert_int_equal(advice, POSIX_FADV_WILLNEED);
	advised_offset = (uint64_t)offset;
	advised_size = (uint64_t)size;
	return EINVAL; /* which is nobody's concern */
}

static int counting_setup(void **state)
{
	static struct io_syscalls counting;

	(void)state;
	counting = io_posix;
	counting.mmap = counting_mmap;
	counting.munmap = counting_munmap;
	counting.pread = counting_pread;
	counting.fadvise = counting_fadvise;
	advised_offset = advised_size = 0;
	mmap_calls = munmap_calls = pread_calls = 0;
	largest_end = 0;
	mmap_fails = false;
	pread_at_most = 0;
	lowest_read = UINT64_MAX;
	highest_read = 0;
	io_set_syscalls(&counting);
	return 0;
}

static int counting_teardown(void **state)
{
	(void)state;
	io_set_syscalls(NULL);
	return 0;
}

/* Everything in reach of one map, requests over every border, the last byte. */
static void read_around(struct io_window *window, uint64_t size)
{
	for (uint64_t border = 0; border <= size; border += MIB) {
		uint64_t start = border < 5000 ? 0 : border - 5000;
		size_t n = size - start < 10000 ? (size_t)(size - start) : 10000;

		assert_content(window, start, n);
	}
	assert_content(window, size - 1, 1);
	assert_content(window, 0, 1);
	assert_content(window, 2 * MIB - 1, IO_WINDOW_MAX);
	assert_content(window, size - IO_WINDOW_MAX, IO_WINDOW_MAX);
}

static void maps_and_ends_with_the_file(void **state)
{
	struct view view;
	uint64_t size = 9 * MIB + 5 * PAGE;

	(void)state;
	view_open(&view, size, true);
	read_around(view.window, size);
	assert_int_equal(pread_calls, 0);
	assert_int_equal(largest_end, size);
	view_close(&view);
	assert_true(mmap_calls > 0);
	assert_int_equal(mmap_calls, munmap_calls);
}

static void reads_when_told_not_to_map(void **state)
{
	struct view view;
	uint64_t size = 5 * MIB + 123;

	(void)state;
	view_open(&view, size, false);
	read_around(view.window, size);
	assert_int_equal(mmap_calls, 0);
	view_close(&view);
}

static void gives_up_mapping_when_it_fails(void **state)
{
	struct view view;

	(void)state;
	mmap_fails = true;
	view_open(&view, 3 * MIB, true);
	assert_true(view.file->mappable);
	read_around(view.window, 3 * MIB);
	assert_false(view.file->mappable);
	assert_int_equal(mmap_calls, 1);

	struct io_window *second;

	assert_null(io_window_create(view.file, true, &second));
	assert_content(second, 17, 99);
	assert_int_equal(mmap_calls, 1);
	io_window_destroy(second);
	view_close(&view);
}

static void what_is_announced_is_read_at_once(void **state)
{
	struct view view;
	uint64_t start = 3 * PAGE, size = 4 * IO_WINDOW_ANNOUNCED + PAGE;

	(void)state;
	view_open(&view, MIB, false);
	io_window_announce(view.window, start, size);
	for (uint64_t done = 0; done < size; done += PAGE)
		assert_content(view.window, start + done, PAGE);
	assert_int_equal(pread_calls, 5);
	assert_int_equal(lowest_read, start);
	assert_int_equal(highest_read, start + size);

	/* What is asked for besides is read as ever: behind it, before it, and partly in it. */
	assert_content(view.window, start + size, PAGE);
	assert_content(view.window, start - PAGE, PAGE);
	assert_content(view.window, start + size - PAGE / 2, PAGE);
	assert_int_equal(pread_calls, 8);
	assert_int_equal(lowest_read, start - PAGE);
	assert_int_equal(highest_read, start + size + PAGE);
	view_close(&view);
}

/* A file that is mapped: the kernel may read ahead just that. */
static void what_is_announced_is_read_ahead(void **state)
{
	struct view view;

	(void)state;
	view_open(&view, MIB, true);
	io_window_announce(view.window, 5 * PAGE, 2 * PAGE);
	assert_int_equal(advised_size, 0);
	io_window_announce(view.window, 5 * PAGE, 30 * PAGE);
	assert_int_equal(advised_offset, 5 * PAGE);
	assert_int_equal(advised_size, 30 * PAGE);
	for (uint64_t page = 5; page < 35; page++)
		assert_content(view.window, page * PAGE, PAGE);
	assert_int_equal(pread_calls, 0);
	view_close(&view);
}

static void a_bad_piece_takes_no_others_with_it(void **state)
{
	struct view view;

	(void)state;
	view_open(&view, MIB, false);
	io_window_announce(view.window, 0, MIB);
	pread_at_most = PAGE;
	for (uint64_t offset = 0; offset < MIB; offset += PAGE)
		assert_content(view.window, offset, PAGE);
	view_close(&view);
}

static void one_map_serves_many_requests(void **state)
{
	struct view view;

	(void)state;
	view_open(&view, 4 * MIB, true);
	for (uint64_t offset = 0; offset < 4 * MIB; offset += PAGE)
		assert_content(view.window, offset, PAGE);
	assert_int_equal(mmap_calls, 1);
	view_close(&view);
}

/* Jumping between a few places costs no system calls, many places do. */
static void a_few_maps_are_kept(void **state)
{
	struct view view;

	(void)state;
	view_open(&view, 64 * MIB, true);
	for (int round = 0; round < 10; round++) {
		for (uint64_t place = 0; place < 8; place++)
			assert_content(view.window, place * 8 * MIB + (uint64_t)round * PAGE, PAGE);
	}
	assert_int_equal(mmap_calls, 8);
	/* A ninth takes the place of the one that was not used for the longest time. */
	assert_content(view.window, 4 * MIB, PAGE);
	assert_int_equal(mmap_calls, 9);
	assert_content(view.window, 8 * MIB, PAGE);
	assert_int_equal(mmap_calls, 9);
	assert_content(view.window, 0, PAGE);
	assert_int_equal(mmap_calls, 10);
	assert_int_equal(munmap_calls, 2);
	view_close(&view);
	assert_int_equal(munmap_calls, 10);
}

static void requests_out_of_bounds(void **state)
{
	struct view view;
	const void *bytes;

	(void)state;
	for (int may_map = 0; may_map < 2; may_map++) {
		view_open(&view, 3 * PAGE + 7, may_map);
		assert_code(io_window_get(view.window, 3 * PAGE, 8, &bytes), VMC_ERR_TRUNCATED);
		assert_code(io_window_get(view.window, 4 * PAGE, 1, &bytes), VMC_ERR_TRUNCATED);
		assert_code(io_window_get(view.window, UINT64_MAX - 1, 4, &bytes),
			    VMC_ERR_TRUNCATED);
		assert_code(io_window_get(view.window, (uint64_t)INT64_MAX, 4, &bytes),
			    VMC_ERR_TRUNCATED);
		assert_code(io_window_get(view.window, 0, IO_WINDOW_MAX + 1, &bytes),
			    VMC_ERR_LIMIT);
		assert_content(view.window, 3 * PAGE, 7);
		view_close(&view);
	}
}

struct traced {
	uint64_t offset[8], size[8];
	size_t count;
};

static void trace_read(void *arg, vmc_foff offset, uint64_t size)
{
	struct traced *traced = arg;

	assert_true(traced->count < 8);
	traced->offset[traced->count] = offset;
	traced->size[traced->count++] = size;
}

static void traces_exactly_what_was_asked_for(void **state)
{
	(void)state;
	for (int may_map = 0; may_map < 2; may_map++) {
		struct traced traced = {0};
		struct view view;

		view_open(&view, 3 * MIB, may_map);
		view.file->trace = (struct io_trace){.read = trace_read, .arg = &traced};
		assert_content(view.window, 5, 10);
		assert_content(view.window, 2 * MIB - 1, 2);
		assert_int_equal(traced.count, 2);
		assert_int_equal(traced.offset[0], 5);
		assert_int_equal(traced.size[0], 10);
		assert_int_equal(traced.offset[1], 2 * MIB - 1);
		assert_int_equal(traced.size[1], 2);
		view_close(&view);
	}
}

/* A page whose second half was cut off before it is mapped: a map would give zeros, silently. */
static void truncation_inside_a_page(void **state)
{
	struct view view;
	const void *bytes;

	(void)state;
	view_open(&view, 8 * PAGE, true);
	scratch_file_resize(&view.scratch, 3 * PAGE + 100);
	assert_code(io_window_get(view.window, 3 * PAGE, PAGE, &bytes), VMC_ERR_TRUNCATED);
	assert_content(view.window, 3 * PAGE, 100);
	view_close(&view);
}

static void more_windows_than_slots(void **state)
{
	enum { COUNT = 4200 };
	struct io_window *windows[COUNT];
	struct view view;

	(void)state;
	view_open(&view, 2 * PAGE, true);
	for (int i = 0; i < COUNT; i++) {
		assert_null(io_window_create(view.file, true, &windows[i]));
		assert_content(windows[i], PAGE, PAGE);
	}
	assert_true(pread_calls > 0);
	assert_true(mmap_calls > 4000);
	for (int i = 0; i < COUNT; i++)
		io_window_destroy(windows[i]);
	pread_calls = 0;
	assert_content(view.window, PAGE, PAGE);
	assert_int_equal(pread_calls, 0);
	view_close(&view);
}

/* A page of a file that has none: its access is a SIGBUS that is not ours. */
static const volatile uint8_t *foreign_fault_page(void)
{
	struct scratch_file scratch;

	scratch_file_create(&scratch, NULL, PAGE);
	const uint8_t *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, scratch.fd, 0);

	assert_true(map != MAP_FAILED);
	scratch_file_resize(&scratch, 0);
	scratch_file_destroy(&scratch);
	return map;
}

static sigjmp_buf foreign_jump;

static void foreign_handler(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	siglongjmp(foreign_jump, signal);
}

static void plain_handler(int signal)
{
	siglongjmp(foreign_jump, signal);
}

/* Runs @body in a process of its own, where our handler is installed after @previous, and gives
 * what waitpid() says. */
static int in_child(const struct sigaction *previous, int (*body)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct sigbus_slot *slot;

		sigaction(SIGBUS, previous, NULL);
		slot = sigbus_slot_take();
		_exit(slot ? body() : 99);
	}

	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int body_fault(void)
{
	const volatile uint8_t *page = foreign_fault_page();

	if (sigsetjmp(foreign_jump, 1) == 0)
		return *page;
	return 42;
}

static int body_kill(void)
{
	if (sigsetjmp(foreign_jump, 1) == 0)
		raise(SIGBUS);
	else
		return 42;
	return 43;
}

static void other_faults_go_to_the_handler_before(void **state)
{
	struct sigaction info = {.sa_sigaction = foreign_handler, .sa_flags = SA_SIGINFO};
	struct sigaction plain = {.sa_handler = plain_handler};

	(void)state;
	assert_int_equal(in_child(&info, body_fault), 42 << 8);
	assert_int_equal(in_child(&plain, body_fault), 42 << 8);
	assert_int_equal(in_child(&info, body_kill), 42 << 8);
	assert_int_equal(in_child(&plain, body_kill), 42 << 8);
}

static void other_faults_kill_by_default(void **state)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct sigaction ign = {.sa_handler = SIG_IGN};
	int status;

	(void)state;
	status = in_child(&dfl, body_fault);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	status = in_child(&dfl, body_kill);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	status = in_child(&ign, body_fault);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	assert_int_equal(in_child(&ign, body_kill), 43 << 8);
}

#define COUNTED(test) cmocka_unit_test_setup_teardown(test, counting_setup, counting_teardown)

int main(void)
{
	const struct CMUnitTest before_installation[] = {
		cmocka_unit_test(other_faults_go_to_the_handler_before),
		cmocka_unit_test(other_faults_kill_by_default),
	};
	const struct CMUnitTest tests[] = {
		COUNTED(maps_and_ends_with_the_file),
		COUNTED(reads_when_told_not_to_map),
		COUNTED(gives_up_mapping_when_it_fails),
		COUNTED(what_is_announced_is_read_at_once),
		COUNTED(what_is_announced_is_read_ahead),
		COUNTED(a_bad_piece_takes_no_others_with_it),
		COUNTED(one_map_serves_many_requests),
		COUNTED(more_windows_than_slots),
		COUNTED(a_few_maps_are_kept),
		cmocka_unit_test(requests_out_of_bounds),
		cmocka_unit_test(traces_exactly_what_was_asked_for),
		cmocka_unit_test(truncation_inside_a_page),
	};
	int failed = cmocka_run_group_tests(before_installation, NULL, NULL);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
