/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that reports and scripts rely on. */
#include <vmcull/audit.h>

const char *vmc_audit_state_name(unsigned int state)
{
	if (state == VMC_AUDIT_ABSENT)
		return "absent";
	if (state == VMC_PAGE_OFFLINE_SECTION)
		state = VMC_PAGE_OFFLINE;
	return vmc_page_state_name((enum vmc_page_state)state);
}

const char *vmc_attribute_name(unsigned int attribute)
{
	static const char *const names[VMC_ATTRIBUTE_COUNT] = {
		[VMC_ATTRIBUTE_SECTION] = "section",
		[VMC_ATTRIBUTE_DOUBLE_TYPED] = "double-typed",
		[VMC_ATTRIBUTE_ACCEPTED] = "accepted",
		[VMC_ATTRIBUTE_REPORTED] = "reported",
		[VMC_ATTRIBUTE_EXCLUSIVE] = "exclusive",
		[VMC_ATTRIBUTE_SHARED] = "shared",
		[VMC_ATTRIBUTE_KSM] = "ksm",
		[VMC_ATTRIBUTE_SWAPCACHE] = "swapcache",
		[VMC_ATTRIBUTE_MLOCKED] = "mlocked",
		[VMC_ATTRIBUTE_DIRTY] = "dirty",
		[VMC_ATTRIBUTE_ZERO] = "zero",
	};

	return attribute < VMC_ATTRIBUTE_COUNT ? names[attribute] : NULL;
}

const char *vmc_severity_name(enum vmc_severity severity)
{
	static const char *const names[] = {
		[VMC_SEVERITY_NOTE] = "note",
		[VMC_SEVERITY_WARNING] = "warning",
		[VMC_SEVERITY_ERROR] = "error",
	};

	return names[severity];
}
