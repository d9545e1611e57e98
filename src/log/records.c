/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A buffer of records of any length, each with a head, text and a dictionary.  Follows
 * kernel/printk.c, later kernel/printk/printk.c (3.6 to 5.9; 3.5 kept level and facility
 * otherwise).
 */
#include "base/checked.h"
#include "log/form.h"

#define HEAD_SIZE_MAX 64

struct head {
	uint16_t length, text_length, dict_length; /* the first of all, with padding */
	uint64_t dict_offset;
	uint8_t bytes[HEAD_SIZE_MAX];
};

static struct vmc_error *need_head(struct vmc_dmesg *dmesg)
{
	const struct facts *facts = dmesg->facts;
	uint64_t size, time, length, text;

	TRY(fact_need(facts, FACT_SIZE_printk_log, &size));
	TRY(fact_need(facts, FACT_OFFSET_printk_log_ts_nsec, &time));
	TRY(fact_need(facts, FACT_OFFSET_printk_log_len, &length));
	TRY(fact_need(facts, FACT_OFFSET_printk_log_text_len, &text));
	/* Behind the length of the dictionary, of which no offset may be told, come 2 bytes. */
	uint64_t dict = fact_or(facts, FACT_OFFSET_printk_log_dict_len, text + 2);

	if (size < 16 || size > HEAD_SIZE_MAX || time > size - 8 || length > size - 2 ||
	    text > size - 2 || dict > size - 4 ||
	    fact_or(facts, FACT_OFFSET_printk_log_caller_id, 0) > size - 4)
		return error_create(VMC_ERR_CORRUPT, "SIZE(printk_log)=%ju does not fit its fields",
				    (uintmax_t)size);
	dmesg->records.size = (uint32_t)size;
	return NULL;
}

static struct vmc_error *read_index(const struct vmc_dmesg *dmesg, enum fact_id id,
				    uint32_t *ret_index)
{
	uint64_t address;

	TRY(fact_need(dmesg->facts, id, &address));
	return error_context(target_read_u32(dmesg->reader, address, ret_index), "%s",
			     fact_name(id));
}

/* Reads a head.  False after telling of damage. */
static bool head_read(struct vmc_dmesg *dmesg, uint32_t at, struct head *head)
{
	const struct log_records *records = &dmesg->records;
	const struct facts *facts = dmesg->facts;
	uint64_t text = fact_or(facts, FACT_OFFSET_printk_log_text_len, 0);
	struct vmc_error *err = NULL;

	if (at > records->length - records->size)
		err = error_create(VMC_ERR_CORRUPT, "a record at 0x%x, in a buffer of 0x%x bytes",
				   at, records->length);
	if (!err)
		err = target_read(dmesg->reader, records->buffer + at, head->bytes, records->size);
	if (err) {
		dmesg_damage(dmesg, err);
		return false;
	}
	head->length = load_u16(dmesg->layout,
				head->bytes + fact_or(facts, FACT_OFFSET_printk_log_len, 0));
	head->text_length = load_u16(dmesg->layout, head->bytes + text);
	head->dict_offset = fact_or(facts, FACT_OFFSET_printk_log_dict_len, text + 2);
	head->dict_length = load_u16(dmesg->layout, head->bytes + head->dict_offset);
	return true;
}

/* Reads the head at @at and finds it to be of a record in the part of the buffer that is walked. */
static bool head_check(struct vmc_dmesg *dmesg, uint32_t at, struct head *head)
{
	const struct log_records *records = &dmesg->records;
	uint32_t limit = records->wrapped ? records->first : records->length;

	if (!head_read(dmesg, at, head))
		return false;
	if (head->length == 0 && !records->wrapped)
		return true; /* the mark of the end */
	if (head->length >= records->size && at <= limit && head->length <= limit - at)
		return true;
	dmesg_damage(dmesg, error_create(VMC_ERR_CORRUPT,
					 "a record at 0x%x has a length of %u: those behind it are "
					 "not found",
					 at, head->length));
	return false;
}

/* Finds the record at records->at and goes on to the one behind it.  There is always one at the
 * begin of the buffer, where it goes on after a mark, and after what is damaged.  False at the end.
 */
static bool records_step(struct vmc_dmesg *dmesg, struct head *head, uint32_t *ret_at)
{
	struct log_records *records = &dmesg->records;

	while (records->at != records->end) {
		uint32_t at = records->at;
		bool sound = head_check(dmesg, at, head);

		if (sound && head->length) {
			records->at = at + head->length;
			*ret_at = at;
			return true;
		}
		if (records->wrapped || (!sound && records->end >= records->first)) {
			records->at = records->end;
			break;
		}
		records->wrapped = true;
		records->at = 0;
	}
	return false;
}

/* Goes to the first record since the log was cleared, if it is still there.  Its index is 0 when
 * nothing was cleared: a record gets to the begin of the buffer only after a mark at its end, which
 * is where the index would be then. */
static struct vmc_error *records_since_clear(struct vmc_dmesg *dmesg)
{
	struct log_records *records = &dmesg->records;
	const struct log_records first = *records;
	struct head head;
	uint32_t clear, at;

	if (!fact_known(dmesg->facts, FACT_SYMBOL_clear_idx)) {
		dmesg_warn(dmesg, "VMCOREINFO has no SYMBOL(clear_idx): nothing tells when the log "
				  "was cleared, all of it is given");
		return NULL;
	}
	TRY(read_index(dmesg, FACT_SYMBOL_clear_idx, &clear));
	if (clear == 0)
		return NULL;

	/* Damage on the way there is of no interest, or found again. */
	const struct vmc_dmesg_options options = dmesg->options;

	dmesg->options.quiet = true;
	while (records->at != clear && records_step(dmesg, &head, &at))
		records->seq++;
	dmesg->options = options;
	dmesg->damaged = 0;
	/* Its record was overwritten, so that all that there are are younger? */
	if (records->at != clear)
		*records = first;
	return NULL;
}

static struct vmc_error *records_open(struct vmc_dmesg *dmesg)
{
	struct log_records *records = &dmesg->records;
	uint64_t pointer;

	TRY(need_head(dmesg));
	TRY(fact_need(dmesg->facts, FACT_SYMBOL_log_buf, &pointer));
	TRY(error_context(target_read_word(dmesg->reader, pointer, &records->buffer), "log_buf"));
	TRY(read_index(dmesg, FACT_SYMBOL_log_buf_len, &records->length));
	TRY(read_index(dmesg, FACT_SYMBOL_log_first_idx, &records->at));
	TRY(read_index(dmesg, FACT_SYMBOL_log_next_idx, &records->end));
	if (records->length > LOG_SIZE_MAX || records->length < records->size)
		return error_create(VMC_ERR_CORRUPT, "log_buf_len is %u", records->length);
	records->first = records->at;
	return dmesg->options.since_clear ? records_since_clear(dmesg) : NULL;
}

/* "SUBSYSTEM=pci\0DEVICE=+pci:0000:00:1f.2": the only ones that kernels write. */
static void take_dictionary(struct vmc_dmesg *dmesg, const char *dict, size_t size)
{
	const struct {
		const char *name;
		char *word;
	} words[] = {{"SUBSYSTEM=", dmesg->subsystem}, {"DEVICE=", dmesg->device}};

	for (size_t i = 0; i < 2; i++)
		words[i].word[0] = '\0';
	while (size) {
		size_t length = strnlen(dict, size);

		for (size_t i = 0; i < 2; i++) {
			size_t name = strlen(words[i].name);

			if (length < name || length - name >= LOG_WORD_MAX ||
			    memcmp(dict, words[i].name, name) != 0)
				continue;
			memcpy(words[i].word, dict + name, length - name);
			words[i].word[length - name] = '\0';
		}
		length += length < size; /* the NUL */
		dict += length;
		size -= length;
	}
}

static void take_head(const struct vmc_dmesg *dmesg, const struct head *head,
		      struct vmc_dmesg_record *record)
{
	const struct facts *facts = dmesg->facts;
	uint64_t time = fact_or(facts, FACT_OFFSET_printk_log_ts_nsec, 0);
	uint64_t caller = fact_or(facts, FACT_OFFSET_printk_log_caller_id, 0);

	record->has_time = true;
	record->time = load_u64(dmesg->layout, head->bytes + time);
	record_take_bits(record, dmesg->layout, head->bytes[head->dict_offset + 2],
			 head->bytes[head->dict_offset + 3]);
	if (fact_known(facts, FACT_OFFSET_printk_log_caller_id)) {
		record->has_caller = true;
		record->caller = load_u32(dmesg->layout, head->bytes + caller);
	}
}

/* Text and dictionary lie one behind the other, and are read into the same buffer in turn. */
static struct vmc_error *take_text(struct vmc_dmesg *dmesg, const struct head *head, uint32_t at,
				   struct vmc_dmesg_record *record)
{
	vmc_vaddr address = dmesg->records.buffer + at + dmesg->records.size;
	uint32_t room = head->length - dmesg->records.size;
	uint32_t text = (uint32_t)min_u64(head->text_length, room);
	uint32_t dict = (uint32_t)min_u64(head->dict_length, room - text);

	TRY(target_read(dmesg->reader, address + text, dmesg->text, dict));
	take_dictionary(dmesg, dmesg->text, dict);
	TRY(target_read(dmesg->reader, address, dmesg->text, text));
	record->size = text;
	if (text < head->text_length || dict < head->dict_length)
		return error_create(VMC_ERR_CORRUPT,
				    "a record at 0x%x of %u bytes has %u of text and %u of "
				    "dictionary",
				    at, head->length, head->text_length, head->dict_length);
	return NULL;
}

static bool records_next(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record)
{
	struct head head;
	uint32_t at;

	if (!records_step(dmesg, &head, &at))
		return false;
	*record = (struct vmc_dmesg_record){
		.seq = dmesg->records.seq++,
		.text = dmesg->text,
		.subsystem = dmesg->subsystem,
		.device = dmesg->device,
	};
	dmesg->subsystem[0] = dmesg->device[0] = '\0';
	take_head(dmesg, &head, record);

	struct vmc_error *err = take_text(dmesg, &head, at, record);

	if (err)
		dmesg_damage(dmesg, err);
	return true;
}

const struct log_form log_form_records = {VMC_DMESG_RECORDS, records_open, records_next};
