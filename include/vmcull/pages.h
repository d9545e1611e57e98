/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page states: what the memory map says of every page.
 */
#ifndef VMCULL_PAGES_H
#define VMCULL_PAGES_H

#include <vmcull/target.h>

enum vmc_page_state {
	VMC_PAGE_UNKNOWN, /* struct page missing, unreadable, uninitialised or contradictory */
	VMC_PAGE_KERNEL,  /* any other allocated page */
	VMC_PAGE_SLAB,
	VMC_PAGE_TABLE,           /* page table */
	VMC_PAGE_FREE,            /* in a free block of the buddy allocator */
	VMC_PAGE_FREE_PCP,        /* free, on a list of one CPU; told apart on request only */
	VMC_PAGE_UNACCEPTED,      /* free and not yet accepted from the hypervisor (TDX, SEV-SNP) */
	VMC_PAGE_OFFLINE,         /* logically offline: ballooned, unplugged */
	VMC_PAGE_OFFLINE_SECTION, /* in a memory block that is offline: its struct page is not
				     trusted; the block may host a memory map, so it can be read */
	VMC_PAGE_HWPOISON,        /* memory with an uncorrectable error */
	VMC_PAGE_CACHE,           /* page cache, tmpfs and shared memory included */
	VMC_PAGE_CACHE_PRIVATE, /* page cache with private data of the filesystem (buffer heads) */
	VMC_PAGE_ANON,          /* anonymous user memory */
	VMC_PAGE_HUGETLB,       /* of the hugetlb pool, used or not */
	VMC_PAGE_STATE_COUNT
};

/* "unknown", "kernel", "slab", "page-table", "free", …; stable. */
VMC_API const char *vmc_page_state_name(enum vmc_page_state state);

#define VMC_STATE_BIT(state) (1u << (state))

/* States whose content is never read and never kept: the backing memory may not exist, raise a
 * machine check, or end the guest. */
#define VMC_STATES_FORBIDDEN                                                  \
	(VMC_STATE_BIT(VMC_PAGE_OFFLINE) | VMC_STATE_BIT(VMC_PAGE_HWPOISON) | \
	 VMC_STATE_BIT(VMC_PAGE_UNACCEPTED))

/* A run of pages of one state. */
struct vmc_page_run {
	vmc_pfn start;
	uint64_t count;
	enum vmc_page_state state;
	enum vmc_memory_kind memory; /* does the dump hold the content? */
	unsigned int order; /* of the block that the run is or begins; 0 for single pages */
	unsigned int rule;  /* index for vmc_page_rule() */
};

/* Why: the rule that decided, with the kernel release it comes from. */
struct vmc_page_rule {
	const char *name;        /* short and stable: "buddy-type" */
	const char *description; /* one sentence */
	const char *since;       /* kernel release or commit */
};

/* NULL from the end of the rules on, of which there are VMC_PAGE_RULES_MAX at most. */
VMC_API const struct vmc_page_rule *vmc_page_rule(unsigned int rule);
#define VMC_PAGE_RULES_MAX 64

struct vmc_page_walk;

struct vmc_page_walk_options {
	/* States (bits) whose blocks are taken in one step, without a look at the struct pages
	 * inside. In all other blocks the hwpoison flag of every page is looked at. */
	uint32_t whole_blocks;

	/* Also walk the per-CPU free lists: their pages are VMC_PAGE_FREE_PCP instead of
	 * VMC_PAGE_KERNEL.  Needs facts from type information; vmc_page_walk_has_pcp_lists() tells
	 * whether they were there. */
	bool pcp_lists;
};

/* Walks all memory of the dump, by pfn, every page exactly once. */
VMC_API struct vmc_error *vmc_page_walk_create(struct vmc_target *target,
					       const struct vmc_page_walk_options *options,
					       struct vmc_page_walk **ret_walk) VMC_MUST_CHECK;

/* Gives the next run; *ret_more is false after the last. */
VMC_API struct vmc_error *vmc_page_walk_next(struct vmc_page_walk *walk,
					     struct vmc_page_run *ret_run,
					     bool *ret_more) VMC_MUST_CHECK;
VMC_API void vmc_page_walk_destroy(struct vmc_page_walk *walk);

/* Were per-CPU free lists asked for and found? */
VMC_API bool vmc_page_walk_has_pcp_lists(const struct vmc_page_walk *walk);

/* Goes to @pfn, or to the first page of memory above it: the next run begins there, and is what a
 * walk from the start says of the rest of that block. */
VMC_API struct vmc_error *vmc_page_walk_seek(struct vmc_page_walk *walk,
					     vmc_pfn pfn) VMC_MUST_CHECK;

/* Pages whose part of the memory map could not be read, so far. */
VMC_API uint64_t vmc_page_walk_unreadable(const struct vmc_page_walk *walk);

#endif
