/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring as a log: from tail to head, each descriptor once. */
#include "base/checked.h"
#include "log/form.h"

/* A ring of which so many records cannot be read is none: the walk ends. */
#define DAMAGED_MAX 65536

/* What is read of an info beside the length of its text; fields of 5.10 and later. */
static struct vmc_error *walk_offsets(struct vmc_dmesg *dmesg)
{
	struct log_walk *walk = &dmesg->walk;
	const struct facts *facts = dmesg->facts;
	uint64_t size = walk->ring.info_size, dev;

	TRY(fact_need(facts, FACT_OFFSET_printk_info_seq, &walk->seq_offset));
	TRY(fact_need(facts, FACT_OFFSET_printk_info_ts_nsec, &walk->time_offset));
	if (size < 8 || walk->seq_offset > size - 8 || walk->time_offset > size - 8)
		return error_create(VMC_ERR_CORRUPT,
				    "SIZE(printk_info)=%ju does not fit its fields",
				    (uintmax_t)size);
	walk->caller_offset = fact_or(facts, FACT_OFFSET_printk_info_caller_id, UINT64_MAX);
	if (walk->caller_offset > size - 4)
		walk->caller_offset = UINT64_MAX;

	dev = fact_or(facts, FACT_OFFSET_printk_info_dev_info, size);
	walk->subsystem_size = fact_or(facts, FACT_LENGTH_printk_info_subsystem, 0);
	walk->device_size = fact_or(facts, FACT_LENGTH_printk_info_device, 0);
	walk->subsystem_offset = dev + fact_or(facts, FACT_OFFSET_dev_info_subsystem, 0);
	walk->device_offset = dev + fact_or(facts, FACT_OFFSET_dev_info_device, 0);
	if (walk->subsystem_size >= LOG_WORD_MAX || walk->subsystem_offset > size ||
	    walk->subsystem_size > size - walk->subsystem_offset)
		walk->subsystem_size = 0;
	if (walk->device_size >= LOG_WORD_MAX || walk->device_offset > size ||
	    walk->device_size > size - walk->device_offset)
		walk->device_size = 0;
	return NULL;
}

static uint64_t record_seq(const struct vmc_dmesg *dmesg)
{
	return load_u64(dmesg->layout, dmesg->walk.record.info + dmesg->walk.seq_offset);
}

/* The youngest of all records, by their own numbers. */
static bool find_youngest(struct vmc_dmesg *dmesg, uint64_t *ret_id)
{
	struct log_walk *walk = &dmesg->walk;
	struct ring_record *record = &walk->record;
	uint64_t youngest = 0, unreadable = 0;
	bool found = false;

	for (uint64_t i = 0; i < walk->ring.count && unreadable < DAMAGED_MAX; i++) {
		struct vmc_error *err = log_ring_read(&walk->ring, i, record);

		if (err) {
			vmc_error_free(err); /* the walk tells of it */
			unreadable++;
			continue;
		}
		if ((record->state != RING_COMMITTED && record->state != RING_FINALIZED) ||
		    (record->id & (walk->ring.count - 1)) != i ||
		    (found && record_seq(dmesg) <= youngest))
			continue;
		found = true;
		youngest = record_seq(dmesg);
		*ret_id = record->id;
	}
	return found;
}

/* Is @head the id of its descriptor, or going to be?  Its writer counts head_id up first. */
static bool head_is_sound(struct vmc_dmesg *dmesg, uint64_t head)
{
	struct log_walk *walk = &dmesg->walk;
	uint64_t mask = log_ring_id_mask(&walk->ring);
	struct vmc_error *err =
		log_ring_read(&walk->ring, head & (walk->ring.count - 1), &walk->record);

	if (err) {
		vmc_error_free(err); /* the walk tells of it */
		return true;
	}
	return walk->record.id == head || walk->record.id == ((head - walk->ring.count) & mask);
}

/* Which ids there are.  Without a head and a tail that make sense, those up to the youngest. */
static struct vmc_error *walk_range(struct vmc_dmesg *dmesg)
{
	struct log_walk *walk = &dmesg->walk;
	const struct facts *facts = dmesg->facts;
	uint64_t mask = log_ring_id_mask(&walk->ring), head_offset, tail_offset, head, tail;
	vmc_vaddr descs = walk->ring.address + fact_or(facts, FACT_OFFSET_prb_desc_ring, 0);

	TRY(fact_need(facts, FACT_OFFSET_desc_ring_head_id, &head_offset));
	TRY(fact_need(facts, FACT_OFFSET_desc_ring_tail_id, &tail_offset));
	TRY(target_read_word(dmesg->reader, descs + head_offset, &head));
	TRY(target_read_word(dmesg->reader, descs + tail_offset, &tail));
	walk->id = tail & mask;
	walk->left = ((head - tail) & mask) + 1;
	if (walk->left <= walk->ring.count && !(head & ~mask) && !(tail & ~mask) &&
	    head_is_sound(dmesg, head))
		return NULL;

	dmesg_damage(dmesg, error_create_at(VMC_ERR_CORRUPT, ERROR_AT_VADDR, descs,
					    "head_id 0x%jx and tail_id 0x%jx do not fit a ring of "
					    "%ju records: all descriptors are looked at",
					    (uintmax_t)head, (uintmax_t)tail,
					    (uintmax_t)walk->ring.count));
	walk->left = 0;
	if (find_youngest(dmesg, &head)) {
		walk->id = (head - (walk->ring.count - 1)) & mask;
		walk->left = walk->ring.count;
	}
	return NULL;
}

/* The number of the first record since the log was cleared.  Since 5.13 there are two, and the
 * lowest bit of a count of changes before them tells which one is not being written. */
static struct vmc_error *read_clear_seq(const struct vmc_dmesg *dmesg, uint64_t *ret_seq)
{
	const struct facts *facts = dmesg->facts;
	uint64_t address, offset;
	uint32_t latch;

	TRY(fact_need(facts, FACT_SYMBOL_clear_seq, &address));
	if (fact_known(facts, FACT_SIZE_latched_seq)) {
		TRY(fact_need(facts, FACT_OFFSET_latched_seq_val, &offset));
		TRY(target_read_u32(dmesg->reader, address, &latch));
		address += offset + (latch & 1) * 8;
	}
	return target_read_u64(dmesg->reader, address, ret_seq);
}

/* A number that no record can have yet is damage, and hides nothing. */
static void walk_since_clear(struct vmc_dmesg *dmesg)
{
	struct log_walk *walk = &dmesg->walk;
	uint64_t head = walk->id + walk->left - 1, seq;
	struct vmc_error *err = read_clear_seq(dmesg, &seq);

	if (!err && walk->left)
		err = log_ring_read(&walk->ring, head & (walk->ring.count - 1), &walk->record);
	/* The writer of the youngest record may not have got to giving it a number. */
	if (!err && walk->left && walk->record.state != RING_RESERVED &&
	    walk->record.state != RING_REUSABLE && seq > record_seq(dmesg) + 1)
		err = error_create(VMC_ERR_CORRUPT, "clear_seq is %ju, but the last record is %ju",
				   (uintmax_t)seq, (uintmax_t)record_seq(dmesg));
	if (err)
		dmesg_damage(dmesg, error_context(err, "all of the log is given"));
	else
		walk->first_seq = seq;
}

static struct vmc_error *walk_open(struct vmc_dmesg *dmesg)
{
	TRY(log_ring_open(&dmesg->walk.ring, dmesg->facts, dmesg->reader));
	TRY(walk_offsets(dmesg));
	TRY(walk_range(dmesg));
	if (dmesg->options.since_clear)
		walk_since_clear(dmesg);
	return NULL;
}

static void take_word(char word[static LOG_WORD_MAX], const uint8_t *bytes, uint64_t size)
{
	memcpy(word, bytes, size);
	word[size] = '\0';
}

static void take_info(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record)
{
	const struct log_walk *walk = &dmesg->walk;
	const uint8_t *info = walk->record.info;

	record->seq = record_seq(dmesg);
	record->has_time = true;
	record->time = load_u64(dmesg->layout, info + walk->time_offset);
	record_take_bits(record, dmesg->layout, info[walk->ring.length_offset + 2],
			 info[walk->ring.length_offset + 3]);
	if (walk->caller_offset != UINT64_MAX) {
		record->has_caller = true;
		record->caller = load_u32(dmesg->layout, info + walk->caller_offset);
	}
	take_word(dmesg->subsystem, info + walk->subsystem_offset, walk->subsystem_size);
	take_word(dmesg->device, info + walk->device_offset, walk->device_size);
}

/* Whatever of the text is there; what is wrong with it is damage. */
static struct vmc_error *take_text(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record)
{
	const struct ring_record *found = &dmesg->walk.record;

	record->is_empty_line = found->kind == RING_TEXT_EMPTY;
	if (found->kind == RING_TEXT_NONE)
		return NULL;
	record->text = dmesg->text;
	if (found->kind == RING_TEXT_BAD)
		return error_create(VMC_ERR_CORRUPT,
				    "record %ju: its text is not where it should be",
				    (uintmax_t)record->seq);
	if (!found->length)
		return NULL;
	TRY(log_ring_read_text(&dmesg->walk.ring, found, dmesg->text));
	record->size = found->length;
	if (found->kind == RING_TEXT_CUT)
		dmesg_damage(dmesg, error_create(VMC_ERR_CORRUPT,
						 "record %ju: its text is cut after %u bytes",
						 (uintmax_t)record->seq, found->length));
	return NULL;
}

/* Reads descriptor @id, and its text; *ret_found when it is a record to be given. */
static struct vmc_error *walk_take(struct vmc_dmesg *dmesg, uint64_t id,
				   struct vmc_dmesg_record *record, bool *ret_found)
{
	struct log_walk *walk = &dmesg->walk;

	TRY(log_ring_read(&walk->ring, id & (walk->ring.count - 1), &walk->record));
	if (walk->record.state != RING_COMMITTED && walk->record.state != RING_FINALIZED)
		return NULL;
	if (walk->record.id != id)
		return error_create(VMC_ERR_CORRUPT, "a descriptor is of record 0x%jx, not 0x%jx",
				    (uintmax_t)walk->record.id, (uintmax_t)id);
	take_info(dmesg, record);
	if (record->seq < walk->first_seq)
		return NULL;
	TRY(take_text(dmesg, record));
	*ret_found = true;
	return NULL;
}

static bool walk_next(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record)
{
	struct log_walk *walk = &dmesg->walk;

	while (walk->left && dmesg->damaged < DAMAGED_MAX) {
		uint64_t id = walk->id;
		bool found = false;

		walk->left--;
		walk->id = (id + 1) & log_ring_id_mask(&walk->ring);
		*record = (struct vmc_dmesg_record){
			.subsystem = dmesg->subsystem,
			.device = dmesg->device,
		};

		struct vmc_error *err = walk_take(dmesg, id, record, &found);

		if (err)
			dmesg_damage(dmesg, err);
		else if (found)
			return true;
	}
	return false;
}

const struct log_form log_form_ring = {VMC_DMESG_RING, walk_open, walk_next};
