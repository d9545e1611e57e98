/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/reassemble.h"

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/codec.h"
#include "compat/meter.h"
#include "compat/outputs.h"
#include "compat/session.h"
#include "message.h"

/* Pages are passed on as they are stored; with checksums where the parts have them, so that it is
 * the file that had not been split. */
static struct vmc_error *write_whole(struct vmc_dump *dump, const struct compat_args *args,
				     const char *path, struct vmc_write_summary *ret_summary)
{
	const struct resources resources = session_resources(args);
	struct vmc_progress progress = meter_callback();
	struct vmc_dump_history history;

	vmc_dump_history(dump, &history);

	struct vmc_write_options options = {
		.codec = compat_codec(args),
		.stored = VMC_STORED_PASS,
		.no_checksums = !history.checksums,
		.replace = compat_given(args, 'f'),
		.in_place = true,
		.size_limit = args->size_limit,
		.progress = &progress,
	};
	struct vmc_plan *plan = NULL;
	struct vmc_error *err = vmc_plan_create_all(dump, &plan);

	*ret_summary = (struct vmc_write_summary){0};
	if (!err)
		err = resources_apply(&resources, plan, &options);
	if (!err)
		err = vmc_write(plan, path, &options, ret_summary);
	meter_end();
	if (plan)
		vmc_plan_destroy(plan);
	return err;
}

static int join(const struct compat_args *args, const struct inputs *inputs, struct vmc_dump *dump)
{
	char **output = &args->operands[inputs->count];
	struct vmc_write_summary summary;
	struct vmc_error *err = write_whole(dump, args, *output, &summary);

	if (err)
		return inputs_failure(inputs, err, *output);
	if (summary.unreadable_pages)
		message_error("%s: %llu pages could not be read and are not in it", *output,
			      (unsigned long long)summary.unreadable_pages);
	outputs_saved(output, 1);
	return summary.unreadable_pages ? STATUS_FAILED : STATUS_DONE;
}

/* A part alone can be read, but it is not what --reassemble is asked for. */
static int check_whole(const struct inputs *inputs, const struct vmc_dump *dump)
{
	struct vmc_dump_history history;

	vmc_dump_history(dump, &history);
	if (inputs->count > 1 || !history.split)
		return STATUS_DONE;
	message_error("%s: is one part of a split dump, and the others are not given",
		      inputs->paths[0]);
	return STATUS_FAILED;
}

int reassemble_run(const struct compat_args *args)
{
	struct inputs inputs = inputs_take(args->operands, 0, (int)args->operand_count - 1);
	struct opened opened = {0};
	int status;

	for (size_t i = 0; i < inputs.count; i++)
		if (!output_is_fit(args, args->operands[inputs.count], inputs.paths[i]))
			return STATUS_FAILED;
	status = session_open_dump(&opened, args, &inputs);
	if (status == STATUS_DONE)
		status = check_whole(&inputs, opened.dump);
	if (status == STATUS_DONE)
		status = join(args, &inputs, opened.dump);
	opened_close(&opened);
	return status;
}
