/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --split: one dump in several files. */
#ifndef VMCULL_CLI_PARTS_H
#define VMCULL_CLI_PARTS_H

#include <vmcull/write.h>

/* As many as vmc_write_split() takes. */
#define PARTS_MAX 1024

/* What vmc_write_split() tells of @count parts, in one. */
struct vmc_write_summary parts_sum(const struct vmc_write_summary *parts, size_t count);

#endif
