/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/session.h"

#include <string.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/say.h"
#include "message.h"
#include "text.h"

struct inputs session_inputs(const struct compat_args *args)
{
	if (args->disk_count)
		return (struct inputs){.paths = args->disks, .count = args->disk_count};
	return inputs_take(args->operands, 0, 1);
}

const char *session_name(const struct compat_args *args)
{
	return session_inputs(args).paths[0];
}

struct resources session_resources(const struct compat_args *args)
{
	if (!compat_given(args, COMPAT_NUM_THREADS))
		return (struct resources){0};
	return (struct resources){.threads = args->threads ? args->threads : 1};
}

/* A line each, indented: SUSE's scripts look for OSRELEASE and CRASHTIME in them. */
static void tell_vmcoreinfo(const struct vmc_target *target)
{
	size_t size;
	const char *line = vmc_target_vmcoreinfo(target, &size);
	const char *end = line + size;

	if (!say_wanted(COMPAT_DEBUG))
		return;
	say(COMPAT_DEBUG, "VMCOREINFO   :\n");
	while (line < end) {
		size_t length = 0;

		while (line + length < end && line[length] != '\n')
			length++;
		fputs("  ", say_stream());
		text_write(say_stream(), line, length);
		putc('\n', say_stream());
		line += length + 1;
	}
	say(COMPAT_DEBUG, "\n");
}

int session_open_dump(struct opened *opened, const struct compat_args *args,
		      const struct inputs *inputs)
{
	struct vmc_dump_options options = {
		.log = say_log(),
		.no_mmap = compat_given(args, COMPAT_NON_MMAP),
	};
	struct vmc_error *err =
		vmc_dump_open_set(inputs->paths, inputs->count, &options, &opened->dump);

	return err ? inputs_failure(inputs, err, NULL) : STATUS_DONE;
}

/* Levels 0 and 1 need to know nothing of the kernel. */
static bool kernel_is_needed(const struct compat_args *args)
{
	if (args->mode != COMPAT_MODE_CREATE || args->vmcoreinfo || args->vmlinux || args->config ||
	    compat_given(args, COMPAT_VTOP))
		return true;
	for (size_t i = 0; i < args->level_count; i++)
		if (args->levels[i] > 1)
			return true;
	return false;
}

static int kernel_failed(const struct compat_args *args, struct vmc_error *err)
{
	bool other = vmc_error_code(err) == VMC_ERR_OTHER_KERNEL;

	if (vmc_error_code(err) == VMC_ERR_MISSING && !kernel_is_needed(args)) {
		message_error("warning: %s; all pages are kept", vmc_error_message(err));
		vmc_error_free(err);
		return STATUS_DONE;
	}
	message_failure(err, session_name(args), args->vmlinux ? args->vmlinux : args->vmcoreinfo);
	return other ? COMPAT_WRONG_RELEASE : STATUS_FAILED;
}

int session_open(struct opened *opened, const struct compat_args *args)
{
	struct vmc_target_options options = {
		.vmcoreinfo_path = args->vmcoreinfo,
		.vmlinux_path = args->vmlinux,
		.type_information = args->config != NULL, /* rules name fields */
	};
	struct inputs inputs = session_inputs(args);
	int status = session_open_dump(opened, args, &inputs);
	struct vmc_error *err;

	if (status != STATUS_DONE)
		return status;
	err = vmc_target_open(opened->dump, &options, &opened->target);
	if (err)
		return kernel_failed(args, err);
	tell_vmcoreinfo(opened->target);
	return STATUS_DONE;
}
