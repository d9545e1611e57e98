/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codecs that this build has, and how they are named on a command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "codec/codec.h"

extern const struct vmc_codec codec_raw, codec_auto, codec_zlib, codec_libdeflate, codec_isal,
	codec_lzo, codec_snappy, codec_zstd;

/* Each where it is built in, and NULL where it is not. */
#ifdef HAVE_LIBDEFLATE
#define BUILT_LIBDEFLATE (&codec_libdeflate)
#else
#define BUILT_LIBDEFLATE NULL
#endif
/* A lean build that has libdeflate for the format does without zlib's own code, 45 KiB. */
#if defined(VMCULL_LEAN) && defined(HAVE_LIBDEFLATE)
#define BUILT_ZLIB NULL
#else
#define BUILT_ZLIB (&codec_zlib)
#endif
#ifdef HAVE_ISAL
#define BUILT_ISAL (&codec_isal)
#else
#define BUILT_ISAL NULL
#endif
#ifdef HAVE_SNAPPY
#define BUILT_SNAPPY (&codec_snappy)
#else
#define BUILT_SNAPPY NULL
#endif

/* In order of preference; of those of one format, the first also reads it. */
static const struct {
	const char *name;
	const struct vmc_codec *codec;
} codecs[] = {
	{"zstd", &codec_zstd}, {"lzo", &codec_lzo},  {"libdeflate", BUILT_LIBDEFLATE},
	{"zlib", BUILT_ZLIB}, {"isal", BUILT_ISAL}, {"snappy", BUILT_SNAPPY},
	{"auto", &codec_auto}, {"none", &codec_raw},
};

#define CODEC_KNOWN (sizeof(codecs) / sizeof(codecs[0]))

const struct vmc_codec *vmc_codec_at(size_t index)
{
	for (size_t i = 0; i < CODEC_KNOWN; i++) {
		if (codecs[i].codec && index-- == 0)
			return codecs[i].codec;
	}
	return NULL;
}

size_t vmc_codec_count(void)
{
	size_t count = 0;

	while (vmc_codec_at(count))
		count++;
	return count;
}

const char *vmc_codec_name(const struct vmc_codec *codec)
{
	return codec->name;
}

const char *vmc_codec_library(const struct vmc_codec *codec)
{
	return codec->describe();
}

int vmc_codec_level_min(const struct vmc_codec *codec)
{
	return codec->level_min;
}

int vmc_codec_level_max(const struct vmc_codec *codec)
{
	return codec->level_max;
}

int vmc_codec_level_default(const struct vmc_codec *codec)
{
	return codec->level_default;
}

const struct vmc_codec *codec_for_format(enum codec_format format)
{
	for (size_t i = 0; i < CODEC_KNOWN; i++) {
		const struct vmc_codec *codec = codecs[i].codec;

		if (codec && codec->decode && codec->format == format)
			return codec;
	}
	return NULL;
}

const char *codec_format_name(enum codec_format format)
{
	switch (format) {
	case CODEC_RAW:
		return "raw";
	case CODEC_ZLIB:
		return "zlib";
	case CODEC_LZO:
		return "LZO";
	case CODEC_SNAPPY:
		return "snappy";
	case CODEC_ZSTD:
		return "zstd";
	}
	return "unknown";
}

/* "zstd, lzo, …": what can be chosen, for messages. */
static const char *codec_list(char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (size_t i = 0; i < CODEC_KNOWN && used < size; i++) {
		if (codecs[i].codec)
			used += (size_t)snprintf(buffer + used, size - used, "%s%s",
						 used ? ", " : "", codecs[i].name);
	}
	return buffer;
}

/* Returns NULL, and why, when it cannot be had. */
static const struct vmc_codec *codec_find(const char *name, size_t length,
					  struct vmc_error **ret_err)
{
	char list[128];

	for (size_t i = 0; i < CODEC_KNOWN; i++) {
		if (strlen(codecs[i].name) != length || memcmp(codecs[i].name, name, length) != 0)
			continue;
		/* The name is the format's, too. */
		if (!codecs[i].codec && strcmp(codecs[i].name, "zlib") == 0)
			return codec_for_format(CODEC_ZLIB);
		if (!codecs[i].codec)
			*ret_err = error_create(VMC_ERR_UNSUPPORTED,
						"%s is not built in (there are %s)", codecs[i].name,
						codec_list(list, sizeof(list)));
		return codecs[i].codec;
	}
	*ret_err =
		error_create(VMC_ERR_INVALID, "no compression is named \"%.*s\" (there are %s)",
			     length > 64 ? 64 : (int)length, name, codec_list(list, sizeof(list)));
	return NULL;
}

static struct vmc_error *codec_parse_level(const struct vmc_codec *codec, const char *text,
					   int *ret_level)
{
	if (codec->level_min == codec->level_max)
		return error_create(VMC_ERR_INVALID, "%s has no levels", codec->name);

	char *end;

	errno = 0;
	/* strtol() would take a leading space or "+" too. */
	long level = strtol(text, &end, 10);
	bool starts_well = *text == '-' || (*text >= '0' && *text <= '9');

	if (!starts_well || end == text || *end)
		return error_create(VMC_ERR_INVALID, "%s: level \"%.32s\" is no number",
				    codec->name, text);
	if (errno || level < codec->level_min || level > codec->level_max)
		return error_create(VMC_ERR_INVALID, "%s: level %.32s is out of range (%d to %d)",
				    codec->name, text, codec->level_min, codec->level_max);
	*ret_level = (int)level;
	return NULL;
}

struct vmc_error *vmc_codec_parse(const char *text, struct vmc_codec_spec *ret_spec)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	struct vmc_error *err = NULL;
	const struct vmc_codec *codec = codec_find(text, length, &err);

	if (!codec)
		return err;

	int level = codec->level_default;

	if (colon)
		TRY(codec_parse_level(codec, colon + 1, &level));
	*ret_spec = (struct vmc_codec_spec){.codec = codec, .level = level};
	return NULL;
}
