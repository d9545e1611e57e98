/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sink that keeps what it is given, as a string too. */
#ifndef VMCULL_TESTS_BYTES_SINK_H
#define VMCULL_TESTS_BYTES_SINK_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vmcull/picture.h>

struct bytes {
	char *data;
	size_t size;
	size_t limit; /* fails with ENOSPC above; 0: none */
};

static bool bytes_write(void *arg, const void *data, size_t size)
{
	struct bytes *bytes = arg;

	if (bytes->limit && bytes->size + size > bytes->limit) {
		errno = ENOSPC;
		return false;
	}
	bytes->data = realloc(bytes->data, bytes->size + size + 1);
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	bytes->data[bytes->size] = 0;
	return true;
}

static struct vmc_sink bytes_sink(struct bytes *bytes)
{
	return (struct vmc_sink){bytes_write, bytes};
}

static void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}

static inline size_t bytes_count(const struct bytes *bytes, const char *part)
{
	size_t count = 0;

	for (const char *at = bytes->data; (at = strstr(at, part)); at += strlen(part))
		count++;
	return count;
}

#endif
