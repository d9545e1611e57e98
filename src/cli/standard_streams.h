/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three streams that a program is born with, and what can be wrong with them. */
#ifndef VMCULL_CLI_STANDARD_STREAMS_H
#define VMCULL_CLI_STANDARD_STREAMS_H

/* Fills descriptors 0 to 2 where they are closed, so that no dump gets one of these numbers and
 * then a report written into it. */
void standard_streams_init(void);

/* Flushes and closes stdout.  A report that did not arrive is a failure: returns @status, or, when
 * that would be success, STATUS_FAILED after having said so. */
int standard_streams_finish(int status);

#endif
