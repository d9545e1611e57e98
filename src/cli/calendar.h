/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates in UTC.  gmtime_r would do, but glibc reads time zones for it, with all of scanf: 94 KB of
 * a static program for the crash kernel.  strftime, localtime and sscanf bring the same.
 */
#ifndef VMCULL_CLI_CALENDAR_H
#define VMCULL_CLI_CALENDAR_H

#include <stdint.h>

struct calendar {
	int64_t year;
	unsigned int month, day; /* from 1 on */
	unsigned int hour, minute, second;
};

/* @seconds since 1970, of the Gregorian calendar throughout. */
struct calendar calendar_from_seconds(int64_t seconds);

#endif
