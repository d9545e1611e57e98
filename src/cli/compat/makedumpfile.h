/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMCULL_CLI_COMPAT_MAKEDUMPFILE_H
#define VMCULL_CLI_COMPAT_MAKEDUMPFILE_H

/* Returns an exit status of makedumpfile: 0, 1 or COMPAT_WRONG_RELEASE. */
int makedumpfile_run(int argc, char **argv);

#endif
