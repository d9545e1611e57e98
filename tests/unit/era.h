/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels as their VMCOREINFO tells them, for tests of what a struct page says. */
#ifndef VMCULL_TESTS_ERA_H
#define VMCULL_TESTS_ERA_H

#include <stdio.h>

#include "vmcoreinfo_texts.h"
#include "pages/rules.h"
#include "pages/structs.h"

/* A kernel: its facts, and a pair of struct pages to fill in. */
struct era {
	struct vmc_target target;
	struct vmcoreinfo vmcoreinfo;
	struct classifier c;
	struct rule_set rules;
	uint8_t pages[2][STRUCT_PAGE_MAX];
};

static inline void era_ready(struct era *era)
{
	facts_infer(&era->target.facts);
	assert_null(facts_check(&era->target.facts));
	assert_null(classifier_init(&era->c, &era->target));
	rule_set_init(&era->rules, &era->c);
}

/* From the VMCOREINFO of a real kernel, in the tree. */
static inline void era_load(struct era *era, const char *name, struct layout layout)
{
	char path[256], text[TEXT_SIZE_MAX];

	memset(era, 0, sizeof(*era));
	era->target.layout = layout;
	facts_init(&era->target.facts);
	snprintf(path, sizeof(path), TEXTS "%s.txt", name);
	assert_null(vmcoreinfo_parse(text, file_read(path, text, sizeof(text)), &era->vmcoreinfo));
	assert_null(
		facts_from_vmcoreinfo(&era->target.facts, &era->vmcoreinfo, VMC_FACT_VMCOREINFO));
	vmcoreinfo_deinit(&era->vmcoreinfo);
	era_ready(era);
}

#endif
