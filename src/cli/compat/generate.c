/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/generate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmcull/target.h>

#include "command.h"
#include "compat/say.h"
#include "message.h"
#include "new_file.h"

/* What is there is replaced, as makedumpfile does: it can be made again. */
static int write_text(const char *path, const char *text)
{
	FILE *file = new_file_open(path, true);
	bool written;

	if (!file) {
		message_error("%s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	written = fputs(text, file) >= 0;
	written = fclose(file) == 0 && written;
	if (!written) {
		message_error("%s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	say(COMPAT_COMMON, "\nThe vmcoreinfo is saved to %s.\n", path);
	return STATUS_DONE;
}

int generate_run(const struct compat_args *args)
{
	char *text;
	struct vmc_error *err = vmc_vmcoreinfo_generate(args->vmlinux, &text);
	int status;

	if (err)
		return message_failure(err, args->vmlinux, NULL);
	status = write_text(args->generate, text);
	free(text);
	return status;
}
