/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "new_file.h"

struct trace {
	FILE *stream;
	const char *path;
	pthread_mutex_t lock; /* readers are several threads */
	uint64_t start, end;  /* of the range not yet written; empty when equal */
	int error_number;     /* of the first write that failed */
};

struct trace *trace_open(const char *path, bool replace)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace) {
		message_error("out of memory");
		return NULL;
	}
	trace->path = path;
	pthread_mutex_init(&trace->lock, NULL);
	trace->stream = new_file_open(path, replace);
	if (!trace->stream) {
		message_error("%s: %s", path, strerror(errno));
		free(trace);
		return NULL;
	}
	return trace;
}

static void trace_flush(struct trace *trace)
{
	if (trace->start == trace->end)
		return;
	errno = 0;
	if (fprintf(trace->stream, "0x%" PRIx64 " %" PRIu64 "\n", trace->start,
		    trace->end - trace->start) < 0 &&
	    !trace->error_number)
		trace->error_number = errno ? errno : EIO;
	trace->start = trace->end = 0;
}

void trace_read(void *arg, vmc_foff offset, uint64_t size)
{
	struct trace *trace = arg;
	uint64_t end;

	if (size == 0 || __builtin_add_overflow(offset, size, &end))
		return;
	pthread_mutex_lock(&trace->lock);
	if (trace->start == trace->end || offset < trace->start || offset > trace->end) {
		trace_flush(trace);
		trace->start = offset;
		trace->end = end;
	} else if (end > trace->end) {
		trace->end = end;
	}
	pthread_mutex_unlock(&trace->lock);
}

bool trace_close(struct trace *trace)
{
	int error_number;

	if (!trace)
		return true;
	trace_flush(trace);
	error_number = trace->error_number;
	errno = 0;
	if (fclose(trace->stream) != 0 && !error_number)
		error_number = errno ? errno : EIO;
	if (error_number)
		message_error("%s: %s", trace->path, strerror(error_number));
	free(trace);
	return error_number == 0;
}
