/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <vmcull/version.h>

/* The build defines VMCULL_VERSION, and VMCULL_PARTS as strings that each end with a comma. */
static const char *const parts[] = {VMCULL_PARTS NULL};

const char *vmc_version(void)
{
	return VMCULL_VERSION;
}

const char *vmc_optional_part(size_t index)
{
	return index < sizeof(parts) / sizeof(*parts) ? parts[index] : NULL;
}
