/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kallsyms_names.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"

/* Real tables have 100,000 to 300,000 symbols in 1 to 4 MiB of names. */
#define SYMBOL_COUNT_MAX (1u << 22)
#define NAMES_SIZE_MAX   (UINT64_C(64) << 20)
#define TOKENS_SIZE_MAX  (65536 + 64) /* what 16 bits of a token's index reach, and padding */
#define CHUNK_SIZE       65536        /* more than twice what one name may take */

static struct vmc_error *count_read(struct kallsyms_names *names, const struct facts *facts)
{
	vmc_vaddr address = 0;

	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_num_syms, &address));
	TRY(kernel_read_u32(names->memory, address, &names->total));
	if (names->total > SYMBOL_COUNT_MAX)
		return error_create_at(VMC_ERR_LIMIT, ERROR_AT_VADDR, address,
				       "%" PRIu32 " symbols, more than %u", names->total,
				       SYMBOL_COUNT_MAX);
	return NULL;
}

/* The tokens end where their indices begin, in kernels of all releases. */
static struct vmc_error *tokens_read(struct kallsyms_names *names, const struct facts *facts,
				     vmc_vaddr indices, size_t *ret_size)
{
	vmc_vaddr table = 0;

	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_token_table, &table));
	if (indices <= table || indices - table > TOKENS_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "the token table at 0x%" PRIx64
				    " does not lie before its index "
				    "at 0x%" PRIx64,
				    table, indices);
	*ret_size = (size_t)(indices - table);
	names->tokens = malloc(*ret_size);
	if (!names->tokens)
		return error_nomem();
	return kernel_read(names->memory, table, names->tokens, *ret_size);
}

static struct vmc_error *tokens_open(struct kallsyms_names *names, const struct facts *facts)
{
	uint8_t indices[2 * KALLSYMS_TOKENS];
	vmc_vaddr address = 0;
	size_t size = 0;

	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_token_index, &address));
	TRY(tokens_read(names, facts, address, &size));
	TRY(kernel_read(names->memory, address, indices, sizeof(indices)));
	for (size_t i = 0; i < KALLSYMS_TOKENS; i++) {
		uint16_t start = load_u16(names->memory->layout, indices + 2 * i);
		const char *token = names->tokens + start;
		const char *end = start < size ? memchr(token, '\0', size - start) : NULL;

		if (!end)
			return error_create(
				VMC_ERR_CORRUPT,
				"token %zu, at %u of %zu bytes, does not end in its table", i,
				start, size);
		names->token[i] = token;
		names->token_length[i] = (uint16_t)(end - token);
	}
	return NULL;
}

static struct vmc_error *chunk_open(struct kallsyms_names *names, const struct facts *facts)
{
	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_names, &names->next));
	TRY(fact_need(facts, FACT_SYMBOL_kallsyms_token_table, &names->end)); /* always behind */
	if (names->end <= names->next || names->end - names->next > NAMES_SIZE_MAX)
		return error_create(VMC_ERR_CORRUPT,
				    "the names at 0x%" PRIx64
				    " do not lie before the token table at "
				    "0x%" PRIx64,
				    names->next, names->end);
	names->chunk = malloc(CHUNK_SIZE);
	return names->chunk ? NULL : error_nomem();
}

struct vmc_error *kallsyms_names_open(struct kallsyms_names *names, const struct facts *facts,
				      const struct kernel_memory *memory)
{
	*names = (struct kallsyms_names){.memory = memory};
	TRY(count_read(names, facts));
	TRY(tokens_open(names, facts));
	return chunk_open(names, facts);
}

void kallsyms_names_close(struct kallsyms_names *names)
{
	free(names->tokens);
	free(names->chunk);
	*names = (struct kallsyms_names){0};
}

/* Reads on, so that @size bytes at least are in the chunk and follow each other there. */
static struct vmc_error *chunk_refill(struct kallsyms_names *names, size_t size)
{
	size_t left = names->filled - names->used;
	size_t more = (size_t)min_u64(CHUNK_SIZE - left, names->end - names->next);

	if (left + more < size)
		return error_create(VMC_ERR_CORRUPT, "the names end early");
	memmove(names->chunk, names->chunk + names->used, left);
	names->used = 0;
	names->filled = left;
	TRY(kernel_read(names->memory, names->next, names->chunk + left, more));
	names->filled += more;
	names->next += more;
	return NULL;
}

static inline struct vmc_error *bytes_next(struct kallsyms_names *names, size_t size,
					   const uint8_t **ret_bytes)
{
	if (names->filled - names->used < size)
		TRY(chunk_refill(names, size));
	*ret_bytes = names->chunk + names->used;
	names->used += size;
	return NULL;
}

/* A length of 128 and more takes two bytes, since 6.1; kernels before had no names that long. */
static struct vmc_error *size_next(struct kallsyms_names *names, size_t *ret_size)
{
	const uint8_t *byte;

	TRY(bytes_next(names, 1, &byte));
	*ret_size = *byte & 0x7f;
	if (!(*byte & 0x80))
		return NULL;
	TRY(bytes_next(names, 1, &byte));
	*ret_size |= (size_t)*byte << 7;
	return NULL;
}

static struct vmc_error *symbol_next(struct kallsyms_names *names, struct kallsyms_symbol *symbol)
{
	TRY(size_next(names, &symbol->size));
	TRY(bytes_next(names, symbol->size, &symbol->bytes));
	symbol->length = 0;
	for (size_t i = 0; i < symbol->size; i++)
		symbol->length += names->token_length[symbol->bytes[i]];
	if (symbol->length > KALLSYMS_LENGTH_MAX)
		return error_create(VMC_ERR_CORRUPT, "more than %d characters",
				    KALLSYMS_LENGTH_MAX);
	if (symbol->length < 2)
		return error_create(VMC_ERR_CORRUPT, "no type and name");
	return NULL;
}

struct vmc_error *kallsyms_names_next(struct kallsyms_names *names,
				      struct kallsyms_symbol *ret_symbol)
{
	struct kallsyms_symbol symbol;
	struct vmc_error *err = symbol_next(names, &symbol);

	if (err)
		return error_context(err, "symbol %" PRIu32 " of %" PRIu32, names->given,
				     names->total);
	names->given++;
	*ret_symbol = symbol;
	return NULL;
}

bool kallsyms_symbol_is(const struct kallsyms_names *names, const struct kallsyms_symbol *symbol,
			const char *name)
{
	bool type = true; /* the first character of all is not of the name */

	for (size_t i = 0; i < symbol->size; i++) {
		const char *token = names->token[symbol->bytes[i]];
		size_t size = names->token_length[symbol->bytes[i]];

		if (!size)
			continue;
		if (memcmp(name, token + type, size - type) != 0)
			return false;
		name += size - type;
		type = false;
	}
	return true;
}

char kallsyms_symbol_type(const struct kallsyms_names *names, const struct kallsyms_symbol *symbol)
{
	size_t i = 0;

	while (!names->token_length[symbol->bytes[i]]) /* there is one: length is not 0 */
		i++;
	return names->token[symbol->bytes[i]][0];
}
