/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time that only goes forward. */
#ifndef VMCULL_CLI_CLOCK_H
#define VMCULL_CLI_CLOCK_H

#include <time.h>

/* Seconds since some moment in the past. */
static inline double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
