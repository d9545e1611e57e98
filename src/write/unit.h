/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unit of work: about a megabyte of kept pages, planned in order, read and compressed by an
 * encoder, then handed to a writer in order. */
#ifndef VMCULL_WRITE_UNIT_H
#define VMCULL_WRITE_UNIT_H

#include <vmcull/write.h>

#include "codec/codec.h"
#include "filter/plan.h"

#define UNIT_BYTES ((size_t)1 << 20)
/* What a codec may write beyond the largest page. */
#define UNIT_SLACK (CODEC_BOUND(CODEC_INPUT_MAX) - CODEC_INPUT_MAX)
#define UNIT_PAGES (UNIT_BYTES / DUMP_PAGE_SIZE_MIN)

enum unit_page_kind {
	UNIT_PAGE_STORED,
	UNIT_PAGE_ZERO,
	UNIT_PAGE_LOST,    /* its content could not be read */
	UNIT_PAGE_COMPACT, /* of the memory map: there is a block for many of them (map_form.h) */
};

struct unit_page {
	vmc_pfn pfn;
	enum unit_page_kind kind;
	enum codec_format format; /* of the data, when STORED or COMPACT */
	uint32_t size;            /* of the data, bytes */
	bool passed;              /* the data is the input's */
	uint64_t checksum;        /* for the page_flags of a kdump descriptor; 0 for none */
	/* of a COMPACT one */
	size_t data_of;  /* which page of the unit has the block as its data; others have none */
	bool has_number; /* lru is to be restored */
	uint32_t map_number; /* as map_form_number() */
};

struct unit {
	struct unit_page pages[UNIT_PAGES];
	size_t page_count;
	uint8_t *data; /* of the STORED pages, one behind the other */
	size_t data_size;
	struct vmc_error *first_loss; /* why the first LOST page was lost, or NULL */
};

struct vmc_error *unit_create(struct unit **ret_unit) VMC_MUST_CHECK;
void unit_destroy(struct unit *unit);
DEFINE_CLEANUP(struct unit *, unit_destroy);

/* Memory of a unit, bytes. */
size_t unit_memory(void);

/* As it was planned: nothing is filled in. */
void unit_reset(struct unit *unit);

/* How many units a plan makes, about. */
uint64_t unit_count(const struct vmc_plan *plan);

/* Where units come from: the kept pages of a plan, in order. */
struct unit_planner {
	struct kept_iter kept;
	struct extent left; /* of the extent that came last */
	size_t room;        /* pages a unit */
};

void unit_planner_init(struct unit_planner *planner, const struct vmc_plan *plan);
void unit_planner_deinit(struct unit_planner *planner);

/* Takes the next kept pages below @end.  None are left when the unit stays empty. */
struct vmc_error *unit_plan(struct unit *unit, struct unit_planner *planner,
			    vmc_pfn end) VMC_MUST_CHECK;

#endif
