/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: what uname -m and kdump headers call them, what ELF headers do. */
#ifndef VMCULL_DUMP_MACHINE_H
#define VMCULL_DUMP_MACHINE_H

#include "base/layout.h"

/* EM_* of a name, or EM_NONE. */
uint16_t machine_from_name(const char *name);

/* EM_* of a machine of that word size and byte order whose NT_PRSTATUS has @size bytes, or
 * EM_NONE. */
uint16_t machine_from_prstatus(struct layout layout, uint32_t size);

/* The usual name of EM_* @machine, or NULL. */
const char *machine_name(uint16_t machine);

#endif
