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
#include "output.h"

/* What is there is replaced, as makedumpfile does: it can be made again. */
static int write_text(const char *path, const char *text)
{
	struct new_file file;

	if (!new_file_begin(&file, path, true)) {
		message_error("%s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	fputs(text, file.stream);
	if (!new_file_end(&file, true, false)) {
		message_error("%s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	say(COMPAT_COMMON, "\nThe vmcoreinfo is saved to %s.\n", path);
	return STATUS_DONE;
}

int generate_run(const struct compat_args *args)
{
	char *text;

	if (output_overwrites(args->generate, args->vmlinux)) {
		message_error("%s: would overwrite %s", args->generate, args->vmlinux);
		return STATUS_FAILED;
	}
	struct vmc_error *err = vmc_vmcoreinfo_generate(args->vmlinux, &text);
	int status;

	if (err)
		return message_failure(err, args->vmlinux, NULL);
	status = write_text(args->generate, text);
	free(text);
	return status;
}
