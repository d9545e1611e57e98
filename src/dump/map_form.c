/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump/map_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

static const char *const text_format =
	"STRUCT_SIZE=%" PRIu32 "\nLRU=%" PRIu32 "\nBASE=%" PRIx64 "\n";

bool map_form_is_sane(const struct map_form *form)
{
	uint32_t word = form->layout.word_size;

	return form->struct_size >= 2 * word && form->struct_size <= MAP_FORM_STRUCT_MAX &&
	       form->struct_size % word == 0 && form->lru % word == 0 && form->base % word == 0 &&
	       form->lru <= form->struct_size - 2 * word &&
	       form->base <= layout_word_max(form->layout) && is_power_of_two(form->page_size) &&
	       form->page_size >= word;
}

void map_form_print(const struct map_form *form, char ret_text[static MAP_FORM_TEXT_MAX])
{
	snprintf(ret_text, MAP_FORM_TEXT_MAX, text_format, form->struct_size, form->lru,
		 form->base);
}

/* Takes "KEY=number\n" off the text. */
static bool take_number(const char **text, const char *key, int base, uint64_t most,
			uint64_t *ret_number)
{
	size_t length = strlen(key);
	char *end;

	if (strncmp(*text, key, length) != 0)
		return false;
	*ret_number = strtoull(*text + length, &end, base);
	if (*end != '\n' || *ret_number > most)
		return false;
	*text = end + 1;
	return true;
}

bool map_form_parse(const char *text, struct map_form *ret_form)
{
	struct map_form form = *ret_form;
	uint64_t size, lru;

	if (!take_number(&text, "STRUCT_SIZE=", 10, UINT32_MAX, &size) ||
	    !take_number(&text, "LRU=", 10, UINT32_MAX, &lru) ||
	    !take_number(&text, "BASE=", 16, UINT64_MAX, &form.base))
		return false;
	form.struct_size = (uint32_t)size;
	form.lru = (uint32_t)lru;
	if (!map_form_is_sane(&form))
		return false;
	*ret_form = form;
	return true;
}

vmc_vaddr map_form_address(const struct map_form *form, uint32_t number)
{
	vmc_vaddr first = align_down(form->base, form->page_size);

	return (first + (uint64_t)number * form->page_size) & layout_word_max(form->layout);
}

bool map_form_number(const struct map_form *form, vmc_vaddr address, uint32_t *ret_number)
{
	vmc_vaddr first = align_down(form->base, form->page_size);
	uint64_t number = (address - first) / form->page_size;

	if (address < first || address % form->page_size || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

uint32_t map_form_skip(const struct map_form *form, vmc_vaddr address)
{
	uint64_t size = form->struct_size;

	if (address >= form->base)
		return (uint32_t)((address - form->base) % size);
	return (uint32_t)((size - (form->base - address) % size) % size);
}

bool map_form_restore(const struct map_form *form, vmc_vaddr address, uint8_t *page)
{
	uint32_t word = form->layout.word_size;
	uint32_t inside = map_form_skip(form, address); /* the struct page that @at lies in */

	for (uint32_t at = 0; at < form->page_size; at += word, inside += word) {
		vmc_vaddr lru = address + at;

		if (inside >= form->struct_size)
			inside = 0;
		if (inside == form->lru + word)
			lru -= word;
		else if (inside != form->lru)
			continue;
		if (load_word(form->layout, page + at))
			return false;
		store_word(form->layout, page + at, lru);
	}
	return true;
}
