/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "opened.h"

#include <string.h>

#include "command.h"
#include "message.h"

int opened_open(struct opened *opened, const char *path,
		const struct vmc_dump_options *dump_options,
		const struct vmc_target_options *target_options)
{
	struct inputs inputs = {.paths = &path, .count = 1};

	return opened_open_set(opened, &inputs, dump_options, target_options);
}

int opened_open_set(struct opened *opened, const struct inputs *inputs,
		    const struct vmc_dump_options *dump_options,
		    const struct vmc_target_options *target_options)
{
	struct vmc_error *err =
		vmc_dump_open_set(inputs->paths, inputs->count, dump_options, &opened->dump);

	if (!err)
		err = vmc_target_open(opened->dump, target_options, &opened->target);
	return err ? inputs_failure(inputs, err, target_options->vmcoreinfo_path) : STATUS_DONE;
}

int inputs_failure(const struct inputs *inputs, struct vmc_error *err, const char *other)
{
	const char *path = inputs->paths[0];

	for (size_t i = 0; i < inputs->count; i++) {
		size_t length = strlen(inputs->paths[i]);

		if (strncmp(vmc_error_message(err), inputs->paths[i], length) == 0)
			path = inputs->paths[i];
	}
	return message_failure(err, path, other);
}

void opened_close(struct opened *opened)
{
	if (opened->target)
		vmc_target_close(opened->target);
	if (opened->dump)
		vmc_dump_close(opened->dump);
}
