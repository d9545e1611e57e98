/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large would a filtered dump be, and how long would it take?  Told from the states of all
 * pages and from a sample of them that is compressed.
 */
#ifndef VMCULL_ESTIMATE_H
#define VMCULL_ESTIMATE_H

#include <vmcull/write.h>

#define VMC_ESTIMATE_LEVELS     32 /* dump levels 0 to 31 */
#define VMC_ESTIMATE_SAMPLE     4000
#define VMC_ESTIMATE_SAMPLE_MAX 1000000
#define VMC_ESTIMATE_CODECS_MAX 32

struct vmc_estimate_options {
	const struct vmc_codec_spec *codecs;
	size_t codec_count; /* 1 to VMC_ESTIMATE_CODECS_MAX */

	/* Bits of the levels that will be asked for; states that none of them keeps are not
	 * read. */
	uint32_t levels;

	/* Pages of each state to be read, or all where there are fewer; up to
	 * VMC_ESTIMATE_SAMPLE_MAX. */
	uint32_t sample;

	const struct vmc_progress *progress; /* or NULL */
};

struct vmc_estimate;

/* Walks the memory map once, then reads and compresses a random sample, the same one each time.
 * Never reads pages that a filter must not read. */
VMC_API struct vmc_error *vmc_estimate_create(struct vmc_target *target,
					      const struct vmc_estimate_options *options,
					      struct vmc_estimate **ret_estimate) VMC_MUST_CHECK;
VMC_API void vmc_estimate_destroy(struct vmc_estimate *estimate);

struct vmc_estimate_figure {
	uint64_t pages; /* exact, as long as all can be read */
	uint64_t bytes; /* size of the file */
	uint64_t error; /* half of an interval around it in which 19 of 20 such estimates hold the
			   size of the file */

	/* How much of it vmc_plan_compact_map() saves, but for some blocks. */
	uint64_t compact_bytes;

	/* To walk the memory map, to read and to compress, by one thread on this machine, which has
	 * nothing else to do.  The time of the disk that is written to is not among it. */
	double seconds;
};

/* The figure of one of the levels and codecs that were asked for. */
VMC_API void vmc_estimate_figure(const struct vmc_estimate *estimate, int level, size_t codec,
				 struct vmc_estimate_figure *ret_figure);

/* What was looked at. */
struct vmc_estimate_state {
	uint64_t pages;      /* of this state, with content in the dump */
	uint64_t sampled;    /* of them, read */
	uint64_t zero;       /* of these, filled with zeros */
	uint64_t unreadable; /* of these, not to be read after all */
};

VMC_API void vmc_estimate_state(const struct vmc_estimate *estimate, enum vmc_page_state state,
				struct vmc_estimate_state *ret_state);

#endif
