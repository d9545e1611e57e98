/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text and bytes on their way to a sink.  A failure is remembered, what comes after it is dropped,
 * and out_finish() tells.
 */
#ifndef VMCULL_AUDIT_PICTURE_OUT_H
#define VMCULL_AUDIT_PICTURE_OUT_H

#include <vmcull/picture.h>

#include "base/error.h"

struct out {
	const struct vmc_sink *sink; /* NULL: bytes are counted only */
	uint64_t written;            /* those of the buffer included */
	struct vmc_error *err;
	size_t used;
	char buffer[8192];
};

void out_init(struct out *out, const struct vmc_sink *sink);
void out_bytes(struct out *out, const void *data, size_t size);
void out_text(struct out *out, const char *text);
void out_format(struct out *out, const char *format, ...) ERROR_PRINTF(2, 3);

/* Texts that may come from a dump.  What is no UTF-8 or steers a terminal becomes U+FFFD. */
void out_xml(struct out *out, const char *text);   /* as text or in double quotes */
void out_json(struct out *out, const char *text);  /* with quotes, also fit for a <script> */
void out_plain(struct out *out, const char *text); /* '?' for all that is not printable ASCII */

/* Writes what is left and gives the error that there was. */
struct vmc_error *out_finish(struct out *out) VMC_MUST_CHECK;

#endif
