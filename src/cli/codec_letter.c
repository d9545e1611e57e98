/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec_letter.h"

#include <string.h>

#include <vmcull/codec.h>

/* -c asks for the format; which library writes it is ours to choose. */
static const char *zlib_writer(void)
{
	for (size_t i = 0; i < vmc_codec_count(); i++) {
		if (strcmp(vmc_codec_name(vmc_codec_at(i)), "libdeflate") == 0)
			return "libdeflate";
	}
	return "zlib";
}

const char *codec_of_letter(char letter)
{
	switch (letter) {
	case 'c':
		return zlib_writer();
	case 'l':
		return "lzo";
	case 'p':
		return "snappy";
	case 'z':
		return "zstd:1"; /* as makedumpfile does */
	default:
		return "none";
	}
}
