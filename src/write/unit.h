/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unit of work: about a megabyte of kept pages, read and compressed by an encoder, then handed to
 * a writer in order.  Encoders share nothing, so that each thread can have one.
 */
#ifndef VMCULL_WRITE_UNIT_H
#define VMCULL_WRITE_UNIT_H

#include <vmcull/write.h>

#include "codec/codec.h"
#include "filter/plan.h"

#define UNIT_BYTES ((size_t)1 << 20)
#define UNIT_PAGES (UNIT_BYTES / DUMP_PAGE_SIZE_MIN)

enum unit_page_kind {
	UNIT_PAGE_STORED,
	UNIT_PAGE_ZERO,
	UNIT_PAGE_LOST, /* its content could not be read */
};

struct unit_page {
	vmc_pfn pfn;
	enum unit_page_kind kind;
	enum codec_format format; /* of the data, when STORED */
	uint32_t size;            /* of the data, bytes */
	bool passed;              /* the data is the input's */
	uint64_t checksum;        /* for the page_flags of a kdump descriptor; 0 for none */
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

struct encoder;

struct encoder_options {
	struct vmc_codec_spec codec;
	enum vmc_write_stored stored;
	bool find_zeros; /* pages of zeros are a kind of their own */
	bool checksums;
};

struct vmc_error *encoder_create(const struct vmc_plan *plan, const struct encoder_options *options,
				 struct encoder **ret_encoder) VMC_MUST_CHECK;
void encoder_destroy(struct encoder *encoder);
DEFINE_CLEANUP(struct encoder *, encoder_destroy);

/* From now on a unit ends below @end at the latest. */
void encoder_set_end(struct encoder *encoder, vmc_pfn end);

/* Fills @unit with the kept pages from *pfn on and sets *pfn to where the next unit begins.  No
 * page is left when the unit stays empty.  Pages that cannot be read are LOST; an error is only
 * returned when memory is short. */
struct vmc_error *encoder_fill(struct encoder *encoder, vmc_pfn *pfn,
			       struct unit *unit) VMC_MUST_CHECK;

#endif
