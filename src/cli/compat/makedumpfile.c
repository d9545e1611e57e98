/* SPDX-License-Identifier: GPL-2.0-or-later */
/* makedumpfile(8), for scripts that call it. */
#include "compat/makedumpfile.h"

#include <string.h>

#include "command.h"
#include "compat/arguments.h"
#include "compat/create.h"
#include "compat/generate.h"
#include "compat/kernel_log.h"
#include "compat/mem_usage.h"
#include "compat/rearrange.h"
#include "compat/reassemble.h"
#include "compat/say.h"
#include "compat/usage.h"
#include "message.h"
#include "text.h"

static void tell_command_line(int argc, char **argv)
{
	if (!say_wanted(COMPAT_DEBUG))
		return;
	say(COMPAT_DEBUG, "makedumpfile: version %s\ncommand line:", COMPAT_VERSION);
	for (int i = 0; i < argc; i++) {
		putc(' ', say_stream());
		text_write(say_stream(), argv[i], strlen(argv[i]));
	}
	say(COMPAT_DEBUG, "\n\n");
}

static int run_mode(const struct compat_args *args)
{
	switch (args->mode) {
	case COMPAT_MODE_GENERATE:
		return generate_run(args);
	case COMPAT_MODE_REASSEMBLE:
		return reassemble_run(args);
	case COMPAT_MODE_REARRANGE:
		return rearrange_run(args);
	case COMPAT_MODE_DMESG:
		return kernel_log_run(args);
	case COMPAT_MODE_MEM_USAGE:
		return mem_usage_run(args);
	default:
		return create_run(args);
	}
}

/* The last line tells how it went, except after a table that was asked for. */
static int tell_end(const struct compat_args *args, int status)
{
	if (status != STATUS_DONE)
		say(COMPAT_COMMON, "\nmakedumpfile Failed.\n");
	else if (args->mode != COMPAT_MODE_MEM_USAGE)
		say(COMPAT_COMMON, "\nmakedumpfile Completed.\n");
	return status;
}

int makedumpfile_run(int argc, char **argv)
{
	struct compat_args args;
	bool parsed;

	message_speak_as("makedumpfile");
	parsed = compat_args_parse(argc, argv, &args);
	if (compat_given(&args, COMPAT_CHECK_PARAMS) &&
	    !(parsed && args.mode <= COMPAT_MODE_VERSION))
		return parsed ? STATUS_DONE : STATUS_FAILED;
	if (!parsed)
		return tell_end(&args, STATUS_FAILED);
	if (args.mode == COMPAT_MODE_HELP || args.mode == COMPAT_MODE_VERSION) {
		args.mode == COMPAT_MODE_HELP ? compat_usage() : compat_version();
		return STATUS_DONE;
	}
	tell_command_line(argc, argv);
	return tell_end(&args, run_mode(&args));
}
