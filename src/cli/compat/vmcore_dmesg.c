/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcore-dmesg(8) of kexec-tools: one path, the log as text on stdout. */
#include "compat/vmcore_dmesg.h"

#include <stdio.h>

#include <vmcull/target.h>

#include "command.h"
#include "dmesg_text.h"
#include "message.h"
#include "opened.h"

enum {
	LOG_DONE = 0,
	LOG_USAGE = 1, /* and everything else that fails later */
	LOG_NOT_OPENED = 2,
};

static int write_log(struct opened *opened, const char *path)
{
	struct vmc_error *err = vmc_target_open(opened->dump, NULL, &opened->target);

	if (err) {
		message_failure(err, path, NULL);
		return LOG_USAGE;
	}
	/* A log with gaps is one: what was passed over was said. */
	return dmesg_text_write(opened->target, path, DMESG_LIKE_VMCORE_DMESG, false, stdout) ==
			       STATUS_FAILED
		       ? LOG_USAGE
		       : LOG_DONE;
}

int vmcore_dmesg_run(int argc, char **argv)
{
	struct message_log log = {.level = VMC_LOG_WARNING};
	struct vmc_dump_options options = {.log = message_log(&log)};
	struct opened opened = {0};
	int status;

	message_speak_as("vmcore-dmesg");
	if (argc != 2) {
		fputs("Usage: vmcore-dmesg VMCORE\n", stderr);
		return LOG_USAGE;
	}

	struct vmc_error *err = vmc_dump_open(argv[1], &options, &opened.dump);

	if (err) {
		message_failure(err, argv[1], NULL);
		status = LOG_NOT_OPENED;
	} else {
		status = write_log(&opened, argv[1]);
	}
	opened_close(&opened);
	return status;
}
