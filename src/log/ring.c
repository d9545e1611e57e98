/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of a ring.  Follows kernel/printk/printk_ringbuffer.h (5.10 to 7.3). */
#include "log/ring.h"

#include "base/checked.h"

/* LOG_BUF_LEN_MAX is 2 GiB; the default has 2^12 descriptors, one for 32 bytes of text. */
#define COUNT_BITS_MAX 26
#define SIZE_BITS_MAX  31

/* Positions of blocks without data have the lowest bit set. */
#define LPOS_EMPTY_LINE 3

static struct vmc_error *need_offsets(const struct facts *facts)
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
		TRY(fact_need(facts, needed[i], &unused));
	return NULL;
}

/* Is there room for @size bytes at @offset of a structure? */
static bool has_field(uint64_t structure, uint64_t offset, uint64_t size)
{
	return size <= structure && offset <= structure - size;
}

/* All of a descriptor and of an info is read at once: their fields must be in them. */
static struct vmc_error *ring_sizes(struct log_ring *ring, const struct facts *facts)
{
	uint64_t lpos = fact_or(facts, FACT_OFFSET_prb_desc_text_blk_lpos, 0);
	unsigned int word = ring->layout.word_size;

	TRY(need_offsets(facts));
	TRY(fact_need(facts, FACT_SIZE_prb_desc, &ring->desc_size));
	TRY(fact_need(facts, FACT_SIZE_printk_info, &ring->info_size));
	ring->state_offset = fact_or(facts, FACT_OFFSET_prb_desc_state_var, 0);
	ring->begin_offset = lpos + fact_or(facts, FACT_OFFSET_blk_lpos_begin, 0);
	ring->next_offset = lpos + fact_or(facts, FACT_OFFSET_blk_lpos_next, 0);
	ring->length_offset = fact_or(facts, FACT_OFFSET_printk_info_text_len, 0);
	if (ring->desc_size > RING_DESC_SIZE_MAX || ring->info_size > RING_INFO_SIZE_MAX ||
	    !has_field(ring->desc_size, ring->state_offset, word) ||
	    !has_field(ring->desc_size, ring->begin_offset, word) ||
	    !has_field(ring->desc_size, ring->next_offset, word) ||
	    !has_field(ring->info_size, ring->length_offset, 4)) /* facility and level follow */
		return error_create(VMC_ERR_CORRUPT,
				    "SIZE(prb_desc)=%ju and SIZE(printk_info)=%ju do not fit their "
				    "fields",
				    (uintmax_t)ring->desc_size, (uintmax_t)ring->info_size);
	return NULL;
}

struct vmc_error *log_ring_open(struct log_ring *ring, const struct facts *facts,
				struct target_reader *reader)
{
	uint32_t count_bits, size_bits;
	uint64_t pointer;

	*ring = (struct log_ring){
		.reader = reader,
		.layout = target_reader_target(reader)->layout,
	};
	TRY(fact_need(facts, FACT_SYMBOL_prb, &pointer));
	TRY(ring_sizes(ring, facts));
	TRY(fact_need(facts, FACT_SIZE_printk_ringbuffer, &ring->size));
	TRY(error_context(target_read_word(reader, pointer, &ring->address), "prb"));

	vmc_vaddr descs = ring->address + fact_or(facts, FACT_OFFSET_prb_desc_ring, 0);
	vmc_vaddr text = ring->address + fact_or(facts, FACT_OFFSET_prb_text_data_ring, 0);

	TRY(target_read_u32(reader, descs + fact_or(facts, FACT_OFFSET_desc_ring_count_bits, 0),
			    &count_bits));
	TRY(target_read_word(reader, descs + fact_or(facts, FACT_OFFSET_desc_ring_descs, 0),
			     &ring->descs));
	TRY(target_read_word(reader, descs + fact_or(facts, FACT_OFFSET_desc_ring_infos, 0),
			     &ring->infos));
	TRY(target_read_u32(reader, text + fact_or(facts, FACT_OFFSET_data_ring_size_bits, 0),
			    &size_bits));
	TRY(target_read_word(reader, text + fact_or(facts, FACT_OFFSET_data_ring_data, 0),
			     &ring->text));
	/* None has more records than bytes. */
	if (count_bits > COUNT_BITS_MAX || size_bits > SIZE_BITS_MAX || count_bits > size_bits)
		return error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, ring->address,
				       "a ring of 2^%u records and 2^%u bytes", count_bits,
				       size_bits);
	ring->count = UINT64_C(1) << count_bits;
	ring->text_size = UINT64_C(1) << size_bits;
	return NULL;
}

uint64_t log_ring_id_mask(const struct log_ring *ring)
{
	return (UINT64_C(1) << (8 * ring->layout.word_size - 2)) - 1;
}

/* Where the block from @begin to @next is: in one piece, at the start of the ring when it would run
 * over the end.  Positions count on without end and wrap with the word.  From 6.18 on a block can
 * end with the ring, so its last byte decides. */
static bool block_place(const struct log_ring *ring, uint64_t begin, uint64_t next,
			uint64_t *ret_offset, uint64_t *ret_size)
{
	uint64_t size = (next - begin) & layout_word_max(ring->layout);
	uint64_t offset = begin & (ring->text_size - 1);
	uint64_t end = offset + size;

	if ((begin & 1) || size == 0 || size > 2 * ring->text_size)
		return false;
	if (end <= ring->text_size) {
		*ret_offset = offset;
		*ret_size = size;
	} else {
		*ret_offset = 0;
		*ret_size = end - ring->text_size;
	}
	return *ret_size > ring->layout.word_size && *ret_size <= ring->text_size;
}

static struct vmc_error *find_text(const struct log_ring *ring, uint64_t begin, uint64_t next,
				   struct ring_record *record)
{
	uint32_t wanted = load_u16(ring->layout, record->info + ring->length_offset);
	unsigned int word = ring->layout.word_size;
	uint64_t offset, size, id;

	record->length = 0;
	if ((begin & 1) && begin == next) {
		record->kind = begin == LPOS_EMPTY_LINE ? RING_TEXT_EMPTY : RING_TEXT_NONE;
		return NULL;
	}
	record->kind = RING_TEXT_BAD;
	if (!block_place(ring, begin, next, &offset, &size))
		return NULL;
	record->block = ring->text + offset;
	TRY(target_read_word(ring->reader, record->block, &id));
	if (id != record->id)
		return NULL;
	record->length = (uint32_t)min_u64(wanted, size - word);
	record->kind = record->length < wanted ? RING_TEXT_CUT : RING_TEXT_WHOLE;
	return NULL;
}

struct vmc_error *log_ring_read(const struct log_ring *ring, uint64_t index,
				struct ring_record *record)
{
	unsigned int state_shift = 8u * ring->layout.word_size - 2;
	uint8_t desc[RING_DESC_SIZE_MAX];

	TRY(target_read(ring->reader, ring->descs + index * ring->desc_size, desc,
			ring->desc_size));
	TRY(target_read(ring->reader, ring->infos + index * ring->info_size, record->info,
			ring->info_size));

	uint64_t state = load_word(ring->layout, desc + ring->state_offset);

	record->id = state & log_ring_id_mask(ring);
	record->state = (enum ring_state)(state >> state_shift);
	record->kind = RING_TEXT_NONE;
	record->length = 0;
	if (record->state != RING_COMMITTED && record->state != RING_FINALIZED)
		return NULL;
	return find_text(ring, load_word(ring->layout, desc + ring->begin_offset),
			 load_word(ring->layout, desc + ring->next_offset), record);
}

struct vmc_error *log_ring_read_text(const struct log_ring *ring, const struct ring_record *record,
				     char *text)
{
	if (!record->length)
		return NULL;
	return target_read(ring->reader, record->block + ring->layout.word_size, text,
			   record->length);
}
