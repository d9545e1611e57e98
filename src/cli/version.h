/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcull --version */
#ifndef VMCULL_CLI_VERSION_H
#define VMCULL_CLI_VERSION_H

void version_print(void);

#endif
