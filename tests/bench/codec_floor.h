/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codecs of codec_floor, straight from their libraries. */
#ifndef CODEC_FLOOR_H
#define CODEC_FLOOR_H

#include <stddef.h>

#define CODEC_SLACK 8192 /* what LZO, which knows no limit of its output, may write behind a page */

struct codec {
	/* 0: it does not fit into capacity. */
	size_t (*encode)(const void *input, size_t size, void *output, size_t capacity);
	void (*close)(void);
};

/* By NAME or NAME:LEVEL; ends the program when there is none. */
struct codec codec_open(const char *name);

void give_up(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *get_memory(size_t count, size_t size);

#endif
