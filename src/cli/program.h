/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program but for what the process is to it: standard streams and signals. */
#ifndef VMCULL_CLI_PROGRAM_H
#define VMCULL_CLI_PROGRAM_H

/* Does what the command line says.  Returns an enum status. */
int program_run(int argc, char **argv);

#endif
