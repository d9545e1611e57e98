/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit: which state every page of a dump is in, whether that adds up, and why.
 */
#ifndef VMCULL_AUDIT_H
#define VMCULL_AUDIT_H

#include <vmcull/filter.h>

/* The states of an audit are those of pages.h and one more: no memory in the dump.
 * VMC_PAGE_OFFLINE_SECTION is none of them: such pages are offline with the attribute "section". */
#define VMC_AUDIT_ABSENT      VMC_PAGE_STATE_COUNT
#define VMC_AUDIT_STATE_COUNT (VMC_PAGE_STATE_COUNT + 1)

/* "free", "free-pcp", …, "absent"; stable. */
VMC_API const char *vmc_audit_state_name(unsigned int state);

/* What is known of a page beside its state. */
enum vmc_attribute {
	/* Of whole blocks.  Ranges are always split by these. */
	VMC_ATTRIBUTE_SECTION, /* offline: the memory block is, its struct pages tell nothing */
	VMC_ATTRIBUTE_DOUBLE_TYPED, /* unaccepted: marked free and also offline or unaccepted */
	VMC_ATTRIBUTE_ACCEPTED,     /* unaccepted by list, but accepted by the EFI bitmap */

	/* Of single pages.  Ranges are split by these on request. */
	VMC_ATTRIBUTE_REPORTED,  /* free: the hypervisor knows (free page reporting, 5.7) */
	VMC_ATTRIBUTE_EXCLUSIVE, /* anonymous: of one process alone (PG_anon_exclusive, 5.19) */
	VMC_ATTRIBUTE_SHARED,    /* anonymous: may be of several, in kernels that have that flag */
	VMC_ATTRIBUTE_KSM,       /* anonymous: merged with equal pages */
	VMC_ATTRIBUTE_SWAPCACHE, /* anonymous or shared memory with a place in swap */
	VMC_ATTRIBUTE_MLOCKED,
	VMC_ATTRIBUTE_DIRTY,
	VMC_ATTRIBUTE_ZERO, /* filled with zeros; looked for on request only */
	VMC_ATTRIBUTE_COUNT
};

#define VMC_ATTRIBUTE_BIT(attribute) (1u << (attribute))
#define VMC_ATTRIBUTES_OF_BLOCKS     (VMC_ATTRIBUTE_BIT(VMC_ATTRIBUTE_REPORTED) - 1)

/* "section", "double-typed", …; stable.  NULL from VMC_ATTRIBUTE_COUNT on. */
VMC_API const char *vmc_attribute_name(unsigned int attribute);

/* Blocks of any order: 16 GiB of 4 KiB pages is the largest folio of any architecture. */
#define VMC_ORDERS 23

/* MIGRATE_TYPES is 6 at most, in 7.3. */
#define VMC_MIGRATE_TYPES 8

/* A run of pages that are equal in everything below. */
struct vmc_audit_range {
	vmc_pfn start;
	uint64_t count;
	unsigned int state;  /* VMC_PAGE_… or VMC_AUDIT_ABSENT */
	unsigned int order;  /* of the blocks that the pages are in; 0: single pages */
	int zone;            /* index for vmc_audit_zone(); -1 when it is not known */
	uint32_t attributes; /* VMC_ATTRIBUTE_BIT()s */
	int migrate_type;    /* of free blocks, for vmc_audit_migrate_type_name(); -1: not known */
	bool content;        /* is it in the dump? */
};

/* How many pages of what. */
struct vmc_audit_counts {
	uint64_t pages[VMC_AUDIT_STATE_COUNT];
	uint64_t content[VMC_AUDIT_STATE_COUNT];            /* of them, with content in the dump */
	uint64_t orders[VMC_AUDIT_STATE_COUNT][VMC_ORDERS]; /* pages, by order of their block */
	uint64_t attributes[VMC_ATTRIBUTE_COUNT];
};

/* What is known of a zone, beside the counts.  A number that is not known is UINT64_MAX. */
struct vmc_audit_zone {
	int node;
	unsigned int index; /* in the node */
	char name[16];      /* "DMA32"; "zone2" where the kernel's name is not known */
	uint64_t start_pfn, spanned, present, managed; /* pages */

	/* Pages and blocks that are free: as the zone counts them, and as found in the map. */
	uint64_t free_counted;       /* vm_stat[NR_FREE_PAGES], changes that CPUs keep to themselves
				  added where they are known; includes unaccepted ones */
	uint64_t unaccepted_counted; /* vm_stat[NR_UNACCEPTED] */
	uint64_t blocks_counted[VMC_ORDERS]; /* free_area[].nr_free */
	uint64_t blocks_found[VMC_ORDERS];
	uint64_t free_absent; /* free pages in memory that the dump does not have */
	uint64_t blocks_listed[VMC_ORDERS];
	uint64_t migrate_types[VMC_MIGRATE_TYPES][VMC_ORDERS]; /* blocks listed, by type */
	struct vmc_audit_counts counts;
};

enum vmc_severity {
	VMC_SEVERITY_NOTE,    /* worth knowing, as it should be */
	VMC_SEVERITY_WARNING, /* as a crash in the middle of things may leave it */
	VMC_SEVERITY_ERROR,   /* memory is damaged, or not understood */
};

/* "note", "warning", "error". */
VMC_API const char *vmc_severity_name(enum vmc_severity severity);

#define VMC_FINDING_RANGES 64

struct vmc_finding {
	const char *name; /* short and stable: "free-count" */
	enum vmc_severity severity;
	char message[256];   /* what was found */
	const char *meaning; /* what that means for filtering */
	uint64_t pages;      /* how many pages it is about; 0 when it is about none */
	struct {
		vmc_pfn start;
		uint64_t count;
	} ranges[VMC_FINDING_RANGES]; /* the first of them */
	size_t range_count;
	bool more_ranges; /* there are more than fit */
};

/* One of the three places that tell which memory is not yet accepted. */
enum vmc_unaccepted_source {
	VMC_UNACCEPTED_TYPE,   /* the page type (6.12) */
	VMC_UNACCEPTED_LIST,   /* zone->unaccepted_pages (6.5) */
	VMC_UNACCEPTED_BITMAP, /* the table that the EFI stub left (6.5) */
	VMC_UNACCEPTED_SOURCES
};

struct vmc_unaccepted {
	struct {
		bool usable;
		uint64_t pages; /* unaccepted, by this source */
		const char *
			describe; /* "exported", "not in the dump", …: how, or why not */
	} sources[VMC_UNACCEPTED_SOURCES];
	vmc_paddr table;          /* of the EFI table; 0 when it is not known */
	uint64_t unit;            /* of the bitmap, bytes */
	uint64_t listed_accepted; /* pages listed or typed that are accepted by the bitmap */
};

struct vmc_audit;

struct vmc_audit_options {
	/* By block: struct pages inside blocks are not looked at, lists are not walked.
	 * vmc_audit_left_out() names what that leaves out. */
	bool fast;

	/* Read the content of pages to find those filled with zeros; never of pages that must not
	 * be read. */
	bool zero;

	/* Attributes of single pages by which ranges are split, and whether those with content in
	 * the dump are kept apart from those without; "content" of a range says so only then. */
	uint32_t split;
	bool split_content;

	/* Also keep apart free blocks of different migrate types, which free lists tell. */
	bool split_migrate_type;

	/* Told of every page up to the end of memory exactly once, in order of pfns; adjoining
	 * equal ranges are merged.  NULL: nobody is.  Returns false to stop
	 * (VMC_ERR_INTERRUPTED).  Zones of @audit may be asked for, counts are not complete. */
	bool (*range)(void *arg, const struct vmc_audit *audit,
		      const struct vmc_audit_range *range);
	void *range_arg;

	const struct vmc_progress *progress; /* or NULL */
};

/* Audits all memory of the dump.  The target is best opened with type_information. */
VMC_API struct vmc_error *vmc_audit_run(struct vmc_target *target,
					const struct vmc_audit_options *options,
					struct vmc_audit **ret_audit) VMC_MUST_CHECK;
VMC_API void vmc_audit_destroy(struct vmc_audit *audit);

/* Of all pages. */
VMC_API const struct vmc_audit_counts *vmc_audit_counts(const struct vmc_audit *audit);

/* Can the attribute be told of this dump?  Where its flag is not known, 0 pages mean nothing. */
VMC_API bool vmc_audit_attribute_known(const struct vmc_audit *audit, unsigned int attribute);

/* Pages with content that a dump level (0 to 31) would keep, and how many of them are zeros, which
 * odd levels store once; that is known only when they were looked for. */
VMC_API uint64_t vmc_audit_level_pages(const struct vmc_audit *audit, int level);
VMC_API uint64_t vmc_audit_level_zero_pages(const struct vmc_audit *audit, int level);

/* NULL from the end on. */
VMC_API const struct vmc_audit_zone *vmc_audit_zone(const struct vmc_audit *audit, size_t index);

/* "Movable" of free list 1, …; "type N" where the kernel's name is not known. */
VMC_API const char *vmc_audit_migrate_type_name(const struct vmc_audit *audit, unsigned int type);

/* NULL from the end on. */
VMC_API const struct vmc_finding *vmc_audit_finding(const struct vmc_audit *audit, size_t index);

VMC_API const struct vmc_unaccepted *vmc_audit_unaccepted(const struct vmc_audit *audit);

/* Names of checks that were left out, and why; NULL from the end on. */
VMC_API const char *vmc_audit_left_out(const struct vmc_audit *audit, size_t index);

#endif
