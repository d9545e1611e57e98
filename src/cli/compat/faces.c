/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/faces.h"

#include <stddef.h>
#include <string.h>

#include "compat/makedumpfile.h"
#include "compat/vmcore_dmesg.h"

int (*face_find(const char *name))(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} faces[] = {
		{"makedumpfile", makedumpfile_run},
		{"vmcore-dmesg", vmcore_dmesg_run},
	};
	const char *slash = strrchr(name, '/');

	for (size_t i = 0; i < sizeof(faces) / sizeof(*faces); i++)
		if (strcmp(slash ? slash + 1 : name, faces[i].name) == 0)
			return faces[i].run;
	return NULL;
}
