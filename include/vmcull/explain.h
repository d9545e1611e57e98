/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One page explained: its struct page word for word, the rule that decided, and those that nearly
 * did.
 */
#ifndef VMCULL_EXPLAIN_H
#define VMCULL_EXPLAIN_H

#include <vmcull/audit.h>

struct vmc_explainer;

/* Ready to explain pages of a target, which is best opened with type_information: without, fewer
 * flags and fields have names.  A dump whose memory map cannot be used is no error here, see
 * vmc_explainer_problem(). */
VMC_API struct vmc_error *vmc_explainer_create(struct vmc_target *target,
					       struct vmc_explainer **ret_explainer) VMC_MUST_CHECK;
VMC_API void vmc_explainer_destroy(struct vmc_explainer *explainer);

/* Why the memory map cannot be used, so that little is known of any page; else NULL. */
VMC_API const char *vmc_explainer_problem(const struct vmc_explainer *explainer);

/* How a page was named. */
enum vmc_location_kind {
	VMC_LOCATION_PFN,
	VMC_LOCATION_PHYSICAL,    /* address of a byte of it */
	VMC_LOCATION_VIRTUAL,     /* kernel address of a byte of it */
	VMC_LOCATION_STRUCT_PAGE, /* address of its struct page, or of a byte of that */
};

/* "pfn", "phys", "virt", "page": the prefixes. */
VMC_API const char *vmc_location_kind_name(enum vmc_location_kind kind);

struct vmc_location {
	enum vmc_location_kind kind;
	uint64_t value; /* that was given */
	bool guessed;   /* without a prefix it could have meant something else */
	vmc_pfn pfn;
	uint64_t offset; /* of the byte in the page, or in the struct page */

	/* VMC_LOCATION_VIRTUAL: the range that one entry of the page tables maps, and where to. */
	vmc_vaddr first, last;
	vmc_paddr physical; /* of first */
	/* It is itself memory of the memory map, with the struct page of @described. */
	bool describes;
	vmc_pfn described;
};

/* Finds the page that @text names: a decimal pfn, "pfn:N", or an address "0x…" with "phys:",
 * "virt:" or "page:" before it.  An address without is virtual in the half of the address space
 * where kernels are, else physical where the dump has such memory, and virtual where it is
 * mapped; of the virtual ones those inside the memory map name the page that they describe. */
VMC_API struct vmc_error *vmc_explain_locate(struct vmc_explainer *explainer, const char *text,
					     struct vmc_location *ret_location) VMC_MUST_CHECK;

#define VMC_EXPLAIN_TEXT   160
#define VMC_EXPLAIN_FIELDS 64
#define VMC_EXPLAIN_NEAR   16

/* A word of a struct page. */
struct vmc_page_field {
	const char *name; /* "mapping"; NULL when it has none in what is known of this kernel */
	unsigned int offset, width; /* bytes */
	uint64_t value;
	char meaning[VMC_EXPLAIN_TEXT]; /* "" when there is nothing to say */
};

/* A bit that is set in the flags word. */
struct vmc_page_flag {
	unsigned int bit;
	const char *name;    /* as the kernel spells it, "PG_uptodate"; NULL: not known */
	const char *alias;   /* its name on a page of this kind, "PG_reported", or NULL */
	const char *meaning; /* there; "" */
};

/* A rule that nearly decided. */
struct vmc_near_miss {
	const char *name;            /* of the near miss: short and stable */
	const char *rule;            /* name of a vmc_page_rule */
	char text[VMC_EXPLAIN_TEXT]; /* why it did not */
};

/* What there is of the struct page. */
enum vmc_struct_page {
	VMC_STRUCT_PAGE_READ,
	VMC_STRUCT_PAGE_UNTRUSTED,  /* read, but its section is offline: may be uninitialised */
	VMC_STRUCT_PAGE_NONE,       /* the kernel has none */
	VMC_STRUCT_PAGE_UNREADABLE, /* not in the dump, or not mapped */
	VMC_STRUCT_PAGE_NO_MAP,     /* vmc_explainer_problem() */
};

/* "read", "untrusted", …; stable. */
VMC_API const char *vmc_struct_page_name(enum vmc_struct_page struct_page);

enum vmc_mapping {
	VMC_MAPPING_NULL,
	VMC_MAPPING_ADDRESS_SPACE,
	VMC_MAPPING_ANON,    /* pointer to anon_vma */
	VMC_MAPPING_KSM,     /* pointer to a stable node */
	VMC_MAPPING_MOVABLE, /* of a driver that can move it (4.8 to 6.16) */
	VMC_MAPPING_OTHER,   /* the word is used for something else on such a page */
};

/* "null", "address_space", "anon", …; stable. */
VMC_API const char *vmc_mapping_name(enum vmc_mapping mapping);

enum vmc_compound {
	VMC_COMPOUND_NONE,
	VMC_COMPOUND_HEAD,
	VMC_COMPOUND_TAIL,
};

/* "none", "head", "tail". */
VMC_API const char *vmc_compound_name(enum vmc_compound compound);

struct vmc_explanation {
	vmc_pfn pfn;
	vmc_paddr address;

	/* Is there memory, and has the dump its content? */
	bool present;
	enum vmc_memory_kind memory;
	int zero; /* 1: filled with zeros, 0: not, -1: not looked at */

	unsigned int state;               /* VMC_PAGE_… or VMC_AUDIT_ABSENT */
	uint32_t attributes;              /* VMC_ATTRIBUTE_BIT()s, as far as facts are known */
	const struct vmc_page_rule *rule; /* that decided; NULL when none was asked */

	int node, zone; /* zone: index in its node; -1 when not known */
	char zone_name[16];

	/* Dump levels (bits 0 to 31) that keep the page, content or not.  Those that leave out
	 * zeros keep one of them. */
	uint32_t levels;
	bool forbidden; /* never kept and never read */

	/* The block that it is in; of one page when it is on its own. */
	vmc_pfn block_start;
	uint64_t block_count;
	unsigned int block_order;
	unsigned int block_state;
	char block_why[VMC_EXPLAIN_TEXT];

	enum vmc_struct_page struct_page;
	vmc_vaddr struct_address; /* 0 when there is none */

	/* All below is known with VMC_STRUCT_PAGE_READ and _UNTRUSTED only. */
	uint64_t flags_word;
	struct vmc_page_flag flags[64];
	unsigned int flag_count;
	/* No flag is known from this bit on: node, zone and more; 64: none is known at all. */
	unsigned int flags_end;

	bool has_type_word;
	uint32_t type_word;
	const char *type; /* "buddy"; NULL when it is a mapcount; "unknown" */
	int64_t mapcount; /* when type is NULL */
	bool has_refcount;
	int32_t refcount;

	enum vmc_mapping mapping;
	uint64_t mapping_word;

	enum vmc_compound compound;
	bool compound_sound; /* what head and tails say fits together: */
	vmc_pfn head;
	unsigned int order;
	bool head_by_mask; /* of tails: the word holds a mask (7.1), not a pointer */
	char compound_problem[VMC_EXPLAIN_TEXT]; /* when it does not */

	struct vmc_page_field fields[VMC_EXPLAIN_FIELDS]; /* by offset, without gaps */
	unsigned int field_count;

	struct vmc_near_miss near[VMC_EXPLAIN_NEAR];
	unsigned int near_count;
};

/* Explains a page, also one that the dump has no memory of. */
VMC_API struct vmc_error *vmc_explain_page(struct vmc_explainer *explainer, vmc_pfn pfn,
					   struct vmc_explanation *ret_explanation) VMC_MUST_CHECK;

#endif
