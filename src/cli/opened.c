/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "opened.h"

#include "command.h"
#include "message.h"

int opened_open(struct opened *opened, const char *path,
		const struct vmc_dump_options *dump_options,
		const struct vmc_target_options *target_options)
{
	struct vmc_error *err = vmc_dump_open(path, dump_options, &opened->dump);

	if (!err)
		err = vmc_target_open(opened->dump, target_options, &opened->target);
	return err ? message_failure(err, path, target_options->vmcoreinfo_path) : STATUS_DONE;
}

void opened_close(struct opened *opened)
{
	if (opened->target)
		vmc_target_close(opened->target);
	if (opened->dump)
		vmc_dump_close(opened->dump);
}
