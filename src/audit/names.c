/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that reports and scripts rely on. */
#include <vmcull/explain.h>

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

const char *vmc_location_kind_name(enum vmc_location_kind kind)
{
	static const char *const names[] = {
		[VMC_LOCATION_PFN] = "pfn",
		[VMC_LOCATION_PHYSICAL] = "phys",
		[VMC_LOCATION_VIRTUAL] = "virt",
		[VMC_LOCATION_STRUCT_PAGE] = "page",
	};

	return names[kind];
}

const char *vmc_struct_page_name(enum vmc_struct_page struct_page)
{
	static const char *const names[] = {
		[VMC_STRUCT_PAGE_READ] = "read",     [VMC_STRUCT_PAGE_UNTRUSTED] = "untrusted",
		[VMC_STRUCT_PAGE_NONE] = "none",     [VMC_STRUCT_PAGE_UNREADABLE] = "unreadable",
		[VMC_STRUCT_PAGE_NO_MAP] = "no-map",
	};

	return names[struct_page];
}

const char *vmc_mapping_name(enum vmc_mapping mapping)
{
	static const char *const names[] = {
		[VMC_MAPPING_NULL] = "null",       [VMC_MAPPING_ADDRESS_SPACE] = "address_space",
		[VMC_MAPPING_ANON] = "anon",       [VMC_MAPPING_KSM] = "ksm",
		[VMC_MAPPING_MOVABLE] = "movable", [VMC_MAPPING_OTHER] = "other",
	};

	return names[mapping];
}

const char *vmc_compound_name(enum vmc_compound compound)
{
	static const char *const names[] = {
		[VMC_COMPOUND_NONE] = "none",
		[VMC_COMPOUND_HEAD] = "head",
		[VMC_COMPOUND_TAIL] = "tail",
	};

	return names[compound];
}
