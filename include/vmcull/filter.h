/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filtering: which pages are left out.
 */
#ifndef VMCULL_FILTER_H
#define VMCULL_FILTER_H

#include <vmcull/pages.h>

struct vmc_filter_policy {
	uint32_t drop;  /* VMC_STATE_BIT()s of states left out; the forbidden ones always are */
	bool drop_zero; /* pages filled with zeros are stored once */
	unsigned int threads; /* that classify pages; 0 and 1: none is started */
	size_t memory; /* bytes, about, for what is kept: a plan that needs more is made again part
			* by part by who comes to it; 0: 6 MiB */
};

/* Dump levels 0 to 31 as makedumpfile(8) defines them: 1 zero, 2 cache, 4 cache and cache-private,
 * 8 user (anon and hugetlb), 16 free and unaccepted. */
VMC_API struct vmc_error *vmc_filter_policy_from_level(
	int level, struct vmc_filter_policy *ret_policy) VMC_MUST_CHECK;

/* Adds to (@exclude) or takes from the policy a comma-separated list of names: page states, "user"
 * for anon and hugetlb, "zero".  Keeping a forbidden state is VMC_ERR_REFUSED. */
VMC_API struct vmc_error *vmc_filter_policy_change(struct vmc_filter_policy *policy,
						   const char *names, bool exclude) VMC_MUST_CHECK;

/* The dump level that describes the policy best (for headers): bits whose states are all left out.
 */
VMC_API int vmc_filter_policy_level(const struct vmc_filter_policy *policy);

/* The result of a walk: which pages to keep, and the counts. */
struct vmc_plan;

struct vmc_plan_counts {
	uint64_t pages[VMC_PAGE_STATE_COUNT]; /* with content in the input */
	uint64_t kept[VMC_PAGE_STATE_COUNT];  /* of them, kept (zero pages are kept here) */
	uint64_t decided[VMC_PAGE_RULES_MAX]; /* of pages, by each rule of vmc_page_rule() */
	uint64_t nodata;                      /* memory without content in the input */
	uint64_t unreadable_map;              /* kept because the memory map could not be read */
	uint64_t unused_map; /* of kept, left out by vmc_plan_exclude_unused_map() all the same */
};

/* Called by the thread that asked for something, now and then, with pages done and in all; returns
 * false to stop (VMC_ERR_INTERRUPTED). */
struct vmc_progress {
	bool (*step)(void *arg, const char *phase, uint64_t done, uint64_t total);
	void *arg;
};

/* What speaks against trusting a plan: the totals found contradict what the kernel counts.  NULL
 * when nothing does.  The log was told of it as a warning. */
VMC_API const char *vmc_plan_doubt(const struct vmc_plan *plan);

/* Walks the memory map and decides.  @progress may be NULL. */
VMC_API struct vmc_error *vmc_plan_create(struct vmc_target *target,
					  const struct vmc_filter_policy *policy,
					  const struct vmc_progress *progress,
					  struct vmc_plan **ret_plan) VMC_MUST_CHECK;

/* A plan of every page that has content, for a copy: no page is classified, and what the input says
 * of how it was made still holds.  Any dump will do, also one whose kernel is not known (the log
 * tells); where headers and VMCOREINFO tell no page size either: VMC_ERR_MISSING.  The memory of a
 * machine (/proc) is VMC_ERR_REFUSED.  The dump must outlive the plan. */
VMC_API struct vmc_error *vmc_plan_create_all(struct vmc_dump *dump,
					      struct vmc_plan **ret_plan) VMC_MUST_CHECK;
VMC_API void vmc_plan_destroy(struct vmc_plan *plan);

struct vmc_erase; /* <vmcull/erase.h> */

/* Has data erased in what is written by the plan, in every form of output, and where headers repeat
 * it.  @erase must outlive the plan. */
VMC_API struct vmc_error *vmc_plan_set_erase(struct vmc_plan *plan,
					     const struct vmc_erase *erase) VMC_MUST_CHECK;

/* Has the memory map written compact: a page of it that describes nothing but insides of free
 * blocks is stored as one block for all of them.  In a kdump file only, and with its checksums.
 * Other readers find page.lru 0 there, and everything else as it was; vmc_dump_open() restores
 * it. VMC_ERR_MISSING where what is known of the kernel does not do. */
VMC_API struct vmc_error *vmc_plan_compact_map(struct vmc_plan *plan) VMC_MUST_CHECK;

/* Leaves out pages of the memory map that describe nothing but memory of which nothing is kept, by
 * the rule of makedumpfile -e, and has a kdump file marked: other readers find nothing where such a
 * struct page is, and most of what crash tells of memory as a whole fails or is wrong.
 * vmc_plan_compact_map() saves as much and takes nothing from them.  VMC_ERR_UNSUPPORTED on
 * machines other than x86_64, VMC_ERR_LIMIT where the plan is too large to be remembered,
 * VMC_ERR_MISSING where what is known of the kernel does not do: then nothing has changed. */
VMC_API struct vmc_error *vmc_plan_exclude_unused_map(struct vmc_plan *plan) VMC_MUST_CHECK;
VMC_API const struct vmc_plan_counts *vmc_plan_counts(const struct vmc_plan *plan);

/* The run of kept pages from @from on or above; *ret_more is false when there is none.  Cheap when
 * @from is where the run before ended: a plan that is too large to be remembered is made again,
 * part by part.  Not for several threads. */
VMC_API struct vmc_error *vmc_plan_next_kept(struct vmc_plan *plan, vmc_pfn from,
					     vmc_pfn *ret_start, uint64_t *ret_count,
					     bool *ret_more) VMC_MUST_CHECK;

#endif
