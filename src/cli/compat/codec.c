/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/codec.h"

#include <stdio.h>

#include "codec_letter.h"
#include "message.h"

static struct vmc_error *codec_find(char letter, struct vmc_codec_spec *ret_spec)
{
	return vmc_codec_parse(codec_of_letter(letter), ret_spec);
}

bool compat_codec_check(const struct compat_args *args)
{
	for (const char *letter = CODEC_LETTERS; *letter; letter++) {
		struct vmc_codec_spec spec;
		struct vmc_error *err =
			compat_given(args, *letter) ? codec_find(*letter, &spec) : NULL;

		if (!err)
			continue;
		message_error("-%c: %s", *letter, vmc_error_message(err));
		vmc_error_free(err);
		return false;
	}
	return true;
}

struct vmc_codec_spec compat_codec(const struct compat_args *args)
{
	struct vmc_codec_spec spec = {0};
	struct vmc_error *err = codec_find(args->codec, &spec);

	vmc_error_free(err); /* there is none: checked */
	return spec;
}

void compat_codec_list(void)
{
	static const struct {
		const char *name;
		char letter;
	} codecs[] = {{"lzo", 'l'}, {"snappy", 'p'}, {"zstd", 'z'}};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		struct vmc_codec_spec spec;
		struct vmc_error *err = codec_find(codecs[i].letter, &spec);

		printf("%s\t%s\n", codecs[i].name, err ? "disabled" : "enabled");
		vmc_error_free(err);
	}
}
