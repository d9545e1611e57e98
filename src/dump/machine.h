/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: what uname -m and kdump headers call them, what ELF headers do. */
#ifndef VMCULL_DUMP_MACHINE_H
#define VMCULL_DUMP_MACHINE_H

#include <stdint.h>

/* EM_* of a name, or EM_NONE. */
uint16_t machine_from_name(const char *name);

/* The usual name of EM_* @machine, or NULL. */
const char *machine_name(uint16_t machine);

#endif
