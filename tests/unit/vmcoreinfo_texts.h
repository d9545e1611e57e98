/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of vmcoreinfo/.  cmocka.h goes before this file. */
#ifndef VMCULL_TESTS_VMCOREINFO_TEXTS_H
#define VMCULL_TESTS_VMCOREINFO_TEXTS_H

#include <stdio.h>

#define TEXTS          SOURCE_DIR "/vmcoreinfo/"
#define TEXT_COUNT_MIN 14
#define TEXT_SIZE_MAX  65536

static inline size_t file_read(const char *path, char *buffer, size_t size)
{
	FILE *file = fopen(path, "r");

	if (!file)
		fail_msg("%s cannot be opened", path);

	size_t got = fread(buffer, 1, size, file);

	fclose(file);
	assert_true(got > 0 && got < size);
	return got;
}

#endif
