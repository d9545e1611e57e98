/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which call of the program is to fail, and how. */
#ifndef VMCULL_FAULTS_FAULT_H
#define VMCULL_FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum fault_kind {
	FAULT_OPEN,
	FAULT_READ,
	FAULT_PREAD,
	FAULT_WRITE,
	FAULT_PWRITE,
	FAULT_FSYNC,
	FAULT_CLOSE,
	FAULT_MMAP,
	FAULT_FSTAT,
	FAULT_FTRUNCATE,
	FAULT_FALLOCATE,
	FAULT_SYNC_FILE_RANGE,
	FAULT_FADVISE,
	FAULT_RENAME,
	FAULT_UNLINK,
	FAULT_FCNTL,
	FAULT_POLL,
	FAULT_STAT,
	FAULT_STDIO, /* a buffer of a FILE that is written */
	FAULT_ALLOC,
	FAULT_THREAD,
	FAULT_KIND_COUNT,
	FAULT_ANY = FAULT_KIND_COUNT, /* counts all of them */
};

extern const char *const fault_kind_names[FAULT_KIND_COUNT + 1];

enum fault_action {
	FAULT_ERROR,     /* fails with the error number, not done */
	FAULT_SHORT,     /* half of it is done */
	FAULT_FULL,      /* half of it is done, and what comes next fails */
	FAULT_INTERRUPT, /* every call is interrupted once before it is done */
	FAULT_TERM,      /* SIGTERM comes */
	FAULT_KILL,      /* half of it is done, then SIGKILL comes */
	FAULT_CUT,       /* the input becomes shorter */
	FAULT_BAD,       /* a range of the input cannot be read, mapped or not */
};

struct fault {
	enum fault_kind kind;
	enum fault_action action;
	uint64_t first, last; /* calls of that kind, from 1 on */
	int error_number;
	const char *path;    /* of the input */
	uint64_t start, end; /* of the range; start is the length after a cut */
};

#define FAULT_FILES_MAX 64

#define FAULT_RANGES_MAX 16

/* What of a file was written, as far as there is room for it; the others are at their ends. */
struct fault_file {
	uint64_t inode, end;
	struct {
		uint64_t start, end;
	} ranges[FAULT_RANGES_MAX];
};

/* What the child did, for its parent. */
struct fault_record {
	uint64_t calls[FAULT_KIND_COUNT + 1];
	uint64_t injected;
	struct fault_file files[FAULT_FILES_MAX];
};

/* From now on calls are counted in @record, and @fault comes true; NULL: no longer. */
void fault_arm(const struct fault *fault, struct fault_record *record);

/* A thread is within the program from now on, or no longer: what it calls is counted, or not. */
void fault_enter_thread(void);
void fault_leave_thread(void);

/* Is this call of @kind to be done?  *size is how much of it then.  Sets errno where not. */
bool fault_admit(enum fault_kind kind, size_t *size);

/* After a call that was admitted. */
void fault_settle(void);

/* All of what was asked for is in the file now. */
void fault_note_written(int fd, uint64_t start, uint64_t end);

/* The range that cannot be read, if @fd is that file. */
bool fault_bad_range(int fd, uint64_t *ret_start, uint64_t *ret_end);

/* A FILE whose buffers go out as FAULT_STDIO. */
FILE *fault_stream(int fd, const char *mode);

#endif
