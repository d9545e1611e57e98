/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILEs that write and read through functions which can be made to fail. */
#include "fault.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STREAMS_MAX 16

static struct {
	FILE *stream;
	int fd;
} streams[STREAMS_MAX];

static ssize_t stream_read(void *cookie, char *buffer, size_t size)
{
	return read((int)(intptr_t)cookie, buffer, size);
}

static ssize_t stream_write(void *cookie, const char *buffer, size_t size)
{
	int fd = (int)(intptr_t)cookie;
	ssize_t done;

	if (!fault_admit(FAULT_STDIO, &size))
		return 0;                            /* so that it is an error */
	done = syscall(SYS_write, fd, buffer, size); /* write() would count it twice */
	fault_settle();
	return done < 0 ? 0 : done;
}

static int stream_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

FILE *fault_stream(int fd, const char *mode)
{
	cookie_io_functions_t functions = {
		.read = stream_read,
		.write = stream_write,
		.close = stream_close,
	};
	FILE *stream = fopencookie((void *)(intptr_t)fd, mode, functions);

	for (size_t i = 0; stream && i < STREAMS_MAX; i++) {
		if (streams[i].stream && streams[i].stream != stream)
			continue;
		streams[i].stream = stream;
		streams[i].fd = fd;
		break;
	}
	return stream;
}

__attribute__((visibility("default"))) int fileno(FILE *stream)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (stream && streams[i].stream == stream)
			return streams[i].fd;
	return stream == stdin ? STDIN_FILENO : stream == stderr ? STDERR_FILENO : STDOUT_FILENO;
}

__attribute__((visibility("default"))) FILE *fdopen(int fd, const char *mode)
{
	return fault_stream(fd, mode);
}

__attribute__((visibility("default"))) FILE *fopen64(const char *path, const char *mode)
{
	int flags = mode[0] == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
	char plain[] = {mode[0], '\0'};
	FILE *stream;
	int fd;

	if (strchr(mode, 'x'))
		flags |= O_EXCL;
	fd = open(path, flags | O_CLOEXEC, 0666);
	stream = fd < 0 ? NULL : fault_stream(fd, plain);
	if (fd >= 0 && !stream)
		close(fd);
	return stream;
}
