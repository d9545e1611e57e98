/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/session.h"

#include <string.h>

#include <vmcull/vmcull.h>

#include "command.h"
#include "compat/say.h"
#include "message.h"
#include "text.h"

const char *session_name(const struct compat_args *args)
{
	return args->operands[0];
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

int session_open(struct opened *opened, const struct compat_args *args)
{
	struct vmc_dump_options dump_options = {
		.log = say_log(),
		.no_mmap = compat_given(args, COMPAT_NON_MMAP),
	};
	struct vmc_target_options target_options = {.vmcoreinfo_path = args->vmcoreinfo};
	struct vmc_error *err = vmc_dump_open(session_name(args), &dump_options, &opened->dump);

	if (err)
		return message_failure(err, session_name(args), NULL);
	err = vmc_target_open(opened->dump, &target_options, &opened->target);
	if (err) {
		bool other = args->vmcoreinfo && vmc_error_code(err) == VMC_ERR_REFUSED;

		message_failure(err, session_name(args), args->vmcoreinfo);
		return other ? COMPAT_WRONG_RELEASE : STATUS_FAILED;
	}
	tell_vmcoreinfo(opened->target);
	return STATUS_DONE;
}
