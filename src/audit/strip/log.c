/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log: the ring of 5.10 and later, and the buffer of before, which is kept as it is.
 */
#include "audit/strip/strip.h"

#include <string.h>

#include "audit/strip/anonymize.h"
#include "base/checked.h"
#include "log/ring.h"

/* LOG_BUF_LEN_MAX */
#define SIZE_MAX_LOG (UINT32_C(1) << 31)

struct blanking {
	struct strip *strip;
	struct log_ring ring;
	struct ring_record record;
	char text[UINT16_MAX];
};

/* Adds to @shown the runs of the record that no name is in. */
static struct vmc_error *show_record(struct blanking *blanking, const struct anonymizer *anonymizer,
				     struct byte_ranges *shown)
{
	static const char blank = '\0';
	const struct ring_record *record = &blanking->record;
	unsigned int word = blanking->ring.layout.word_size;
	uint32_t start = 0;

	TRY(strip_place(blanking->strip, shown, record->block, word));
	anonymizer_blank(anonymizer, blanking->text, record->length, blank);
	while (start < record->length) {
		uint32_t end = start;

		while (end < record->length && blanking->text[end] != blank)
			end++;
		TRY(strip_place(blanking->strip, shown, record->block + word + start, end - start));
		start = end + 1;
	}
	return NULL;
}

/* Record number @index of the ring, its length 0 when it has no text that is still there. */
static struct vmc_error *read_record(struct blanking *blanking, uint64_t index)
{
	TRY(log_ring_read(&blanking->ring, index, &blanking->record));
	return log_ring_read_text(&blanking->ring, &blanking->record, blanking->text);
}

/* @shown: NULL to learn names, else what is kept is added to it. */
static struct vmc_error *each_record(struct blanking *blanking, struct anonymizer *anonymizer,
				     struct byte_ranges *shown)
{
	for (uint64_t i = 0; i < blanking->ring.count; i++) {
		struct vmc_error *err = read_record(blanking, i);

		if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
			return err;
		if (err || !blanking->record.length) {
			vmc_error_free(err);
			continue;
		}
		if (shown)
			TRY(show_record(blanking, anonymizer, shown));
		else
			TRY(anonymizer_learn(anonymizer, blanking->text, blanking->record.length));
	}
	return NULL;
}

/* Record by record: what is left in the ring of others, which were overwritten in part, is not
 * looked through and therefore blanked. */
static struct vmc_error *find_shown(struct blanking *blanking, struct byte_ranges *shown)
{
	struct vmc_target *target = blanking->strip->target;
	struct anonymizer anonymizer;
	struct vmc_error *err = anonymizer_init(&anonymizer, target->uts[UTS_NODENAME],
						target->uts[UTS_DOMAINNAME]);

	if (!err)
		err = each_record(blanking, &anonymizer, NULL);
	if (!err)
		err = each_record(blanking, &anonymizer, shown);
	anonymizer_deinit(&anonymizer);
	return err;
}

/* Readers want the whole ring: its pages stay, with zeros for what is not shown. */
static struct vmc_error *blank_ring(struct strip *strip, const struct log_ring *ring)
{
	_cleanup_(byte_ranges_deinit) struct byte_ranges shown;
	_cleanup_(byte_ranges_deinit) struct byte_ranges blank;
	_cleanup_free_ struct blanking *blanking = malloc(sizeof(*blanking));

	byte_ranges_init(&shown);
	byte_ranges_init(&blank);
	if (!blanking)
		return error_nomem();
	blanking->strip = strip;
	blanking->ring = *ring;
	TRY(strip_place(strip, &blank, ring->text, ring->text_size));

	/* From here on text may have been read, and all of it is blanked on a failure. */
	struct vmc_error *err = find_shown(blanking, &shown);

	if (!err)
		err = byte_ranges_subtract(&blank, &shown);
	if (!strip->failure)
		strip->failure = byte_ranges_add_all(&strip->blank, &blank);
	return err;
}

static struct vmc_error *keep_ring(struct strip *strip)
{
	const struct facts *facts = &strip->target->facts;
	struct log_ring ring;

	TRY(log_ring_open(&ring, facts, strip->reader));
	TRY(strip_keep(strip, ring.address, min_u64(ring.size, 1u << strip->target->page_shift)));
	TRY(strip_keep(strip, ring.descs, ring.count * ring.desc_size));
	TRY(strip_keep(strip, ring.infos, ring.count * ring.info_size));
	if (fact_known(facts, FACT_SYMBOL_clear_seq))
		TRY(strip_keep(strip, fact_or(facts, FACT_SYMBOL_clear_seq, 0),
			       min_u64(fact_or(facts, FACT_SIZE_latched_seq, 8), 64)));
	/* Names go first: on failure nothing of the text was read. */
	if (strip->options->anonymous)
		TRY(blank_ring(strip, &ring));
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
	if (length > SIZE_MAX_LOG)
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
