/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What -h and -v print. */
#ifndef VMCULL_CLI_COMPAT_USAGE_H
#define VMCULL_CLI_COMPAT_USAGE_H

/* The makedumpfile that is stood in for: scripts that ask for a version mean that of it. */
#define COMPAT_VERSION "1.7.9"

void compat_usage(void);
void compat_version(void);

#endif
