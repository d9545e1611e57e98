/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -c, -l, -p and -z: how pages are compressed, and whether this build can. */
#ifndef VMCULL_CLI_COMPAT_CODEC_H
#define VMCULL_CLI_COMPAT_CODEC_H

#include <vmcull/codec.h>

#include "compat/arguments.h"

/* Says so and returns false when one of the codecs asked for is not built in: makedumpfile says it
 * too, but writes the pages as they are. */
bool compat_codec_check(const struct compat_args *args);

/* The codec of a command line that was checked. */
struct vmc_codec_spec compat_codec(const struct compat_args *args);

/* "lzo<TAB>enabled" and so on, as scripts ask for it. */
void compat_codec_list(void);

#endif
