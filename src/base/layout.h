/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte order and word size of foreign data.  Everything that comes out of a dump is read through
 * these, never through a struct laid over it: the host may differ from the dumped machine.
 */
#ifndef VMCULL_BASE_LAYOUT_H
#define VMCULL_BASE_LAYOUT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct layout {
	bool big_endian;
	uint8_t word_size; /* of a pointer and of unsigned long, bytes: 4 or 8 */
};

/* The largest word; an address, too: what goes above it wraps. */
static inline uint64_t layout_word_max(struct layout layout)
{
	return layout.word_size == 4 ? UINT32_MAX : UINT64_MAX;
}

/* Words of 64 bits in the host's order, as in most dumps on most hosts: loads are plain then. */
static inline bool layout_is_plain(struct layout layout)
{
	return layout.word_size == sizeof(uint64_t) &&
	       layout.big_endian == (BYTE_ORDER == BIG_ENDIAN);
}

static inline uint8_t load_u8(const void *p)
{
	return *(const uint8_t *)p;
}

static inline uint16_t load_u16(struct layout layout, const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return layout.big_endian ? be16toh(v) : le16toh(v);
}

static inline uint32_t load_u32(struct layout layout, const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return layout.big_endian ? be32toh(v) : le32toh(v);
}

static inline uint64_t load_u64(struct layout layout, const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return layout.big_endian ? be64toh(v) : le64toh(v);
}

/* An unsigned long or a pointer of the dumped machine. */
static inline uint64_t load_word(struct layout layout, const void *p)
{
	return layout.word_size == 8 ? load_u64(layout, p) : load_u32(layout, p);
}

static inline void store_u16(struct layout layout, void *p, uint16_t v)
{
	v = layout.big_endian ? htobe16(v) : htole16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u32(struct layout layout, void *p, uint32_t v)
{
	v = layout.big_endian ? htobe32(v) : htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u64(struct layout layout, void *p, uint64_t v)
{
	v = layout.big_endian ? htobe64(v) : htole64(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_word(struct layout layout, void *p, uint64_t v)
{
	if (layout.word_size == 8)
		store_u64(layout, p, v);
	else
		store_u32(layout, p, (uint32_t)v);
}

#endif
