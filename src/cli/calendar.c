/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calendar.h"

#define DAY_SECONDS 86400
#define ERA_DAYS    146097 /* 400 years, after which the calendar repeats */
/* Years that begin on 1 March end with the odd day; 1 March 0000 was so long before 1970. */
#define EPOCH_DAY 719468

static int64_t floor_divide(int64_t value, int64_t by, int64_t *ret_rest)
{
	int64_t quotient = value / by, rest = value % by;

	*ret_rest = rest < 0 ? rest + by : rest;
	return rest < 0 ? quotient - 1 : quotient;
}

/* @day of an era that begins with a March. */
static void calendar_set_day(struct calendar *calendar, int64_t era, int64_t day)
{
	/* Leap days: one in 4 years, not in 100, but in 400. */
	int64_t year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* five months from March on have 153 days */

	calendar->day = (unsigned int)(day_of_year - (153 * month + 2) / 5) + 1;
	calendar->month = (unsigned int)(month < 10 ? month + 3 : month - 9);
	calendar->year = 400 * era + year + (month >= 10);
}

struct calendar calendar_from_seconds(int64_t seconds)
{
	struct calendar calendar;
	int64_t second, day_of_era;
	int64_t day = floor_divide(seconds, DAY_SECONDS, &second);
	int64_t era = floor_divide(day + EPOCH_DAY, ERA_DAYS, &day_of_era);

	calendar_set_day(&calendar, era, day_of_era);
	calendar.hour = (unsigned int)(second / 3600);
	calendar.minute = (unsigned int)(second / 60 % 60);
	calendar.second = (unsigned int)(second % 60);
	return calendar;
}
