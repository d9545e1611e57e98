/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codecs: how pages are compressed.  Several codecs may write the same format (zlib streams). */
#ifndef VMCULL_CODEC_H
#define VMCULL_CODEC_H

#include <vmcull/error.h>

struct vmc_codec; /* one of a constant table; never freed */

/* A codec and its level. */
struct vmc_codec_spec {
	const struct vmc_codec *codec;
	int level; /* between vmc_codec_level_min() and _max(); 0 where the codec has no levels */
};

/* The codecs built in, in order of preference; NULL from index vmc_codec_count() on. */
VMC_API size_t vmc_codec_count(void);
VMC_API const struct vmc_codec *vmc_codec_at(size_t index);

/* "none", "auto", "zlib", "libdeflate", "isal", "lzo", "snappy", "zstd". */
VMC_API const char *vmc_codec_name(const struct vmc_codec *codec);

/* Name and version of the library behind it, such as "zstd 1.5.4"; "" for none. */
VMC_API const char *vmc_codec_library(const struct vmc_codec *codec);

VMC_API int vmc_codec_level_min(const struct vmc_codec *codec);
VMC_API int vmc_codec_level_max(const struct vmc_codec *codec);
VMC_API int vmc_codec_level_default(const struct vmc_codec *codec);

/* Parses NAME or NAME:LEVEL.  VMC_ERR_UNSUPPORTED for a known codec that is not built in,
 * VMC_ERR_INVALID for anything else that is wrong. */
VMC_API struct vmc_error *vmc_codec_parse(const char *text,
					  struct vmc_codec_spec *ret_spec) VMC_MUST_CHECK;

#endif
