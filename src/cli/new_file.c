/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Something that is no file and stays what it is, maybe behind a link: /dev/stderr. */
static bool is_special(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static bool is_file(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static int open_new(const char *path, bool replace)
{
	if (replace && is_special(path))
		return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (replace && is_file(path) && unlink(path) < 0)
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

FILE *new_file_open(const char *path, bool replace)
{
	int fd = open_new(path, replace);
	FILE *stream;

	if (fd < 0)
		return NULL;
	stream = fdopen(fd, "w");
	if (!stream) {
		int error_number = errno;

		(void)close(fd);
		errno = error_number;
	}
	return stream;
}
