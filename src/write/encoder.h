/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the pages of a unit and compresses them.  Encoders share nothing, so that each thread can
 * have one. */
#ifndef VMCULL_WRITE_ENCODER_H
#define VMCULL_WRITE_ENCODER_H

#include "write/unit.h"

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

/* Memory of an encoder, bytes, at most. */
uint64_t encoder_memory(const struct vmc_plan *plan, const struct encoder_options *options);

/* Reads and compresses the pages that @unit was planned with.  Those that cannot be read are LOST;
 * an error is only returned when memory is short. */
struct vmc_error *encoder_fill(struct encoder *encoder, struct unit *unit) VMC_MUST_CHECK;

#endif
