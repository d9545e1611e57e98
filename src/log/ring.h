/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lockless ring of records (since 5.10): descriptors, infos and blocks of text.
 */
#ifndef VMCULL_LOG_RING_H
#define VMCULL_LOG_RING_H

#include "target/target.h"

#define RING_DESC_SIZE_MAX 256
#define RING_INFO_SIZE_MAX 1024

/* States of a descriptor, in the upper two bits of its word. */
enum ring_state {
	RING_RESERVED,  /* being written */
	RING_COMMITTED, /* written, may yet grow */
	RING_FINALIZED, /* written */
	RING_REUSABLE,  /* free; its old text may be gone */
};

struct log_ring {
	struct target_reader *reader;
	struct layout layout;
	vmc_vaddr address; /* of struct printk_ringbuffer */
	uint64_t size;     /* of it */
	vmc_vaddr descs, infos, text;
	uint64_t count;     /* of descriptors and infos, a power of two */
	uint64_t text_size; /* bytes, a power of two */
	uint64_t desc_size, info_size;
	uint64_t state_offset, begin_offset, next_offset, length_offset;
};

/* What is told about the text of a descriptor. */
enum ring_text {
	RING_TEXT_NONE,  /* none was kept: it had found no room */
	RING_TEXT_EMPTY, /* it is empty by intent */
	RING_TEXT_WHOLE,
	RING_TEXT_CUT, /* shorter than its info says */
	RING_TEXT_BAD, /* its place makes no sense, or holds the text of another record */
};

struct ring_record {
	uint64_t id;
	enum ring_state state;
	enum ring_text kind;
	vmc_vaddr block; /* a word, the id of the record, before the text; of a record with text */
	uint32_t length;
	uint8_t info[RING_INFO_SIZE_MAX];
};

/* Finds the ring and everything that is read of it; sizes and offsets are sound afterwards. */
struct vmc_error *log_ring_open(struct log_ring *ring, const struct facts *facts,
				struct target_reader *reader) VMC_MUST_CHECK;

/* Reads descriptor and info number @index; those whose state is not RING_COMMITTED or
 * RING_FINALIZED have no text. */
struct vmc_error *log_ring_read(const struct log_ring *ring, uint64_t index,
				struct ring_record *record) VMC_MUST_CHECK;

/* The @record->length bytes of its text. */
struct vmc_error *log_ring_read_text(const struct log_ring *ring, const struct ring_record *record,
				     char *text) VMC_MUST_CHECK;

/* Ids are as wide as a word without the two bits of the state. */
uint64_t log_ring_id_mask(const struct log_ring *ring);

#endif
