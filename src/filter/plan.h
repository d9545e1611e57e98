/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a plan, for the writers. */
#ifndef VMCULL_FILTER_PLAN_H
#define VMCULL_FILTER_PLAN_H

#include <vmcull/filter.h>

#include "base/byte_ranges.h"
#include "dump/own_notes.h"
#include "filter/identity.h"
#include "filter/kept.h"
#include "target/target.h"

/* A plan may keep parts of pages: what an audit reads and nothing else. */
struct plan_parts {
	bool active;
	struct byte_ranges bytes; /* physical addresses, sorted; kept pages are those they touch */
	struct byte_ranges vital; /* of them; kept in pages of slabs, too */
	bool anonymous;           /* no names of the machine in the headers */
	char *notes[OWN_NOTE_COUNT]; /* their texts, or NULL for none */
};

/* What was found of pages. */
struct plan_tally {
	struct vmc_plan_counts counts;
	uint64_t free_in_map;                   /* free and unaccepted pages, with content or not */
	uint64_t understood;                    /* pages in a state other than unknown */
	uint64_t refused[VMC_PAGE_STATE_COUNT]; /* bytes of parts not kept, since the page's state
						   forbids */
};

/* What becomes of a run of pages: it is counted, and what of it is kept goes to @segment or, with
 * that NULL, to @extents. */
struct plan_share {
	struct plan_tally tally;
	const struct kept *kept;
	struct kept_segment *segment;
	struct extents *extents;
};

struct vmc_erase; /* erase/erase.h */
struct free_map;  /* pages/free_map.h */

struct vmc_plan {
	struct vmc_dump *dump;
	struct vmc_target *target; /* NULL in a plan of everything whose kernel is not known */
	struct vmc_target *owned;  /* the same, when it is the plan's */
	struct identity identity;
	bool all; /* of everything: a copy, no filtering */
	struct vmc_filter_policy policy;
	struct plan_parts parts;
	const struct vmc_erase *erase; /* what is overwritten in pages, or NULL */
	struct free_map *free_map;     /* the memory map is to be compact; or NULL */
	struct vmc_page_walk *walk;    /* of which whoever finds out again has a fork, or NULL */
	struct plan_tally tally;
	struct kept kept; /* pfns */
	struct {
		struct kept_iter iter;
		vmc_pfn next; /* where it goes on */
		bool begun;
	} asked;         /* of vmc_plan_next_kept() */
	char doubt[256]; /* "" when the totals are plausible */
};

DEFINE_CLEANUP(struct vmc_plan *, vmc_plan_destroy);

/* Sets the size of a page, where the file does not tell, by what tells of the kernel. */
struct vmc_error *plan_find_page_size(struct vmc_dump *dump) VMC_MUST_CHECK;

/* A plan that keeps nothing yet and knows no target, or NULL. */
struct vmc_plan *plan_alloc(struct vmc_dump *dump, const struct vmc_filter_policy *policy);

/* States of pages that are no part of a plan of parts: content of users, of the kernel's objects,
 * and what may not be read. */
#define PLAN_PARTS_REFUSED                                                                    \
	(VMC_STATES_FORBIDDEN | VMC_STATE_BIT(VMC_PAGE_SLAB) | VMC_STATE_BIT(VMC_PAGE_FREE) | \
	 VMC_STATE_BIT(VMC_PAGE_FREE_PCP) | VMC_STATE_BIT(VMC_PAGE_CACHE) |                   \
	 VMC_STATE_BIT(VMC_PAGE_CACHE_PRIVATE) | VMC_STATE_BIT(VMC_PAGE_ANON) |               \
	 VMC_STATE_BIT(VMC_PAGE_HUGETLB))

/* A plan of the pages that @bytes (sorted) touch, but those in states of PLAN_PARTS_REFUSED.  Of
 * slabs it has those that @vital (sorted) touches: ppc64 has page tables there, and tables of
 * sections are there where memory was plugged in.  Takes both over, also on failure. */
struct vmc_error *plan_create_of_parts(struct vmc_target *target, struct byte_ranges *bytes,
				       struct byte_ranges *vital,
				       const struct vmc_progress *progress,
				       struct vmc_plan **ret_plan) VMC_MUST_CHECK;

/* Finds out what becomes of a run. */
struct vmc_error *plan_add_run(const struct vmc_plan *plan, const struct vmc_page_run *run,
			       struct plan_share *share) VMC_MUST_CHECK;

/* Keeps what the parts touch of a run with content. */
struct vmc_error *plan_parts_add_run(const struct vmc_plan *plan, const struct vmc_page_run *run,
				     struct plan_share *share) VMC_MUST_CHECK;

/* Keeps pages. */
static inline struct vmc_error *plan_keep(struct plan_share *share, vmc_pfn start, uint64_t count)
{
	return share->segment ? kept_segment_append(share->kept, share->segment, start, count)
			      : extents_append(share->extents, start, count);
}

/* What a plan keeps of a segment that was only counted; the argument is the plan. */
extern const struct kept_source plan_second_walk;

/* Finds out about all pages, by @walk and forks of it in as many threads as the policy has; takes
 * @walk over. */
struct vmc_error *plan_classify(struct vmc_plan *plan, struct vmc_page_walk *walk,
				const struct vmc_progress *progress) VMC_MUST_CHECK;

/* May a page, or a part of one, have other content in the output than in the input?  If not it can
 * be copied as it is stored. */
bool plan_changes(const struct vmc_plan *plan, vmc_paddr address, size_t size);

/* The content of a page in the output: @page as it is, or changed in @buffer, which @page may lie
 * in. */
const void *plan_content(const struct vmc_plan *plan, vmc_paddr address, const void *page,
			 void *buffer, size_t page_size);

/* What was erased, by this plan and in the input: lines as makedumpfile writes them.  In a kdump
 * file its sub header says where they are, in an ELF file they are a note of type 0.  *ret_size is
 * 0 where nothing was; *ret_text is to be freed.  A note of the input that holds such lines is not
 * to be copied. */
#define PLAN_ERASEINFO_NOTE "ERASEINFO"
struct vmc_error *plan_eraseinfo(const struct vmc_plan *plan, char **ret_text,
				 size_t *ret_size) VMC_MUST_CHECK;
bool plan_note_is_eraseinfo(const struct note *note);

/* Sets what plan->parts do not touch in the page to zeros. */
void plan_parts_blank(const struct plan_parts *parts, vmc_paddr address, uint8_t *page,
		      size_t page_size);

#endif
