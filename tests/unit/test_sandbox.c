/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process can no longer do in the sandbox of the program, and what it can.  Each test does
 * so in a child, since nobody gets out of it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox.h"
#include "sandbox_parts.h"

#define COULD      0 /* what a child ends with: its call succeeded */
#define NO_SANDBOX 250

static char folder[] = "/tmp/vmcull-sandbox-XXXXXX";
static char output[64], outside[64];

static void take_line(void *arg, enum vmc_log_level level, const char *line)
{
	char *text = arg;

	assert_int_equal(level, VMC_LOG_INFO);
	strncat(text, line, 255 - strlen(text));
	strncat(text, "\n", 255 - strlen(text));
}

/* What a child ends with: a system call's error, or COULD. */
static int result_of(long result)
{
	return result < 0 ? errno : COULD;
}

enum halves {
	LANDLOCK = 1,
	SECCOMP = 2,
	BOTH = 3,
};

static const char *const one_output[] = {output};

static bool enter(enum halves halves, size_t outputs)
{
	struct sandbox sandbox = {.outputs = one_output, .output_count = outputs};
	char text[256] = "";
	struct vmc_log log = {.write = take_line, .arg = text};
	int abi = 0;

	if (halves == BOTH) {
		sandbox_enter(&sandbox, &log);
		return strstr(text, "seccomp") && strstr(text, "Landlock");
	}
	if (syscall(__NR_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0) != 0)
		return false;
	return (halves == LANDLOCK ? sandbox_landlock(&sandbox, &abi)
				   : sandbox_seccomp(&sandbox)) == 0;
}

/* How a child that enters and then does @act ends; skips the test where there is no sandbox. */
static int status_of(enum halves halves, size_t outputs, int (*act)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(enter(halves, outputs) ? act() : NO_SANDBOX);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SANDBOX)
		skip();
	return status;
}

static void expect_killed(int (*act)(void))
{
	int status = status_of(SECCOMP, 0, act);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void expect(int wanted, enum halves halves, size_t outputs, int (*act)(void))
{
	int status = status_of(halves, outputs, act);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), wanted);
}

static int do_execute(void)
{
	return result_of(execl("/bin/true", "true", (char *)NULL));
}

static int do_execute_file(void)
{
	return result_of(syscall(__NR_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0));
}

static int do_socket(void)
{
	return result_of(socket(AF_UNIX, SOCK_STREAM, 0));
}

static void test_killed(void **state)
{
	(void)state;
	expect_killed(do_execute);
	expect_killed(do_execute_file);
	expect_killed(do_socket);
}

#ifndef SANDBOX_LENIENT
static int do_trace(void)
{
	return result_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int do_fork(void)
{
	return result_of(syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0));
}

static int do_change_mode(void)
{
	return result_of(fchmodat(AT_FDCWD, output, 0777, 0));
}

static int do_unknown(void)
{
	return result_of(syscall(1023));
}

/* Where sanitizers work, only what kills is not allowed. */
static void test_not_listed(void **state)
{
	(void)state;
	expect_killed(do_trace);
	expect(EPERM, SECCOMP, 1, do_fork);
	expect(EPERM, SECCOMP, 1, do_change_mode);
	expect(ENOSYS, SECCOMP, 1, do_unknown);
}
#endif

static int do_map_code(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? errno : COULD;
}

static int do_make_code(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return 1;
	return result_of(mprotect(map, 4096, PROT_READ | PROT_EXEC));
}

static void test_code(void **state)
{
	(void)state;
#ifndef __s390x__
	expect(EPERM, SECCOMP, 0, do_map_code);
#endif
	expect(EPERM, SECCOMP, 0, do_make_code);
}

static int do_make_output(void)
{
	int result = result_of(open(output, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	unlink(output);
	return result;
}

static int do_finish_output(void)
{
	char to[80];
	int fd = open(output, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 4096) != 0 || pwrite(fd, "x", 1, 0) != 1 || fsync(fd) != 0)
		return errno;
	snprintf(to, sizeof(to), "%s.done", output);
	if (rename(output, to) != 0)
		return errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0 || unlink(to) != 0)
		return errno;
	return COULD;
}

#ifndef SANDBOX_LENIENT
static int do_overwrite(void)
{
	int result = result_of(open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));

	unlink(output);
	return result;
}
#endif

static int do_make_outside(void)
{
	int result = result_of(open(outside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	unlink(outside);
	return result;
}

static int do_read_password(void)
{
	return result_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static void *run_thread(void *arg)
{
	return arg;
}

static int do_thread(void)
{
	pthread_t thread;
	int error_number = pthread_create(&thread, NULL, run_thread, NULL);

	return error_number ? error_number : pthread_join(thread, NULL);
}

static void test_outputs(void **state)
{
	(void)state;
	expect(COULD, BOTH, 1, do_make_output);
	expect(COULD, BOTH, 1, do_finish_output);
	expect(COULD, BOTH, 0, do_thread);
}

/* Each half refuses by itself what it can tell. */
static void test_other_files(void **state)
{
	(void)state;
#ifndef SANDBOX_LENIENT
	expect(EPERM, SECCOMP, 1, do_read_password);
	expect(EPERM, SECCOMP, 0, do_make_output);
	expect(EPERM, SECCOMP, 1, do_overwrite);
	expect(EACCES, LANDLOCK, 1, do_read_password);
	expect(EACCES, LANDLOCK, 1, do_make_outside);
	expect(EACCES, LANDLOCK, 0, do_make_output);
#else
	expect(COULD, BOTH, 0, do_read_password);
	expect(COULD, BOTH, 0, do_make_outside);
#endif
}

/* A crash kernel's dump of the crash: nothing is in the way. */
static void test_proc(void **state)
{
	static const char *const inputs[] = {"/proc/version"};
	struct sandbox sandbox = {.inputs = inputs, .input_count = 1};
	char text[256] = "";
	struct vmc_log log = {.write = take_line, .arg = text};

	(void)state;
	if (access(inputs[0], R_OK) != 0)
		skip();
	sandbox_enter(&sandbox, &log);
	assert_string_equal(text, "no sandbox: /proc/version is of the running kernel\n");

	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	close(fd);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(output, sizeof(output), "%s/output", folder);
	snprintf(outside, sizeof(outside), "%s.outside", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proc),        cmocka_unit_test(test_killed),
#ifndef SANDBOX_LENIENT
		cmocka_unit_test(test_not_listed),
#endif
		cmocka_unit_test(test_code),        cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_other_files),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
