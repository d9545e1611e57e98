/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this library is and what was built into it. */
#ifndef VMCULL_VERSION_H
#define VMCULL_VERSION_H

#include <vmcull/types.h>

/* "0.1.0" */
VMC_API const char *vmc_version(void);

/* The libraries of optional parts that are built in, such as "libdw 0.188", or NULL from the end of
 * the list on.  Codecs have their own list, see codec.h. */
VMC_API const char *vmc_optional_part(size_t index);

#endif
