/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do struct pages of a block agree with what its head says of it? */
#ifndef VMCULL_AUDIT_INSIDE_H
#define VMCULL_AUDIT_INSIDE_H

#include "audit/findings.h"
#include "pages/classifier.h"

/* The block that the sweep is in. */
struct inside {
	const struct classifier *classifier;
	struct findings *findings;
	enum vmc_page_state state;
	vmc_pfn head;
	unsigned int order;
	uint64_t head_flags;
	uint64_t tail_word; /* of the last tail that led to the head; 0: none so far */
	uint32_t page_size;
};

/* @page: any of the block, its head too; its struct page lies at @address. */
void inside_check(struct inside *inside, const struct page_view *page, vmc_vaddr address);

#endif
