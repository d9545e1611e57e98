/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that vmcull stands in for, under their names. */
#ifndef VMCULL_CLI_COMPAT_FACES_H
#define VMCULL_CLI_COMPAT_FACES_H

/* The one that a program called @name (a path) or a command of that name is, or NULL. */
int (*face_find(const char *name))(int argc, char **argv);

#endif
