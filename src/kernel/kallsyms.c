/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kallsyms.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kallsyms_names.h"

/* A query and where in the table its first match is. */
struct search {
	struct kallsyms_query *query;
	size_t length;
	uint32_t number;
};

/* How the table of addresses is to be read.  No key tells, so _stext decides. */
enum encoding {
	ENCODING_WORDS,  /* addresses as they are; to 6.5 without KALLSYMS_BASE_RELATIVE */
	ENCODING_PERCPU, /* from a base; absolute when not negative: x86_64 to 6.14 */
	ENCODING_BASE,   /* unsigned, from a base: to 6.17 */
	ENCODING_SELF,   /* signed, from the entry itself: since 7.0 */
	ENCODING_VALUE,  /* 32-bit addresses as they are: since 7.0 */
	ENCODING_COUNT,
};

struct addresses {
	const struct facts *facts;
	const struct kernel_memory *memory;
	uint64_t base;
};

static void symbol_match(const struct kallsyms_names *names, const struct kallsyms_symbol *symbol,
			 uint32_t number, struct search *searches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kallsyms_query *query = searches[i].query;

		if (searches[i].length + 1 != symbol->length ||
		    !kallsyms_symbol_is(names, symbol, query->name))
			continue;
		if (!query->matches++) {
			query->type = kallsyms_symbol_type(names, symbol);
			searches[i].number = number;
		}
	}
}

static struct vmc_error *names_search(const struct facts *facts, const struct kernel_memory *memory,
				      struct search *searches, size_t count)
{
	struct kallsyms_names names;
	struct kallsyms_symbol symbol;
	struct vmc_error *err = kallsyms_names_open(&names, facts, memory);

	for (uint32_t i = 0; !err && i < names.total; i++) {
		err = kallsyms_names_next(&names, &symbol);
		if (!err)
			symbol_match(&names, &symbol, i, searches, count);
	}
	kallsyms_names_close(&names);
	return err;
}

static bool encoding_possible(const struct facts *facts, struct layout layout,
			      enum encoding encoding)
{
	bool offsets = fact_known(facts, FACT_SYMBOL_kallsyms_offsets);
	bool base = fact_known(facts, FACT_SYMBOL_kallsyms_relative_base);

	switch (encoding) {
	case ENCODING_WORDS:
		return fact_known(facts, FACT_SYMBOL_kallsyms_addresses);
	case ENCODING_PERCPU:
	case ENCODING_BASE:
		return offsets && base;
	case ENCODING_SELF:
		return offsets && !base;
	case ENCODING_VALUE:
		return offsets && !base && layout.word_size == 4;
	default:
		return false;
	}
}

static struct vmc_error *addresses_open(struct addresses *addresses)
{
	vmc_vaddr base;

	if (!fact_known(addresses->facts, FACT_SYMBOL_kallsyms_relative_base))
		return NULL;
	TRY(fact_need(addresses->facts, FACT_SYMBOL_kallsyms_relative_base, &base));
	return kernel_read_word(addresses->memory, base, &addresses->base);
}

static uint64_t offset_decode(enum encoding encoding, uint32_t offset, vmc_vaddr entry,
			      uint64_t base)
{
	uint64_t extended = (uint64_t)(int64_t)(int32_t)offset;

	switch (encoding) {
	case ENCODING_PERCPU:
		return (int32_t)offset >= 0 ? offset : base - 1 - extended;
	case ENCODING_BASE:
		return base + offset;
	case ENCODING_SELF:
		return entry + extended;
	default:
		return offset;
	}
}

static struct vmc_error *address_read(const struct addresses *addresses, enum encoding encoding,
				      uint32_t number, vmc_vaddr *ret_address)
{
	const struct kernel_memory *memory = addresses->memory;
	vmc_vaddr entry = fact_or(addresses->facts, FACT_SYMBOL_kallsyms_offsets, 0);
	uint32_t offset = 0;

	if (encoding == ENCODING_WORDS) {
		entry = fact_or(addresses->facts, FACT_SYMBOL_kallsyms_addresses, 0);
		entry += (uint64_t)number * memory->layout.word_size;
		return kernel_read_word(memory, entry, ret_address);
	}
	entry += (uint64_t)number * 4;
	TRY(kernel_read_u32(memory, entry, &offset));
	*ret_address = offset_decode(encoding, offset, entry, addresses->base);
	if (memory->layout.word_size == 4)
		*ret_address &= UINT32_MAX;
	return NULL;
}

/* The encoding in which the table has _stext where VMCOREINFO has it. */
static struct vmc_error *encoding_find(const struct addresses *addresses,
				       const struct search *stext, enum encoding *ret_encoding)
{
	vmc_vaddr wanted = 0, address = 0;

	TRY(fact_need(addresses->facts, FACT_SYMBOL_stext, &wanted));
	if (!stext->query->matches)
		return error_create(VMC_ERR_CORRUPT, "there is no _stext among the names");
	for (enum encoding encoding = 0; encoding < ENCODING_COUNT; encoding++) {
		if (!encoding_possible(addresses->facts, addresses->memory->layout, encoding))
			continue;
		TRY(address_read(addresses, encoding, stext->number, &address));
		*ret_encoding = encoding;
		if (address == wanted)
			return NULL;
	}
	return error_create(VMC_ERR_CORRUPT,
			    "_stext is not at 0x%" PRIx64 " in any encoding of addresses", wanted);
}

static struct vmc_error *resolve(const struct facts *facts, const struct kernel_memory *memory,
				 const struct search *searches, size_t count)
{
	struct addresses addresses = {.facts = facts, .memory = memory};
	enum encoding encoding = ENCODING_COUNT;

	TRY(addresses_open(&addresses));
	TRY(encoding_find(&addresses, &searches[count - 1], &encoding));
	for (size_t i = 0; i < count; i++) {
		struct kallsyms_query *query = searches[i].query;

		if (query->matches)
			TRY(address_read(&addresses, encoding, searches[i].number,
					 &query->address));
	}
	return NULL;
}

struct vmc_error *kallsyms_find(const struct facts *facts, const struct kernel_memory *memory,
				struct kallsyms_query *queries, size_t count)
{
	struct kallsyms_query stext = {.name = "_stext"};
	_cleanup_free_ struct search *searches = calloc(count + 1, sizeof(*searches));

	if (!searches)
		return error_nomem();
	for (size_t i = 0; i <= count; i++) {
		searches[i].query = i < count ? &queries[i] : &stext;
		searches[i].query->matches = 0;
		searches[i].length = strlen(searches[i].query->name);
	}

	struct vmc_error *err = names_search(facts, memory, searches, count + 1);

	if (!err)
		err = resolve(facts, memory, searches, count + 1);
	return error_context(err, "kallsyms");
}
