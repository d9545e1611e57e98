/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "message.h"

void standard_streams_init(void)
{
	static char buffer[1024]; /* messages come out a line at a time and need no memory */

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The root directory exists everywhere, and all use of it fails with an error. */
		if (open("/", O_RDONLY | O_DIRECTORY) != fd)
			_exit(STATUS_FAILED);
	}
	setvbuf(stderr, buffer, _IOLBF, sizeof(buffer));
}

int standard_streams_finish(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fclose(stdout) == 0 && !failed)
		return status;
	message_error("standard output: %s", strerror(errno ? errno : EIO));
	return status == STATUS_DONE || status == STATUS_PARTIAL || status == STATUS_FINDINGS
		       ? STATUS_FAILED
		       : status;
}
