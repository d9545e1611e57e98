/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs that are a list of edits of a dump that makes sense: where in the file, and what becomes
 * of the word there.  What an edit does depends on nothing but the dump and itself, so that an
 * input stays what it is when the program changes.
 *
 * A fuzzer makes edits where the program reads (LLVMFuzzerCustomMutator() at the end): those places
 * are learned from one run over the whole dump, and are headers, notes, tables, lists, counters,
 * struct pages.
 */
#ifndef VMCULL_TESTS_EDITS_H
#define VMCULL_TESTS_EDITS_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/layout.h"
#include "fuzz_assert.h"

#define EDITS_MAX  40
#define EDIT_SIZE  10
#define EDIT_BYTES 64 /* the most that one edit changes at a place */
#define PLACES_MAX 30000

struct edit {
	uint32_t offset; /* in the file */
	uint8_t kind;
	uint8_t operand;
	uint32_t other; /* another place */
};

struct edit_place {
	uint32_t offset, size;
};

/* A dump that edits are made in. */
struct edit_base {
	int fd;
	char path[64];
	uint64_t size;
	struct layout layout;
	uint64_t (*address)(
		uint64_t offset); /* by which the kernel knows what lies there, or NULL */

	struct edit_place *places; /* that the program reads */
	size_t place_count;

	struct {
		uint64_t offset;
		uint8_t bytes[EDIT_BYTES];
	} undo[2 * EDITS_MAX];
	size_t undo_count;
};

enum edit_kind {
	EDIT_ZERO,
	EDIT_ONES,
	EDIT_SMALL, /* operand */
	EDIT_PLUS_ONE,
	EDIT_MINUS_ONE,
	EDIT_FLIP,       /* a bit */
	EDIT_COPY,       /* the word at the other place */
	EDIT_SWAP,       /* with it */
	EDIT_BIT,        /* that bit alone */
	EDIT_BITS_BELOW, /* that bit */
	EDIT_PLUS,       /* 8 * operand */
	EDIT_MINUS,
	EDIT_SMALL_32,
	EDIT_FLIP_32,
	EDIT_BYTE,
	EDIT_LIMIT,   /* INT64_MAX, shifted */
	EDIT_ZERO_64, /* bytes */
	EDIT_COPY_64,
	EDIT_ADDRESS, /* of the other place */
	EDIT_TEXT,    /* a number in a text */
	EDIT_KIND_COUNT
};

static inline void base_read(const struct edit_base *base, uint64_t offset, void *bytes,
			     size_t size)
{
	memset(bytes, 0, size);
	assert_true(pread(base->fd, bytes, size, (off_t)offset) >= 0);
}

/* Never beyond the end of the file. */
static inline void base_write(struct edit_base *base, uint64_t offset, const void *bytes,
			      size_t size)
{
	if (offset >= base->size)
		return;
	if (size > base->size - offset)
		size = (size_t)(base->size - offset);
	if (base->undo_count == 2 * EDITS_MAX)
		return;
	base->undo[base->undo_count].offset = offset;
	base_read(base, offset, base->undo[base->undo_count++].bytes, EDIT_BYTES);
	assert_int_equal(pwrite(base->fd, bytes, size, (off_t)offset), size);
}

static inline uint64_t base_word(const struct edit_base *base, uint64_t offset)
{
	uint8_t bytes[8];

	base_read(base, offset, bytes, sizeof(bytes));
	return load_u64(base->layout, bytes);
}

static inline void base_set(struct edit_base *base, uint64_t offset, uint64_t value)
{
	uint8_t bytes[8];

	store_u64(base->layout, bytes, value);
	base_write(base, offset, bytes, sizeof(bytes));
}

static inline void base_set_32(struct edit_base *base, uint64_t offset, uint32_t value)
{
	uint8_t bytes[4];

	store_u32(base->layout, bytes, value);
	base_write(base, offset, bytes, sizeof(bytes));
}

static inline uint32_t base_word_32(const struct edit_base *base, uint64_t offset)
{
	uint8_t bytes[4];

	base_read(base, offset, bytes, sizeof(bytes));
	return load_u32(base->layout, bytes);
}

/* Puts another number where one stands in a text. */
static inline void edit_text(struct edit_base *base, const struct edit *edit)
{
	static const char *const numbers[] = {"0",
					      "1",
					      "-1",
					      "18446744073709551615",
					      "4096",
					      "8",
					      "ffffffffffffffff",
					      "7fffffff",
					      "99999999999999999999",
					      "x"};
	uint8_t bytes[EDIT_BYTES];
	const char *number = numbers[edit->operand % 10];
	size_t length = 0, digits = strlen(number);

	base_read(base, edit->offset, bytes, sizeof(bytes));
	while (length < EDIT_BYTES && strchr("0123456789abcdef-", bytes[length]) && bytes[length])
		length++;
	for (size_t i = 0; i < length; i++)
		bytes[i] = i < digits ? (uint8_t)number[i] : '0';
	base_write(base, edit->offset, bytes, length);
}

static inline void edit_block(struct edit_base *base, const struct edit *edit, bool copy)
{
	uint8_t bytes[EDIT_BYTES] = {0};

	if (copy)
		base_read(base, edit->other, bytes, sizeof(bytes));
	base_write(base, edit->offset, bytes, sizeof(bytes));
}

static inline void edit_apply(struct edit_base *base, const struct edit *edit)
{
	uint64_t at = edit->offset, old = base_word(base, at), operand = edit->operand;
	uint64_t bit = (uint64_t)1 << operand % 64, other = base_word(base, edit->other);

	switch ((enum edit_kind)(edit->kind % EDIT_KIND_COUNT)) {
	case EDIT_ZERO:
		return base_set(base, at, 0);
	case EDIT_ONES:
		return base_set(base, at, UINT64_MAX);
	case EDIT_SMALL:
		return base_set(base, at, operand);
	case EDIT_PLUS_ONE:
		return base_set(base, at, old + 1);
	case EDIT_MINUS_ONE:
		return base_set(base, at, old - 1);
	case EDIT_FLIP:
		return base_set(base, at, old ^ bit);
	case EDIT_COPY:
		return base_set(base, at, other);
	case EDIT_SWAP:
		base_set(base, edit->other, old);
		return base_set(base, at, other);
	case EDIT_BIT:
		return base_set(base, at, bit);
	case EDIT_BITS_BELOW:
		return base_set(base, at, bit - 1);
	case EDIT_PLUS:
		return base_set(base, at, old + 8 * operand);
	case EDIT_MINUS:
		return base_set(base, at, old - 8 * operand);
	case EDIT_SMALL_32:
		return base_set_32(base, at, (uint32_t)operand);
	case EDIT_FLIP_32:
		return base_set_32(base, at, base_word_32(base, at) ^ (uint32_t)1 << operand % 32);
	case EDIT_BYTE:
		return base_write(base, at, &edit->operand, 1);
	case EDIT_LIMIT:
		return base_set(base, at, (uint64_t)INT64_MAX >> operand % 64);
	case EDIT_ZERO_64:
		return edit_block(base, edit, false);
	case EDIT_COPY_64:
		return edit_block(base, edit, true);
	case EDIT_ADDRESS:
		return base_set(base, at, base->address ? base->address(edit->other) : other);
	case EDIT_TEXT:
		return edit_text(base, edit);
	case EDIT_KIND_COUNT:
		break;
	}
}

static inline struct edit edit_load(const uint8_t *bytes)
{
	const struct layout little = {.word_size = 4};

	return (struct edit){.offset = load_u32(little, bytes),
			     .kind = bytes[4],
			     .operand = bytes[5],
			     .other = load_u32(little, bytes + 6)};
}

static inline void edit_store(uint8_t *bytes, const struct edit *edit)
{
	const struct layout little = {.word_size = 4};

	store_u32(little, bytes, edit->offset);
	bytes[4] = edit->kind;
	bytes[5] = edit->operand;
	store_u32(little, bytes + 6, edit->other);
}

static inline void edits_apply(struct edit_base *base, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < EDITS_MAX && (i + 1) * EDIT_SIZE <= size; i++) {
		struct edit edit = edit_load(data + i * EDIT_SIZE);

		edit_apply(base, &edit);
	}
}

static inline void edits_undo(struct edit_base *base)
{
	while (base->undo_count) {
		uint64_t offset = base->undo[--base->undo_count].offset;
		size_t size = (size_t)(base->size - offset < EDIT_BYTES ? base->size - offset
									: EDIT_BYTES);

		assert_int_equal(pwrite(base->fd, base->undo[base->undo_count].bytes, size,
					(off_t)offset),
				 size);
	}
}

/* ---- places */

static inline int compare_places(const void *a, const void *b)
{
	const struct edit_place *p = a, *q = b;

	if (p->offset != q->offset)
		return p->offset < q->offset ? -1 : 1;
	return p->size < q->size ? -1 : p->size > q->size;
}

static inline void places_sort(struct edit_base *base)
{
	size_t kept = 0;

	qsort(base->places, base->place_count, sizeof(*base->places), compare_places);
	for (size_t i = 0; i < base->place_count; i++) {
		if (!kept || compare_places(&base->places[kept - 1], &base->places[i]))
			base->places[kept++] = base->places[i];
	}
	base->place_count = kept;
}

/* vmc_dump_options.trace */
static inline void places_add(void *arg, uint64_t offset, uint64_t size)
{
	struct edit_base *base = arg;

	if (base->place_count == PLACES_MAX)
		places_sort(base);
	if (base->place_count < PLACES_MAX && offset < UINT32_MAX)
		base->places[base->place_count++] = (struct edit_place){
			(uint32_t)offset, size < UINT32_MAX ? (uint32_t)size : UINT32_MAX};
}

/* ---- the mutator */

struct edit_random {
	uint64_t state;
};

static inline uint32_t edit_random(struct edit_random *random, uint32_t below)
{
	random->state = random->state * 6364136223846793005u + 1442695040888963407u;
	return below ? (uint32_t)(random->state >> 33) % below : 0;
}

/* A word of what is read: half of the time close to where other edits are. */
static inline uint32_t edit_pick(const struct edit_base *base, struct edit_random *random,
				 uint32_t near)
{
	if (near && edit_random(random, 3) == 0)
		return near + 8 * edit_random(random, 17) - 64;
	if (!base->place_count)
		return edit_random(random, (uint32_t)base->size);

	struct edit_place place = base->places[edit_random(random, (uint32_t)base->place_count)];

	if (edit_random(random, 16) == 0) /* a field of 4 bytes, or text */
		return place.offset + edit_random(random, place.size);
	return place.offset + edit_random(random, (place.size + 7) / 8) * 8;
}

static inline struct edit edit_new(const struct edit_base *base, struct edit_random *random,
				   uint32_t near)
{
	return (struct edit){
		.offset = edit_pick(base, random, near),
		.kind = (uint8_t)edit_random(random, EDIT_KIND_COUNT),
		.operand = (uint8_t)edit_random(random, edit_random(random, 2) ? 256 : 16),
		.other = edit_pick(base, random, near),
	};
}

static inline void edit_change(const struct edit_base *base, struct edit_random *random,
			       struct edit *edit)
{
	struct edit other = edit_new(base, random, edit->offset);

	switch (edit_random(random, 5)) {
	case 0:
		edit->offset = other.offset;
		break;
	case 1:
		edit->kind = other.kind;
		break;
	case 2:
		edit->other = other.other;
		break;
	case 3:
		edit->offset += 8 * edit_random(random, 3) - 8;
		break;
	default:
		edit->operand = other.operand;
	}
}

/* Changes an input that is @head bytes of choices and then edits; returns its new size. */
static inline size_t edits_mutate(const struct edit_base *base, uint8_t *data, size_t size,
				  size_t max, size_t head, unsigned int seed)
{
	struct edit_random random = {.state = seed};
	size_t count = size > head ? (size - head) / EDIT_SIZE : 0;
	size_t most = max > head ? (max - head) / EDIT_SIZE : 0;
	uint32_t what = edit_random(&random, 100);

	if (max < head)
		return size;
	if (size < head)
		memset(data + size, 0, head - size);
	if (most > EDITS_MAX)
		most = EDITS_MAX;
	if (count > most)
		count = most;
	if (what < 15) {
		data[edit_random(&random, (uint32_t)head)] = (uint8_t)edit_random(&random, 256);
	} else if (what < 55 && count < most) {
		uint32_t near = count ? edit_load(data + head).offset : 0;
		struct edit edit = edit_new(base, &random, near);

		edit_store(data + head + count++ * EDIT_SIZE, &edit);
	} else if (what < 70 && count) {
		size_t gone = edit_random(&random, (uint32_t)count);

		memmove(data + head + gone * EDIT_SIZE, data + head + --count * EDIT_SIZE,
			EDIT_SIZE);
	} else if (count) {
		uint8_t *at = data + head + edit_random(&random, (uint32_t)count) * EDIT_SIZE;
		struct edit edit = edit_load(at);

		edit_change(base, &random, &edit);
		edit_store(at, &edit);
	}
	return head + count * EDIT_SIZE;
}

#endif
