/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "version.h"

#include <stdio.h>

#include <vmcull/vmcull.h>

#include "command.h"

static void print_codec(const struct vmc_codec *codec)
{
	const char *library = vmc_codec_library(codec);
	int min = vmc_codec_level_min(codec), max = vmc_codec_level_max(codec);

	if (!*library)
		return; /* storing as it is needs no library */
	printf("codec %s: %s", vmc_codec_name(codec), library);
	if (min != max)
		printf(", levels %d to %d", min, max);
	putchar('\n');
}

/* Commands that this build is without. */
static void print_left_out(void)
{
	const char *separator = "without ";

	for (const struct command *command = commands; command->name; command++) {
		if (command->run)
			continue;
		printf("%s%s", separator, command->name);
		separator = ", ";
	}
	if (separator[0] == ',')
		putchar('\n');
}

void version_print(void)
{
	const char *part;

	printf("vmcull %s\n", vmc_version());
	for (size_t i = 0; i < vmc_codec_count(); i++)
		print_codec(vmc_codec_at(i));
	for (size_t i = 0; (part = vmc_optional_part(i)); i++)
		printf("part %s\n", part);
	print_left_out();
	puts("License GPL-2.0-or-later: free software, without any warranty.");
}
