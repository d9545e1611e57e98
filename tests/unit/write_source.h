/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for writers that keeps all of a built file. */
#ifndef VMCULL_TESTS_WRITE_SOURCE_H
#define VMCULL_TESTS_WRITE_SOURCE_H

/* kdump_opened.h goes before this file. */

#include <vmcull/write.h>

#include "filter/plan.h"
#include "target/find_vmcoreinfo.h"

/* What is written: a dump of a kernel that nobody asks for more than its layout. */
struct source {
	struct vmc_target target;
	struct arch_ops ops;
	struct vmc_plan plan;
};

struct kind {
	const char *name; /* uname -m */
	uint16_t machine;
	struct layout layout; /* of memory */
	enum image_abi abi;   /* of the output */
	uint32_t page_size;
	vmc_paddr phys_offset;
};

/* The target that vmc_target_open() would make, and a plan that keeps all that has content. */
static inline void source_init(struct source *source, const struct kind *kind,
			       struct vmc_dump *dump)
{
	static const char *const uts[] = {"Linux", "host", "6.1.0-test", "#1", NULL, "(none)"};
	struct vmc_memory_run run;
	vmc_pfn pfn = 0;
	bool found;

	memset(source, 0, sizeof(*source));
	source->ops = (struct arch_ops){.name = kind->name, .machine = kind->machine};
	source->target.dump = dump;
	facts_init(&source->target.facts);
	source->target.layout = kind->layout;
	source->target.page_shift = dump->page_shift;
	source->target.arch.ops = &source->ops;
	source->target.arch.phys_offset = kind->phys_offset;
	for (size_t i = 0; i < 6; i++)
		snprintf(source->target.uts[i], sizeof(source->target.uts[i]), "%s",
			 uts[i] ? uts[i] : kind->name);
	succeed(vmcoreinfo_from_note(dump, &source->target.vmcoreinfo,
				     &source->target.vmcoreinfo_offset, &found));
	assert_true(found);
	source->plan.dump = dump;
	source->plan.target = &source->target;
	identity_from_target(&source->target, &source->plan.identity);
	source->plan.policy.drop_zero = true;
	kept_init(&source->plan.kept);
	while (vmc_dump_next_run(dump, pfn, &run)) {
		if (run.kind == VMC_MEMORY_DATA)
			succeed(kept_append(&source->plan.kept, run.start, run.count));
		pfn = run.start + run.count;
	}
}

static inline void source_deinit(struct source *source)
{
	vmcoreinfo_deinit(&source->target.vmcoreinfo);
	kept_deinit(&source->plan.kept);
}

#endif
