/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress as makedumpfile shows it.  On a terminal: the same bytes, a line that is written over
 * once a second.  Elsewhere that made one line of kilobytes in a log; there it is a line for every
 * 10 %, or every 10 s.
 */
#ifndef VMCULL_CLI_COMPAT_METER_H
#define VMCULL_CLI_COMPAT_METER_H

#include <stdbool.h>

#include <vmcull/filter.h>

/* For the library.  A signal stops the run. */
struct vmc_progress meter_callback(void);

/* The phase is over; shows that it is. */
void meter_end(void);

/* Before something else is written: the line that may be there is ended. */
void meter_break(void);

#endif
