/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const fault_kind_names[FAULT_KIND_COUNT + 1] = {
	[FAULT_OPEN] = "open",           [FAULT_READ] = "read",
	[FAULT_PREAD] = "pread",         [FAULT_WRITE] = "write",
	[FAULT_PWRITE] = "pwrite",       [FAULT_FSYNC] = "fsync",
	[FAULT_CLOSE] = "close",         [FAULT_MMAP] = "mmap",
	[FAULT_FSTAT] = "fstat",         [FAULT_FTRUNCATE] = "ftruncate",
	[FAULT_FALLOCATE] = "fallocate", [FAULT_SYNC_FILE_RANGE] = "sync_file_range",
	[FAULT_FADVISE] = "fadvise",     [FAULT_RENAME] = "rename",
	[FAULT_UNLINK] = "unlink",       [FAULT_FCNTL] = "fcntl",
	[FAULT_POLL] = "poll",           [FAULT_STAT] = "stat",
	[FAULT_STDIO] = "stdio",         [FAULT_ALLOC] = "alloc",
	[FAULT_THREAD] = "thread",       [FAULT_ANY] = "any",
};

static const struct fault *armed;
static struct fault_record *record;
static uint64_t bad_device, bad_inode;
static __thread bool interrupted; /* the last call of this thread was */
static __thread bool dying;
static __thread bool inside;

void fault_arm(const struct fault *fault, struct fault_record *to)
{
	struct stat status;

	if (fault && fault->action == FAULT_BAD && stat(fault->path, &status) == 0) {
		bad_device = status.st_dev;
		bad_inode = status.st_ino;
	}
	record = to;
	inside = true;
	__atomic_store_n(&armed, fault, __ATOMIC_SEQ_CST);
}

/* Its number, if it is one of those that the fault is for; else 0. */
static uint64_t count_call(const struct fault *fault, enum fault_kind kind)
{
	uint64_t number = __atomic_add_fetch(&record->calls[kind], 1, __ATOMIC_SEQ_CST);
	uint64_t any = __atomic_add_fetch(&record->calls[FAULT_ANY], 1, __ATOMIC_SEQ_CST);

	if (fault->kind == FAULT_ANY)
		number = any;
	else if (fault->kind != kind)
		return 0;
	return number >= fault->first && number <= fault->last ? number : 0;
}

/* Of a sanitizer. */
__attribute__((weak)) void __sanitizer_print_stack_trace(void);

static bool fail(const struct fault *fault)
{
	if (getenv("VMCULL_FAULTS_TRACE") && __sanitizer_print_stack_trace) {
		inside = false;
		__sanitizer_print_stack_trace();
		inside = true;
	}
	errno = fault->error_number;
	return false;
}

/* Those that the kernel does interrupt. */
static bool is_slow(enum fault_kind kind)
{
	return kind <= FAULT_FSYNC || kind == FAULT_FTRUNCATE || kind == FAULT_FALLOCATE ||
	       kind == FAULT_POLL;
}

static bool interrupt(enum fault_kind kind)
{
	if (!is_slow(kind))
		return true;
	interrupted = !interrupted;
	errno = EINTR;
	return !interrupted;
}

static bool act(const struct fault *fault, enum fault_kind kind, uint64_t number, size_t *size)
{
	switch (fault->action) {
	case FAULT_ERROR:
		return fail(fault);
	case FAULT_FULL:
		if (!size || *size < 2 || number > fault->first)
			return fail(fault);
		__attribute__((fallthrough));
	case FAULT_SHORT:
		if (size)
			*size -= *size / 2;
		return true;
	case FAULT_INTERRUPT:
		return interrupt(kind);
	case FAULT_TERM:
		raise(SIGTERM);
		return true;
	case FAULT_KILL:
		dying = true;
		if (size)
			*size /= 2;
		else
			fault_settle();
		return true;
	case FAULT_CUT:
		return truncate(fault->path, (off_t)fault->start) == 0;
	case FAULT_BAD:
		return true;
	}
	return true;
}

void fault_enter_thread(void)
{
	inside = true;
}

void fault_leave_thread(void)
{
	inside = false;
}

bool fault_admit(enum fault_kind kind, size_t *size)
{
	const struct fault *fault = __atomic_load_n(&armed, __ATOMIC_SEQ_CST);

	if (!fault || !inside)
		return true;

	uint64_t number = count_call(fault, kind);

	if (!number)
		return true;
	__atomic_add_fetch(&record->injected, 1, __ATOMIC_SEQ_CST);
	return act(fault, kind, number, size);
}

void fault_settle(void)
{
	if (dying)
		kill(getpid(), SIGKILL);
}

static void add_range(struct fault_file *file, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < FAULT_RANGES_MAX; i++) {
		if (file->ranges[i].end &&
		    (start > file->ranges[i].end || end < file->ranges[i].start))
			continue;
		if (!file->ranges[i].end || start < file->ranges[i].start)
			file->ranges[i].start = start;
		if (end > file->ranges[i].end)
			file->ranges[i].end = end;
		return;
	}
}

void fault_note_written(int fd, uint64_t start, uint64_t end)
{
	struct stat status;

	if (!__atomic_load_n(&armed, __ATOMIC_SEQ_CST) || fstat(fd, &status) < 0)
		return;
	for (size_t i = 0; i < FAULT_FILES_MAX; i++) {
		struct fault_file *file = &record->files[i];

		if (file->inode && file->inode != status.st_ino)
			continue;
		file->inode = status.st_ino;
		file->end = end > file->end ? end : file->end;
		add_range(file, start, end);
		return;
	}
}

bool fault_bad_range(int fd, uint64_t *ret_start, uint64_t *ret_end)
{
	const struct fault *fault = __atomic_load_n(&armed, __ATOMIC_SEQ_CST);
	struct stat status;

	if (!fault || fault->action != FAULT_BAD || fstat(fd, &status) < 0 ||
	    status.st_dev != bad_device || status.st_ino != bad_inode)
		return false;
	*ret_start = fault->start;
	*ret_end = fault->end;
	return true;
}
