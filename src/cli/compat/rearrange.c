/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/rearrange.h"

#include <unistd.h>

#include <vmcull/flattened.h>

#include "command.h"
#include "compat/outputs.h"
#include "compat/say.h"
#include "message.h"
#include "signals.h"

/* How much there is to come is not known, so nothing is shown. */
static bool go_on(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	(void)arg;
	(void)phase;
	(void)done;
	(void)total;
	return signal_caught() == 0;
}

int rearrange_run(const struct compat_args *args)
{
	struct vmc_progress progress = {.step = go_on};
	struct vmc_rearrange_options options = {
		.replace = compat_given(args, 'f'),
		.progress = &progress,
	};
	struct vmc_rearrange_summary summary = {0};
	struct vmc_error *err;

	if (!output_is_fit(args, args->operands[0], NULL))
		return STATUS_FAILED;
	err = vmc_rearrange(STDIN_FILENO, "standard input", args->operands[0], &options, &summary);
	if (summary.incomplete)
		say(COMPAT_COMMON,
		    "\n%s.incomplete is an incomplete dumpfile, but might be analyzable.\n",
		    args->operands[0]);
	if (err)
		return message_failure(err, args->operands[0], "standard input");
	outputs_saved(args->operands, 1);
	return STATUS_DONE;
}
