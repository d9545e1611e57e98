/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/encoder.h"

#include <string.h>

#include "base/checked.h"
#include "base/zero.h"
#include "dump/kdump_checksum.h"
#include "pages/free_map.h"

/* Blocks of a unit that are met again. */
#define BLOCKS_MAX 8

struct block {
	struct free_map_content content;
	size_t page; /* of the unit, that has it as its data */
};

struct encoder {
	const struct vmc_plan *plan;
	struct encoder_options options;
	const struct vmc_codec *codec;
	void *state;
	struct vmc_dump_cursor *cursor;
	bool copies; /* the cursor was made when a file had shrunk: it has no maps */
	size_t page_size;
	uint8_t *page;                   /* for pages that do not lie together in the file */
	uint8_t *block;                  /* of a compact memory map, or NULL */
	struct block blocks[BLOCKS_MAX]; /* of the unit that is filled */
	size_t block_count;
};

struct vmc_error *encoder_create(const struct vmc_plan *plan, const struct encoder_options *options,
				 struct encoder **ret_encoder)
{
	struct vmc_codec_spec codec = options->codec;

	_cleanup_(encoder_destroy) struct encoder *encoder = calloc(1, sizeof(*encoder));

	if (!encoder)
		return error_nomem();
	encoder->plan = plan;
	encoder->options = *options;
	encoder->page_size = plan->dump->page_size;
	encoder->page = malloc(encoder->page_size);
	if (!encoder->page)
		return error_nomem();
	if (plan->free_map) {
		encoder->block = malloc(encoder->page_size);
		if (!encoder->block)
			return error_nomem();
	}
	TRY(vmc_dump_cursor_create(plan->dump, &encoder->cursor));
	encoder->copies = plan->dump->no_mmap;
	TRY(codec.codec->encoder_create(codec.level, &encoder->state));
	encoder->codec = codec.codec;
	*ret_encoder = take_ptr(encoder);
	return NULL;
}

uint64_t encoder_memory(const struct vmc_plan *plan, const struct encoder_options *options)
{
	/* A codec that cannot even tell says SIZE_MAX. */
	uint64_t codec = min_u64(options->codec.codec->encoder_memory(options->codec.level),
				 UINT64_C(1) << 40);

	return sizeof(struct encoder) + (plan->free_map ? 2 : 1) * (uint64_t)plan->dump->page_size +
	       dump_cursor_memory(plan->dump) + codec;
}

void encoder_destroy(struct encoder *encoder)
{
	if (!encoder)
		return;
	if (encoder->codec)
		encoder->codec->encoder_destroy(encoder->state);
	vmc_dump_cursor_destroy(encoder->cursor);
	free(encoder->page);
	free(encoder->block);
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
	entry->format = codec_last_format(encoder->codec, encoder->state);
	if (!size) {
		memcpy(out, page, encoder->page_size);
		entry->format = CODEC_RAW;
		size = encoder->page_size;
	}
	entry->size = (uint32_t)size;
}

/* No codec makes more of a page of zeros: Huffman codes of a bit each byte are the worst. */
static bool may_be_zero(const struct encoder *encoder, const struct dump_stored *stored)
{
	return stored->size <= encoder->page_size / 8 + 64 || stored->format == CODEC_RAW;
}

/* Decodes a page that is passed on, where something hangs on it: it may be zeros; or nothing
 * vouches for it, and a checksum of ours would be one of damaged data. */
static struct vmc_error *stored_inspect(struct encoder *encoder, vmc_pfn pfn,
					const struct dump_stored *stored, bool *ret_zero)
{
	bool raw = stored->format == CODEC_RAW;
	bool zero = encoder->options.find_zeros && may_be_zero(encoder, stored);
	const void *page;

	*ret_zero = false;
	if (!zero && (stored->checked || raw))
		return NULL;
	if (!raw && !codec_for_format((enum codec_format)stored->format))
		return NULL;
	TRY(dump_get_page(encoder->cursor, pfn, encoder->page, &page));
	*ret_zero = zero && page_is_zero(page, encoder->page_size);
	return dump_check(encoder->cursor);
}

/* Is that what we would make of the page?  What did not shrink with another codec may do so with
 * this one. */
static bool may_pass(const struct encoder *encoder, const struct dump_stored *stored)
{
	if (!stored->size)
		return false;
	return encoder->options.stored == VMC_STORED_PASS ||
	       stored->format == (uint32_t)encoder->codec->format ||
	       (stored->format & (uint32_t)encoder->codec->format) ||
	       (stored->format == CODEC_RAW &&
		encoder->plan->dump->said.codecs == (uint32_t)encoder->codec->format);
}

/* Takes a page as the input has it; *ret_done: that could be. */
static struct vmc_error *pass_page(struct encoder *encoder, vmc_pfn pfn, struct unit *unit,
				   struct unit_page *entry, bool *ret_done)
{
	struct dump_stored stored;
	bool zero;

	*ret_done = false;
	if (encoder->options.stored == VMC_STORED_ENCODE ||
	    plan_changes(encoder->plan, pfn * encoder->page_size, encoder->page_size))
		return NULL;
	TRY(dump_get_stored(encoder->cursor, pfn, unit->data + unit->data_size, &stored));
	if (!may_pass(encoder, &stored))
		return NULL;
	TRY(stored_inspect(encoder, pfn, &stored, &zero));
	*ret_done = true;
	if (zero) {
		entry->kind = UNIT_PAGE_ZERO;
		return NULL;
	}
	entry->kind = UNIT_PAGE_STORED;
	entry->passed = true;
	entry->format = (enum codec_format)stored.format;
	entry->size = stored.size;
	return NULL;
}

/* Makes the page COMPACT; the first with its content in the unit gets the block as its data. */
static void add_compact(struct encoder *encoder, const struct free_map_content *content,
			struct unit *unit, struct unit_page *entry)
{
	size_t index = (size_t)(entry - unit->pages);
	size_t i = 0;

	while (i < encoder->block_count &&
	       !free_map_content_equal(&encoder->blocks[i].content, content))
		i++;
	if (i < encoder->block_count) {
		entry->data_of = encoder->blocks[i].page;
	} else {
		free_map_make_block(encoder->plan->free_map, content, encoder->block);
		add_data(encoder, encoder->block, unit, entry);
		entry->data_of = index;
		if (encoder->block_count < BLOCKS_MAX)
			encoder->blocks[encoder->block_count++] =
				(struct block){.content = *content, .page = index};
	}
	entry->kind = UNIT_PAGE_COMPACT;
}

/* *ret_done: it is a page of the memory map of which there are many. */
static struct vmc_error *compact_page(struct encoder *encoder, vmc_pfn pfn, struct unit *unit,
				      struct unit_page *entry, bool *ret_done)
{
	const struct free_map *map = encoder->plan->free_map;
	struct free_map_content content;
	vmc_vaddr address;
	const void *page;

	*ret_done = false;
	if (!map || !free_map_find(map, pfn, &address) ||
	    !map_form_number(&map->form, address, &entry->map_number))
		return NULL;
	TRY(dump_get_page(encoder->cursor, pfn, encoder->page, &page));
	page = plan_content(encoder->plan, pfn * encoder->page_size, page, encoder->page,
			    encoder->page_size);
	free_map_look(map, address, page, &content);
	TRY(dump_check(encoder->cursor));
	if (content.kind == FREE_MAP_NOT)
		return NULL;
	entry->has_number = content.kind == FREE_MAP_SELF;
	add_compact(encoder, &content, unit, entry);
	*ret_done = true;
	return NULL;
}

static struct vmc_error *encode_page(struct encoder *encoder, vmc_pfn pfn, struct unit *unit,
				     struct unit_page *entry)
{
	const void *page;
	bool done;

	TRY(compact_page(encoder, pfn, unit, entry, &done));
	if (done)
		return NULL;
	TRY(pass_page(encoder, pfn, unit, entry, &done));
	if (done)
		return NULL;
	TRY(dump_get_page(encoder->cursor, pfn, encoder->page, &page));
	page = plan_content(encoder->plan, pfn * encoder->page_size, page, encoder->page,
			    encoder->page_size);
	if (encoder->options.find_zeros && page_is_zero(page, encoder->page_size))
		entry->kind = UNIT_PAGE_ZERO;
	else
		add_data(encoder, page, unit, entry);
	/* The page was used in place: was it there at all? */
	return dump_check(encoder->cursor);
}

static struct vmc_error *add_page(struct encoder *encoder, struct unit *unit,
				  struct unit_page *entry)
{
	vmc_pfn pfn = entry->pfn;
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
	if (entry->size && encoder->options.checksums)
		entry->checksum =
			kdump_checksum(unit->data + unit->data_size, entry->size, entry->format);
	unit->data_size += entry->size;
	return NULL;
}

/* Tells the reader of the pages from @first on that come one after another in the unit. */
static void announce_run(struct encoder *encoder, const struct unit *unit, size_t first)
{
	vmc_pfn pfn = unit->pages[first].pfn;
	size_t count = 1;

	while (first + count < unit->page_count && unit->pages[first + count].pfn == pfn + count)
		count++;
	if (count > 1)
		dump_announce(encoder->cursor, pfn, count);
}

static struct vmc_error *fill(struct encoder *encoder, struct unit *unit)
{
	encoder->block_count = 0;
	unit_reset(unit);
	for (size_t i = 0; i < unit->page_count; i++) {
		if (!i || unit->pages[i].pfn != unit->pages[i - 1].pfn + 1)
			announce_run(encoder, unit, i);
		TRY(add_page(encoder, unit, &unit->pages[i]));
	}
	return NULL;
}

struct vmc_error *encoder_fill(struct encoder *encoder, struct unit *unit)
{
	TRY(fill(encoder, unit));
	if (encoder->copies || !dump_shrank(encoder->plan->dump))
		return NULL;

	/* Maps may have shown zeros for the rest of the last page: once more, by reading. */
	struct vmc_dump_cursor *cursor;

	TRY(vmc_dump_cursor_create(encoder->plan->dump, &cursor));
	vmc_dump_cursor_destroy(encoder->cursor);
	encoder->cursor = cursor;
	encoder->copies = true;
	return fill(encoder, unit);
}
