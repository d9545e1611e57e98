/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cores.h"

#include <sys/resource.h>

void cores_forbid(void)
{
	struct rlimit limit;

	/* With 0 a program that core_pattern names gets it all the same; 1 means nobody (Linux
	 * 2.6.32 on), and no file is so small. */
	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < 1 ? limit.rlim_max : 1;
	setrlimit(RLIMIT_CORE, &limit);
}
