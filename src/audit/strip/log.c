/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log.  Follows kernel/printk/printk_ringbuffer.h (5.10 to 7.3) and, before that,
 * kernel/printk/printk.c, whose buffer is kept as it is.
 */
#include "audit/strip/strip.h"

#include <string.h>

#include "audit/strip/anonymize.h"
#include "base/checked.h"

/* LOG_BUF_LEN_MAX is 2 GiB; the default has 2^12 descriptors, one for 32 bytes of text. */
#define COUNT_BITS_MAX 26
#define SIZE_BITS_MAX  31

#define DESC_SIZE_MAX 256
#define INFO_SIZE_MAX 1024

/* States of a descriptor, in the upper two bits of its word. */
#define STATE_COMMITTED 1
#define STATE_FINALIZED 2

struct ring {
	struct strip *strip;
	const struct facts *facts;
	struct layout layout;
	vmc_vaddr descs, infos, text;
	uint64_t count;     /* of descriptors and infos */
	uint64_t text_size; /* bytes */
	uint64_t desc_size, info_size;
	uint64_t state_offset, begin_offset, next_offset, length_offset;
};

/* One record, as far as it has text. */
struct ring_text {
	vmc_vaddr block; /* a word, the number of the record, before the text */
	uint32_t length;
	char text[UINT16_MAX];
};

static uint64_t offset_of(const struct ring *ring, enum fact_id id)
{
	return fact_or(ring->facts, id, 0);
}

static struct vmc_error *need_offsets(const struct ring *ring)
{
	static const enum fact_id needed[] = {
		FACT_OFFSET_prb_desc_ring,          FACT_OFFSET_prb_text_data_ring,
		FACT_OFFSET_desc_ring_descs,        FACT_OFFSET_desc_ring_infos,
		FACT_OFFSET_data_ring_data,         FACT_OFFSET_desc_ring_count_bits,
		FACT_OFFSET_blk_lpos_begin,         FACT_OFFSET_data_ring_size_bits,
		FACT_OFFSET_blk_lpos_next,          FACT_OFFSET_prb_desc_state_var,
		FACT_OFFSET_prb_desc_text_blk_lpos, FACT_OFFSET_printk_info_text_len,
	};
	uint64_t unused;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		TRY(fact_need(ring->facts, needed[i], &unused));
	return NULL;
}

/* All of a descriptor and of an info is read at once: their fields must be in them. */
static struct vmc_error *ring_sizes(struct ring *ring)
{
	uint64_t lpos = offset_of(ring, FACT_OFFSET_prb_desc_text_blk_lpos);
	unsigned int word = ring->layout.word_size;

	TRY(need_offsets(ring));
	TRY(fact_need(ring->facts, FACT_SIZE_prb_desc, &ring->desc_size));
	TRY(fact_need(ring->facts, FACT_SIZE_printk_info, &ring->info_size));
	ring->state_offset = offset_of(ring, FACT_OFFSET_prb_desc_state_var);
	ring->begin_offset = lpos + offset_of(ring, FACT_OFFSET_blk_lpos_begin);
	ring->next_offset = lpos + offset_of(ring, FACT_OFFSET_blk_lpos_next);
	ring->length_offset = offset_of(ring, FACT_OFFSET_printk_info_text_len);
	if (ring->desc_size > DESC_SIZE_MAX || ring->info_size > INFO_SIZE_MAX ||
	    ring->state_offset + word > ring->desc_size ||
	    ring->begin_offset + word > ring->desc_size ||
	    ring->next_offset + word > ring->desc_size || ring->length_offset + 2 > ring->info_size)
		return error_create(VMC_ERR_CORRUPT,
				    "SIZE(prb_desc)=%ju and SIZE(printk_info)=%ju do not fit their "
				    "fields",
				    (uintmax_t)ring->desc_size, (uintmax_t)ring->info_size);
	return NULL;
}

static struct vmc_error *ring_open(struct ring *ring)
{
	struct target_reader *reader = ring->strip->reader;
	uint64_t pointer, rb, size;
	uint32_t count_bits, size_bits;

	TRY(ring_sizes(ring));
	TRY(fact_need(ring->facts, FACT_SYMBOL_prb, &pointer));
	TRY(fact_need(ring->facts, FACT_SIZE_printk_ringbuffer, &size));
	TRY(target_read_word(reader, pointer, &rb));
	TRY(strip_keep(ring->strip, rb, min_u64(size, 1u << ring->strip->target->page_shift)));

	vmc_vaddr descs = rb + offset_of(ring, FACT_OFFSET_prb_desc_ring);
	vmc_vaddr text = rb + offset_of(ring, FACT_OFFSET_prb_text_data_ring);

	TRY(target_read_u32(reader, descs + offset_of(ring, FACT_OFFSET_desc_ring_count_bits),
			    &count_bits));
	TRY(target_read_word(reader, descs + offset_of(ring, FACT_OFFSET_desc_ring_descs),
			     &ring->descs));
	TRY(target_read_word(reader, descs + offset_of(ring, FACT_OFFSET_desc_ring_infos),
			     &ring->infos));
	TRY(target_read_u32(reader, text + offset_of(ring, FACT_OFFSET_data_ring_size_bits),
			    &size_bits));
	TRY(target_read_word(reader, text + offset_of(ring, FACT_OFFSET_data_ring_data),
			     &ring->text));
	if (count_bits > COUNT_BITS_MAX || size_bits > SIZE_BITS_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, rb,
				       "a ring of 2^%u records and 2^%u bytes", count_bits,
				       size_bits);
	ring->count = UINT64_C(1) << count_bits;
	ring->text_size = UINT64_C(1) << size_bits;
	return NULL;
}

/* Where the block from @begin to @next is: in one piece, at the start of the ring when it would run
 * over the end.  False when it has no data or makes no sense. */
static bool block_place(const struct ring *ring, uint64_t begin, uint64_t next,
			uint64_t *ret_offset, uint64_t *ret_size)
{
	uint64_t begin_wrap = begin / ring->text_size, next_wrap = (next - 1) / ring->text_size;

	if ((begin & 1) || next <= begin)
		return false;
	if (begin_wrap == next_wrap) {
		*ret_offset = begin % ring->text_size;
		*ret_size = next - begin;
	} else if (begin_wrap + 1 == next_wrap) {
		*ret_offset = 0;
		*ret_size = (next - 1) % ring->text_size + 1;
	} else {
		return false;
	}
	return *ret_size > ring->layout.word_size;
}

/* Reads record number @index; @record->length is 0 when it has no text that is still there. */
static struct vmc_error *ring_read(const struct ring *ring, uint64_t index,
				   struct ring_text *record)
{
	struct target_reader *reader = ring->strip->reader;
	unsigned int word = ring->layout.word_size, state_shift = 8 * word - 2;
	uint8_t desc[DESC_SIZE_MAX], info[INFO_SIZE_MAX];
	uint64_t offset, size, block_id;

	record->length = 0;
	TRY(target_read(reader, ring->descs + index * ring->desc_size, desc, ring->desc_size));
	TRY(target_read(reader, ring->infos + index * ring->info_size, info, ring->info_size));

	uint64_t state = load_word(ring->layout, desc + ring->state_offset);
	uint64_t id = state & ((UINT64_C(1) << state_shift) - 1);

	state >>= state_shift;
	if ((state != STATE_COMMITTED && state != STATE_FINALIZED) ||
	    !block_place(ring, load_word(ring->layout, desc + ring->begin_offset),
			 load_word(ring->layout, desc + ring->next_offset), &offset, &size))
		return NULL;
	record->block = ring->text + offset;
	TRY(target_read_word(reader, record->block, &block_id));
	if (block_id != id)
		return NULL;
	record->length =
		(uint32_t)min_u64(load_u16(ring->layout, info + ring->length_offset), size - word);
	return target_read(reader, record->block + word, record->text, record->length);
}

/* Adds to @shown the runs of @record that no name is in. */
static struct vmc_error *show_record(const struct ring *ring, const struct anonymizer *anonymizer,
				     struct ring_text *record, struct byte_ranges *shown)
{
	static const char blank = '\0';
	vmc_vaddr text = record->block + ring->layout.word_size;
	uint32_t start = 0;

	TRY(strip_place(ring->strip, shown, record->block, ring->layout.word_size));
	anonymizer_blank(anonymizer, record->text, record->length, blank);
	while (start < record->length) {
		uint32_t end = start;

		while (end < record->length && record->text[end] != blank)
			end++;
		TRY(strip_place(ring->strip, shown, text + start, end - start));
		start = end + 1;
	}
	return NULL;
}

/* @shown: NULL to learn names, else what is kept is added to it. */
static struct vmc_error *each_record(struct ring *ring, struct anonymizer *anonymizer,
				     struct byte_ranges *shown)
{
	_cleanup_free_ struct ring_text *record = malloc(sizeof(*record));

	if (!record)
		return error_nomem();
	for (uint64_t i = 0; i < ring->count; i++) {
		struct vmc_error *err = ring_read(ring, i, record);

		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err || !record->length) {
			vmc_error_free(err);
			continue;
		}
		if (shown)
			TRY(show_record(ring, anonymizer, record, shown));
		else
			TRY(anonymizer_learn(anonymizer, record->text, record->length));
	}
	return NULL;
}

/* Record by record: what is left in the ring of others, which were overwritten in part, is not
 * looked through and therefore blanked. */
static struct vmc_error *find_shown(struct ring *ring, struct byte_ranges *shown)
{
	struct vmc_target *target = ring->strip->target;
	struct anonymizer anonymizer;
	struct vmc_error *err = anonymizer_init(&anonymizer, target->uts[UTS_NODENAME],
						target->uts[UTS_DOMAINNAME]);

	if (!err)
		err = each_record(ring, &anonymizer, NULL);
	if (!err)
		err = each_record(ring, &anonymizer, shown);
	anonymizer_deinit(&anonymizer);
	return err;
}

/* Readers want the whole ring: its pages stay, with zeros for what is not shown. */
static struct vmc_error *blank_ring(struct ring *ring)
{
	_cleanup_(byte_ranges_deinit) struct byte_ranges shown;
	_cleanup_(byte_ranges_deinit) struct byte_ranges blank;

	byte_ranges_init(&shown);
	byte_ranges_init(&blank);
	TRY(strip_place(ring->strip, &blank, ring->text, ring->text_size));

	/* From here on text may have been read, and all of it is blanked on a failure. */
	struct vmc_error *err = find_shown(ring, &shown);

	if (!err)
		err = byte_ranges_subtract(&blank, &shown);
	if (!ring->strip->failure)
		ring->strip->failure = byte_ranges_add_all(&ring->strip->blank, &blank);
	return err;
}

static struct vmc_error *keep_ring(struct strip *strip)
{
	const struct facts *facts = &strip->target->facts;
	struct ring ring = {.strip = strip, .facts = facts, .layout = strip->target->layout};

	TRY(ring_open(&ring));
	TRY(strip_keep(strip, ring.descs, ring.count * ring.desc_size));
	TRY(strip_keep(strip, ring.infos, ring.count * ring.info_size));
	if (fact_known(facts, FACT_SYMBOL_clear_seq))
		TRY(strip_keep(strip, fact_or(facts, FACT_SYMBOL_clear_seq, 0),
			       min_u64(fact_or(facts, FACT_SIZE_latched_seq, 8), 64)));
	/* Names go first: on failure nothing of the text was read. */
	if (strip->options->anonymous)
		TRY(blank_ring(&ring));
	return strip_keep(strip, ring.text, ring.text_size);
}

/* To 5.9: one buffer, and variables that tell what of it is in use. */
static struct vmc_error *keep_buffer(struct strip *strip)
{
	static const enum fact_id variables[] = {
		FACT_SYMBOL_log_end,      FACT_SYMBOL_logged_chars, FACT_SYMBOL_log_first_idx,
		FACT_SYMBOL_log_next_idx, FACT_SYMBOL_clear_idx,
	};
	const struct facts *facts = &strip->target->facts;
	uint64_t pointer, length_address, buffer;
	uint32_t length;

	TRY(fact_need(facts, FACT_SYMBOL_log_buf, &pointer));
	TRY(fact_need(facts, FACT_SYMBOL_log_buf_len, &length_address));
	if (strip->options->anonymous)
		return error_create(VMC_ERR_UNSUPPORTED,
				    "names can be taken out of the log of kernels since 5.10 only");
	TRY(target_read_word(strip->reader, pointer, &buffer));
	TRY(target_read_u32(strip->reader, length_address, &length));
	if (length > UINT32_C(1) << SIZE_BITS_MAX)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, length_address,
				       "a log of %u bytes", length);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (fact_known(facts, variables[i]))
			TRY(strip_keep(strip, fact_or(facts, variables[i], 0),
				       strip->target->layout.word_size));
	}
	return strip_keep(strip, buffer, length);
}

struct vmc_error *strip_log(struct strip *strip)
{
	if (!fact_known(&strip->target->facts, FACT_SYMBOL_prb) &&
	    fact_known(&strip->target->facts, FACT_SYMBOL_log_buf))
		return keep_buffer(strip);
	return keep_ring(strip);
}
