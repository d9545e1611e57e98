/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject FOLDER INPUT OUT ERR PROGRAM [ARGUMENT...] < FAULTS
 *
 * Runs the program, which it is linked with, once for each line of standard input, in a child with
 * FOLDER as its working directory, INPUT as standard input, OUT and ERR as its other streams.  A
 * line is a fault:
 *
 *	KIND ACTION FIRST LAST ERROR PATH START END
 *
 * or a signal that comes after so many microseconds: "time SIGNAL MICROSECONDS 0 0 - 0 0".  For
 * each, a line of JSON tells what became of it.
 */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of its own time; it may wait longer on a busy machine, but not for ever. */
#define HANG_CPU_SECONDS  10
#define HANG_MILLISECONDS 60000

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static const char *const action_names[] = {
	[FAULT_ERROR] = "error", [FAULT_SHORT] = "short",
	[FAULT_FULL] = "full",   [FAULT_INTERRUPT] = "interrupt",
	[FAULT_TERM] = "term",   [FAULT_KILL] = "kill",
	[FAULT_CUT] = "cut",     [FAULT_BAD] = "bad",
};

struct job {
	struct fault fault;
	char path[4096];
	int signal; /* 0: none */
	useconds_t delay;
};

static void __attribute__((noreturn)) give_up(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	errno = EINVAL;
	give_up(name);
}

static bool read_job(struct job *job)
{
	char line[8192], kind[32], action[32];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	memset(job, 0, sizeof(*job));

	struct fault *fault = &job->fault;

	if (sscanf(line, "%31s %31s %" SCNu64 " %" SCNu64 " %d %4095s %" SCNu64 " %" SCNu64, kind,
		   action, &fault->first, &fault->last, &fault->error_number, job->path,
		   &fault->start, &fault->end) != 8) {
		errno = EINVAL;
		give_up(line);
	}
	fault->path = job->path;
	if (strcmp(kind, "time") == 0) {
		job->signal = strcmp(action, "kill") == 0 ? SIGKILL : SIGTERM;
		job->delay = (useconds_t)fault->first;
		fault->first = UINT64_MAX;
		return true;
	}
	fault->kind = (enum fault_kind)find_name(fault_kind_names, FAULT_KIND_COUNT + 1, kind);
	fault->action = (enum fault_action)find_name(
		action_names, sizeof(action_names) / sizeof(action_names[0]), action);
	return true;
}

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		give_up(path);
	close(fd);
}

static void __attribute__((noreturn))
run_child(const struct job *job, struct fault_record *record, char **arguments, int count)
{
	const struct rlimit limit = {HANG_CPU_SECONDS, HANG_CPU_SECONDS};
	int status;

	setrlimit(RLIMIT_CPU, &limit);
	redirect(arguments[2], O_RDONLY, STDIN_FILENO);
	redirect(arguments[3], O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	redirect(arguments[4], O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
	if (chdir(arguments[1]) < 0)
		give_up(arguments[1]);
	stdout = fault_stream(STDOUT_FILENO, "w");
	fault_arm(&job->fault, record);
	status = __real_main(count - 5, arguments + 5);
	fault_arm(NULL, NULL);
	exit(status);
}

/* Returns false when it did not end by itself. */
static bool wait_child(pid_t child, const struct job *job, int *ret_status)
{
	struct pollfd watch = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
	bool ended;

	if (watch.fd < 0)
		give_up("pidfd_open");
	if (job->signal) {
		usleep(job->delay);
		kill(child, job->signal);
	}
	ended = poll(&watch, 1, HANG_MILLISECONDS) > 0;
	if (!ended)
		kill(child, SIGKILL);
	waitpid(child, ret_status, 0);
	close(watch.fd);
	return ended;
}

static void tell(const struct fault_record *record, int status, bool ended)
{
	printf("{\"hang\": %s, \"status\": %d, \"signal\": %d, \"injected\": %" PRIu64
	       ", \"calls\": {",
	       ended ? "false" : "true", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	       WIFSIGNALED(status) ? WTERMSIG(status) : 0, record->injected);
	for (int kind = 0; kind <= FAULT_KIND_COUNT; kind++)
		printf("%s\"%s\": %" PRIu64, kind ? ", " : "", fault_kind_names[kind],
		       record->calls[kind]);
	fputs("}, \"written\": {", stdout);
	for (size_t i = 0; i < FAULT_FILES_MAX && record->files[i].inode; i++) {
		const struct fault_file *file = &record->files[i];

		printf("%s\"%" PRIu64 "\": [%" PRIu64, i ? ", " : "", file->inode, file->end);
		for (size_t j = 0; j < FAULT_RANGES_MAX && file->ranges[j].end; j++)
			printf(", [%" PRIu64 ", %" PRIu64 "]", file->ranges[j].start,
			       file->ranges[j].end);
		putchar(']');
	}
	puts("}}");
	fflush(stdout);
}

int __wrap_main(int argc, char **argv)
{
	struct fault_record *record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct job job;

	if (argc < 6 || record == MAP_FAILED)
		return 2;
	while (read_job(&job)) {
		int status = 0;
		pid_t child;

		memset(record, 0, sizeof(*record));
		child = fork();
		if (child < 0)
			give_up("fork");
		if (!child)
			run_child(&job, record, argv, argc);

		bool ended = wait_child(child, &job, &status);

		tell(record, status, ended);
	}
	return 0;
}
