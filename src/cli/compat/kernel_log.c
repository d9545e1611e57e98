/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/kernel_log.h"

#include <errno.h>
#include <string.h>

#include "command.h"
#include "compat/outputs.h"
#include "compat/say.h"
#include "compat/session.h"
#include "dmesg_text.h"
#include "message.h"
#include "new_file.h"
#include "output.h"

/* A log with gaps is one: what was passed over was said. */
static int write_log(const struct compat_args *args, struct vmc_target *target, FILE *stream)
{
	int status = dmesg_text_write(target, session_name(args), DMESG_LIKE_MAKEDUMPFILE,
				      compat_given(args, COMPAT_PARTIAL_DMESG), stream);

	return status == STATUS_PARTIAL ? STATUS_DONE : status;
}

static int file_failed(const char *path)
{
	message_error("%s: %s", path, strerror(errno));
	return STATUS_FAILED;
}

/* An error of an earlier write counts as well: those behind it may have gone through. */
static bool write_failed(FILE *stream)
{
	bool failed = ferror(stream);

	errno = EIO;
	return fflush(stream) != 0 || failed;
}

static int write_file(const struct compat_args *args, struct vmc_target *target, const char *path)
{
	struct new_file file;
	int status;

	if (!new_file_begin(&file, path, compat_given(args, 'f')))
		return file_failed(path);
	status = write_log(args, target, file.stream);
	if (!new_file_end(&file, status == STATUS_DONE, true) && status == STATUS_DONE)
		status = file_failed(path);
	if (status == STATUS_DONE)
		say(COMPAT_COMMON, "\nThe dmesg log is saved to %s.\n", path);
	return status;
}

int kernel_log_run(const struct compat_args *args)
{
	bool to_stdout = compat_given(args, 'F');
	struct opened opened = {0};
	int status;

	if (!to_stdout && !output_is_fit(args, args->operands[1], session_name(args)))
		return STATUS_FAILED;
	if (!to_stdout && output_overwrites(args->operands[1], session_name(args))) {
		message_error("%s: would overwrite the dump", args->operands[1]);
		return STATUS_FAILED;
	}
	status = session_open(&opened, args);
	if (status == STATUS_DONE && to_stdout) {
		status = write_log(args, opened.target, stdout);
		if (status == STATUS_DONE && write_failed(stdout))
			status = file_failed("STDOUT");
		if (status == STATUS_DONE)
			say(COMPAT_COMMON, "\nThe dmesg log is saved to STDOUT.\n");
	} else if (status == STATUS_DONE) {
		status = write_file(args, opened.target, args->operands[1]);
	}
	opened_close(&opened);
	return status;
}
