/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMCULL_CLI_COMPAT_VMCORE_DMESG_H
#define VMCULL_CLI_COMPAT_VMCORE_DMESG_H

/* Returns an exit status of vmcore-dmesg. */
int vmcore_dmesg_run(int argc, char **argv);

#endif
