/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals ask a run to stop; it then ends as soon as what was saved is a valid dump. */
#ifndef VMCULL_CLI_SIGNALS_H
#define VMCULL_CLI_SIGNALS_H

/* Catches SIGINT, SIGTERM and SIGHUP unless they are ignored already (nohup), and ignores those
 * that would end the program where a failed write is told better. */
void signals_init(void);

/* The signal that came, or 0. */
int signal_caught(void);
const char *signal_caught_name(void); /* "SIGTERM" */

#endif
