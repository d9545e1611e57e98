/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/outputs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "compat/say.h"
#include "message.h"
#include "output.h"

bool output_is_fit(const struct compat_args *args, const char *output, const char *input)
{
	struct stat info;

	if (input && same_file(output, input)) {
		message_error("%s: would overwrite the input, %s", output, input);
		return false;
	}
	if (!compat_given(args, 'f') && lstat(output, &info) == 0) {
		message_error("%s: %s; -f replaces it", output, strerror(EEXIST));
		return false;
	}
	return true;
}

void outputs_saved(char *const *outputs, size_t count)
{
	if (count == 1) {
		say(COMPAT_COMMON, "\nThe dumpfile is saved to %s.\n", outputs[0]);
		return;
	}
	say(COMPAT_COMMON, "\nThe dumpfiles are saved to ");
	for (size_t i = 0; i < count; i++)
		say(COMPAT_COMMON, i + 1 < count ? "%s, " : "and %s.\n", outputs[i]);
}
