/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/unit.h"

#include <string.h>

#include "base/checked.h"
#include "base/zero.h"

struct encoder {
	const struct vmc_plan *plan;
	const struct vmc_codec *codec;
	void *state;
	struct vmc_dump_cursor *cursor;
	size_t page_size;
	vmc_pfn end;   /* of the pages that are wanted */
	uint8_t *page; /* for pages that do not lie together in the file */
};

struct vmc_error *unit_create(struct unit **ret_unit)
{
	_cleanup_(unit_destroy) struct unit *unit = calloc(1, sizeof(*unit));

	if (!unit)
		return error_nomem();
	unit->data = malloc(UNIT_BYTES);
	if (!unit->data)
		return error_nomem();
	*ret_unit = take_ptr(unit);
	return NULL;
}

void unit_destroy(struct unit *unit)
{
	if (!unit)
		return;
	vmc_error_free(unit->first_loss);
	free(unit->data);
	free(unit);
}

struct vmc_error *encoder_create(const struct vmc_plan *plan, struct vmc_codec_spec codec,
				 struct encoder **ret_encoder)
{
	_cleanup_(encoder_destroy) struct encoder *encoder = calloc(1, sizeof(*encoder));

	if (!encoder)
		return error_nomem();
	encoder->plan = plan;
	encoder->page_size = plan->target->dump->page_size;
	encoder->end = UINT64_MAX;
	encoder->page = malloc(encoder->page_size);
	if (!encoder->page)
		return error_nomem();
	TRY(vmc_dump_cursor_create(plan->target->dump, &encoder->cursor));
	TRY(codec.codec->encoder_create(codec.level, &encoder->state));
	encoder->codec = codec.codec;
	*ret_encoder = take_ptr(encoder);
	return NULL;
}

void encoder_destroy(struct encoder *encoder)
{
	if (!encoder)
		return;
	if (encoder->codec)
		encoder->codec->encoder_destroy(encoder->state);
	vmc_dump_cursor_destroy(encoder->cursor);
	free(encoder->page);
	free(encoder);
}

/* Compresses behind what the unit holds; a page that does not shrink is stored as it is. */
static void add_data(struct encoder *encoder, const void *page, struct unit *unit,
		     struct unit_page *entry)
{
	uint8_t *out = unit->data + unit->data_size;
	size_t size = encoder->codec->encode(encoder->state, page, encoder->page_size, out,
					     encoder->page_size - 1);

	entry->kind = UNIT_PAGE_STORED;
	entry->format = encoder->codec->format;
	if (!size) {
		memcpy(out, page, encoder->page_size);
		entry->format = CODEC_RAW;
		size = encoder->page_size;
	}
	entry->size = (uint32_t)size;
}

static struct vmc_error *encode_page(struct encoder *encoder, vmc_pfn pfn, struct unit *unit,
				     struct unit_page *entry)
{
	const void *page;

	TRY(dump_get_page(encoder->cursor, pfn, encoder->page, &page));
	if (encoder->plan->parts.active) {
		if (page != encoder->page)
			memcpy(encoder->page, page, encoder->page_size);
		plan_parts_blank(&encoder->plan->parts, pfn * encoder->page_size, encoder->page,
				 encoder->page_size);
		page = encoder->page;
	}
	if (encoder->plan->policy.drop_zero && page_is_zero(page, encoder->page_size))
		entry->kind = UNIT_PAGE_ZERO;
	else
		add_data(encoder, page, unit, entry);
	/* The page was used in place: was it there at all? */
	return dump_check(encoder->cursor);
}

static struct vmc_error *add_page(struct encoder *encoder, vmc_pfn pfn, struct unit *unit)
{
	struct unit_page *entry = &unit->pages[unit->page_count];

	*entry = (struct unit_page){.pfn = pfn};

	struct vmc_error *err = encode_page(encoder, pfn, unit, entry);

	if (err && vmc_error_code(err) == VMC_ERR_NOMEM)
		return err;
	if (err) {
		*entry = (struct unit_page){.pfn = pfn, .kind = UNIT_PAGE_LOST};
		if (unit->first_loss)
			vmc_error_free(err);
		else
			unit->first_loss = err;
	}
	unit->data_size += entry->size;
	unit->page_count++;
	return NULL;
}

void encoder_set_end(struct encoder *encoder, vmc_pfn end)
{
	encoder->end = end;
}

struct vmc_error *encoder_fill(struct encoder *encoder, vmc_pfn *pfn, struct unit *unit)
{
	size_t room = UNIT_BYTES / encoder->page_size;
	struct extents_iter iter;
	struct extent extent;

	unit->page_count = 0;
	unit->data_size = 0;
	vmc_error_free(take_ptr(unit->first_loss));
	extents_iter_init(&iter, &encoder->plan->kept, *pfn);
	while (room && extents_iter_next(&iter, &extent)) {
		vmc_pfn first = max_u64(extent.start, *pfn);
		vmc_pfn end = min_u64(extent.start + extent.count, encoder->end);

		if (first >= end)
			break;

		uint64_t count = min_u64(end - first, room);

		for (uint64_t i = 0; i < count; i++)
			TRY(add_page(encoder, first + i, unit));
		room -= count;
		*pfn = first + count;
	}
	return NULL;
}
