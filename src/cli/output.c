/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "message.h"
#include "signals.h"

bool same_file(const char *a, const char *b)
{
	struct stat a_status, b_status;

	return stat(a, &a_status) == 0 && stat(b, &b_status) == 0 &&
	       a_status.st_dev == b_status.st_dev && a_status.st_ino == b_status.st_ino;
}

/* The name that the library writes to until the dump is whole. */
static char *incomplete_path(const char *output)
{
	char *path;

	return asprintf(&path, "%s.incomplete", output) < 0 ? NULL : path;
}

bool output_overwrites(const char *output, const char *input)
{
	char *incomplete = incomplete_path(output);
	/* The second is the usual mistake: filtering what an interrupted run left once more.  It
	 * would truncate the input before it is read. */
	bool overwrites = !incomplete || same_file(output, input) || same_file(incomplete, input);

	free(incomplete);
	return overwrites;
}

static int directory_error(const char *directory)
{
	struct stat info;

	if (stat(directory, &info) < 0)
		return errno;
	if (!S_ISDIR(info.st_mode))
		return ENOTDIR;
	return faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static bool directory_is_fit(const char *output)
{
	char *copy = strdup(output);

	if (!copy) {
		message_error("out of memory");
		return false;
	}

	int error_number = directory_error(dirname(copy));

	free(copy);
	if (error_number)
		message_error("%s: cannot write to its directory: %s", output,
			      strerror(error_number));
	return error_number == 0;
}

/* The output takes the place of what is there by rename: of /dev/null, too. */
static bool existing_is_fit(const char *path, bool replace)
{
	struct stat info;

	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
		message_error("%s: is %s", path,
			      S_ISDIR(info.st_mode) ? "a directory" : "there and no regular file");
		return false;
	}
	if (lstat(path, &info) == 0 && !replace) {
		message_error("%s: exists already; --force replaces it", path);
		return false;
	}
	return true;
}

int output_check(const char *output, const char *input, bool replace)
{
	char *incomplete = incomplete_path(output);
	int status = STATUS_FAILED;

	if (!incomplete) {
		message_error("out of memory");
		return STATUS_FAILED;
	}
	if (output_overwrites(output, input))
		message_error("%s: would overwrite the input, %s", output, input);
	else if (existing_is_fit(output, replace) && existing_is_fit(incomplete, replace) &&
		 directory_is_fit(output))
		status = STATUS_DONE;
	free(incomplete);
	return status;
}

int output_check_stream(const char *input)
{
	struct stat output_status, input_status;

	if (isatty(STDOUT_FILENO)) {
		message_error("standard output is a terminal: a dump goes to a pipe or a file");
		return STATUS_FAILED;
	}
	if (fstat(STDOUT_FILENO, &output_status) == 0 && S_ISREG(output_status.st_mode) &&
	    stat(input, &input_status) == 0 && output_status.st_dev == input_status.st_dev &&
	    output_status.st_ino == input_status.st_ino) {
		message_error("standard output is the input, %s", input);
		return STATUS_FAILED;
	}
	return STATUS_DONE;
}

void output_say_incomplete(const char *path, const struct vmc_error *err)
{
	if (signal_caught() && vmc_error_code(err) == VMC_ERR_INTERRUPTED)
		message_error("%s: incomplete: stopped by %s", path, signal_caught_name());
	else
		message_error("%s: incomplete: %s", path, vmc_error_message(err));
}
