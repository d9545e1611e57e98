/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that are to be written: asked for before the work, told of after it. */
#ifndef VMCULL_CLI_COMPAT_OUTPUTS_H
#define VMCULL_CLI_COMPAT_OUTPUTS_H

#include "compat/arguments.h"

/* May a file be written under this name?  Says why not: it exists and there is no -f, or it is
 * @input (NULL allowed). */
bool output_is_fit(const struct compat_args *args, const char *output, const char *input);

/* "The dumpfile is saved to X.", and the like for several. */
void outputs_saved(char *const *outputs, size_t count);

#endif
