/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that grow by doubling. */
#ifndef VMCULL_BASE_GROW_H
#define VMCULL_BASE_GROW_H

#include "base/error.h"

/* Makes room for @wanted elements of @size bytes in *array, whose capacity (in elements) is
 * *capacity.  On failure nothing changes. */
struct vmc_error *grow_array(void **array, size_t *capacity, size_t wanted,
			     size_t size) VMC_MUST_CHECK;

#endif
