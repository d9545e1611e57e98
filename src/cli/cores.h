/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMCULL_CLI_CORES_H
#define VMCULL_CLI_CORES_H

/* This process leaves no core from now on: it will hold pages that a filter leaves out.  A filter
 * never reads those, and what it has mapped is kept out of cores (base/window.c). */
void cores_forbid(void);

#endif
