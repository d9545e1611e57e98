/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

bool new_file_begin(struct new_file *file, const char *path, bool replace)
{
	struct stat info;

	*file = (struct new_file){.path = path};
	if (!(replace && is_special(path))) {
		if (lstat(path, &info) == 0 && !(replace && S_ISREG(info.st_mode))) {
			errno = EEXIST;
			return false;
		}
		if (asprintf(&file->part, "%s.incomplete", path) < 0) {
			file->part = NULL;
			errno = ENOMEM;
			return false;
		}
	}
	file->stream = new_file_open(file->part ? file->part : path, replace);
	if (file->stream)
		return true;

	int error_number = errno;

	free(file->part);
	errno = error_number;
	return false;
}

/* Closes the stream; 0, or an errno. */
static int finish_stream(struct new_file *file, bool *ret_empty)
{
	int error_number = 0;
	struct stat info;

	if (fflush(file->stream) != 0 || (file->part && fsync(fileno(file->stream)) != 0))
		error_number = errno;
	/* Those behind one that failed may have gone through. */
	else if (ferror(file->stream))
		error_number = EIO;
	*ret_empty = fstat(fileno(file->stream), &info) == 0 && info.st_size == 0;
	if (fclose(file->stream) != 0 && !error_number)
		error_number = errno;
	return error_number;
}

bool new_file_end(struct new_file *file, bool whole, bool keep)
{
	bool empty;
	int error_number = finish_stream(file, &empty);

	if (file->part) {
		if (whole && !error_number && rename(file->part, file->path) != 0)
			error_number = errno;
		if ((!whole || error_number) && (empty || !keep))
			unlink(file->part);
		free(file->part);
	}
	errno = error_number;
	return error_number == 0;
}
