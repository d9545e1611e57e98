/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options and operands go together. */
#ifndef VMCULL_CLI_COMPAT_COMBINATIONS_H
#define VMCULL_CLI_COMPAT_COMBINATIONS_H

#include "compat/arguments.h"

/* Says what is wrong and returns false: options that exclude or need each other, that this program
 * or this build does not have, and a wrong number of operands. */
bool compat_combination_check(const struct compat_args *args);

#endif
