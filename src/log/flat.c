/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A buffer of text, written round and round.  Lines begin with "<6>", the level, and may go on with
 * "[    0.000000] ".  Follows kernel/printk.c (2.6.25 to 3.4, where log_end has 32 bits).
 */
#include "base/checked.h"
#include "log/form.h"

/* One call of printk() had 1,024 bytes; a line can be of several. */
#define LINE_USUAL 1024

static struct vmc_error *flat_open(struct vmc_dmesg *dmesg)
{
	struct log_flat *flat = &dmesg->flat;
	uint64_t pointer, length, end, logged;
	uint32_t end_value, logged_value;

	TRY(fact_need(dmesg->facts, FACT_SYMBOL_log_buf, &pointer));
	TRY(fact_need(dmesg->facts, FACT_SYMBOL_log_buf_len, &length));
	TRY(fact_need(dmesg->facts, FACT_SYMBOL_log_end, &end));
	TRY(error_context(target_read_word(dmesg->reader, pointer, &flat->buffer), "log_buf"));
	TRY(error_context(target_read_u32(dmesg->reader, length, &flat->length), "log_buf_len"));
	TRY(error_context(target_read_u32(dmesg->reader, end, &end_value), "log_end"));
	if (!is_power_of_two(flat->length) || flat->length > LOG_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT, "log_buf_len is %u", flat->length);

	uint64_t size = min_u64(end_value, flat->length);

	/* Characters since it was cleared. */
	if (dmesg->options.since_clear) {
		TRY(fact_need(dmesg->facts, FACT_SYMBOL_logged_chars, &logged));
		TRY(error_context(target_read_u32(dmesg->reader, logged, &logged_value),
				  "logged_chars"));
		size = min_u64(size, logged_value);
	}
	/* It counts in 32 bits, and the buffer is a power of two: one round more does no harm. */
	flat->end = end_value + (UINT64_C(1) << 32);
	flat->at = flat->end - size;
	flat->inside = size == flat->length;
	return NULL;
}

/* Reads up to @size bytes at flat->at, which may go over the end of the buffer. */
static struct vmc_error *flat_read(struct vmc_dmesg *dmesg, char *bytes, size_t size)
{
	const struct log_flat *flat = &dmesg->flat;
	uint64_t place = flat->at & (flat->length - 1);
	size_t first = (size_t)min_u64(size, flat->length - place);

	TRY(target_read(dmesg->reader, flat->buffer + place, bytes, first));
	return target_read(dmesg->reader, flat->buffer, bytes + first, size - first);
}

/* Digits up to @stop; false when there is anything else, or too much of it. */
static bool take_number(const char **text, const char *end, char stop, uint64_t *ret_number)
{
	const char *at = *text;
	uint64_t number = 0;

	while (at < end && *at >= '0' && *at <= '9' && at - *text < 12)
		number = number * 10 + (uint64_t)(*at++ - '0');
	if (at == *text || at == end || *at != stop)
		return false;
	*text = at + 1;
	*ret_number = number;
	return true;
}

/* "<6>"; the number is that of syslog(3), with the facility in its upper bits. */
static const char *take_level(struct vmc_dmesg_record *record, const char *text, const char *end)
{
	const char *at = text + 1;
	uint64_t number;

	if (text == end || *text != '<' || !take_number(&at, end, '>', &number) || number > 255)
		return text;
	record->has_level = true;
	record->level = number & 7;
	record->facility = (uint8_t)(number >> 3);
	return at;
}

/* "[    1.234567] " */
static const char *take_time(struct vmc_dmesg_record *record, const char *text, const char *end)
{
	const char *at = text + 1, *fraction;
	uint64_t seconds, micros;

	if (text == end || *text != '[')
		return text;
	while (at < end && *at == ' ')
		at++;
	if (!take_number(&at, end, '.', &seconds))
		return text;
	fraction = at;
	if (!take_number(&at, end, ']', &micros) || at - fraction != 7 || seconds > UINT32_MAX)
		return text;
	record->has_time = true;
	record->time = seconds * 1000000000 + micros * 1000;
	return at < end && *at == ' ' ? at + 1 : at;
}

/* A line, or so much of it as there is room for. */
static void take_line(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record, size_t size)
{
	const char *end = memchr(dmesg->text, '\n', size), *text = dmesg->text;

	record->flags = end ? VMC_DMESG_NEWLINE : 0;
	dmesg->flat.at += end ? (size_t)(end - text) + 1 : size;
	if (!end)
		end = text + size;
	record->line = text;
	record->line_size = (size_t)(end - text);
	if (!dmesg->flat.inside)
		text = take_time(record, take_level(record, text, end), end);
	record->text = text;
	record->size = (size_t)(end - text);
	dmesg->flat.inside = !(record->flags & VMC_DMESG_NEWLINE);
}

static bool flat_next(struct vmc_dmesg *dmesg, struct vmc_dmesg_record *record)
{
	struct log_flat *flat = &dmesg->flat;

	while (flat->at < flat->end) {
		size_t size = (size_t)min_u64(flat->end - flat->at, LINE_USUAL);
		struct vmc_error *err = flat_read(dmesg, dmesg->text, size);

		if (!err && !memchr(dmesg->text, '\n', size)) {
			size = (size_t)min_u64(flat->end - flat->at, LOG_TEXT_MAX);
			err = flat_read(dmesg, dmesg->text, size);
		}
		if (err) {
			/* A page or so, where the next may be there again. */
			dmesg_damage(dmesg, err);
			flat->at += min_u64(size, 4096);
			flat->inside = true;
			continue;
		}
		*record = (struct vmc_dmesg_record){
			.seq = flat->seq++,
			.subsystem = "",
			.device = "",
		};
		take_line(dmesg, record, size);
		return true;
	}
	return false;
}

const struct log_form log_form_flat = {VMC_DMESG_FLAT, flat_open, flat_next};
