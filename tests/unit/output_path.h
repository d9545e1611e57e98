/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the tests of a program write to: one name in a folder of its own. */
#ifndef VMCULL_TESTS_OUTPUT_PATH_H
#define VMCULL_TESTS_OUTPUT_PATH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/vmcull-test-XXXXXX";
static char path[64];

static int group_setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/out", folder);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

#endif
