/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbol tables of all encodings, word sizes and byte orders, made here; and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "expect.h"
#include "kernel/kallsyms.h"

#define IMAGE_SIZE   16384
#define BASE_64      UINT64_C(0xffffffff81000000)
#define BASE_32      UINT64_C(0xc1000000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where the tables lie in the image, in an order that kernels use. */
enum {
	AT_NUM_SYMS = 0x100,
	AT_NAMES = 0x108,
	AT_TOKEN_TABLE = 0x1000,
	AT_TOKEN_INDEX = 0x1400,
	AT_OFFSETS = 0x1600,
	AT_RELATIVE_BASE = 0x2000,
	AT_ADDRESSES = 0x2100,
};

struct image {
	uint8_t bytes[IMAGE_SIZE];
	uint64_t base;
	struct layout layout;
	uint64_t longest_read;
};

struct given_symbol {
	const char *text; /* type and name */
	uint64_t at;      /* from the image's base */
};

static char long_name[300];

static struct given_symbol symbols[] = {
	{"T_stext", 0x0},        {"R__start_BTF", 0x3000}, {"Dpage_offset_base", 0x3100},
	{"defi", 0x3200},        {"tdouble", 0x3300},      {"ddouble", 0x3400},
	{long_name, 0x3500},     {"R__stop_BTF", 0x3600},  {"Dnr_cpu_ids", 0x3700},
	{"dnr_cpu_ids", 0x3800}, {"Bnode_data", 0x3900},
};

static struct vmc_error *image_read(void *arg, vmc_vaddr address, void *buffer, size_t size)
{
	struct image *image = arg;
	uint64_t offset = address - image->base;

	if (offset > IMAGE_SIZE || size > IMAGE_SIZE - offset)
		return error_create_at(VMC_ERR_UNMAPPED, ERROR_AT_VADDR, address, "no memory");
	if (size > image->longest_read)
		image->longest_read = size;
	memcpy(buffer, image->bytes + offset, size);
	return NULL;
}

/* Names that take more than the image, and behind them what follows in the image. */
#define MANY_NAMES UINT64_C(0xffffffff90000000)

static uint8_t many_names[200000];

static struct vmc_error *many_read(void *arg, vmc_vaddr address, void *buffer, size_t size)
{
	struct image *image = arg;
	uint64_t offset = address - MANY_NAMES;

	if (offset < sizeof(many_names) && size <= sizeof(many_names) - offset) {
		memcpy(buffer, many_names + offset, size);
		return NULL;
	}
	if (offset >= sizeof(many_names) && offset < sizeof(many_names) + IMAGE_SIZE)
		address = image->base + AT_TOKEN_TABLE + offset - sizeof(many_names);
	return image_read(arg, address, buffer, size);
}

static void put_u16(struct image *image, size_t at, unsigned int value)
{
	image->bytes[at + image->layout.big_endian] = (uint8_t)value;
	image->bytes[at + !image->layout.big_endian] = (uint8_t)(value >> 8);
}

/* Tokens 'A' to 'z' are those letters, token 1 is "double", the others are of no use. */
static void put_tokens(struct image *image)
{
	size_t at = 0;

	for (unsigned int i = 0; i < 256; i++) {
		char *token = (char *)image->bytes + AT_TOKEN_TABLE + at;

		put_u16(image, AT_TOKEN_INDEX + 2 * i, (unsigned int)at);
		if (i == 1)
			strcpy(token, "double");
		else
			token[0] = i >= 'A' && i <= 'z' ? (char)i : '?';
		at += strlen(token) + 1;
	}
	assert_true(at < AT_TOKEN_INDEX - AT_TOKEN_TABLE);
}

static void put_names(struct image *image)
{
	uint8_t *out = image->bytes + AT_NAMES;

	for (size_t i = 0; i < COUNT(symbols); i++) {
		const char *text = symbols[i].text;
		size_t length = strlen(text);

		if (!strcmp(text + 1, "double")) {
			*out++ = 2;
			*out++ = (uint8_t)text[0];
			*out++ = 1;
			continue;
		}
		if (length >= 0x80) {
			*out++ = (uint8_t)(length | 0x80);
			*out++ = (uint8_t)(length >> 7);
		} else {
			*out++ = (uint8_t)length;
		}
		memcpy(out, text, length);
		out += length;
	}
	assert_true(out < image->bytes + AT_TOKEN_TABLE);
	store_u32(image->layout, image->bytes + AT_NUM_SYMS, COUNT(symbols));
}

enum encoding { WORDS, PERCPU, BASE, SELF, VALUE };

static uint32_t offset_of(const struct image *image, enum encoding encoding, size_t i)
{
	uint64_t address = image->base + symbols[i].at;

	switch (encoding) {
	case PERCPU: /* "efi" as a variable of each CPU: absolute */
		return i == 3 ? (uint32_t)symbols[i].at : (uint32_t)(image->base - 1 - address);
	case BASE:
		return (uint32_t)symbols[i].at;
	case SELF:
		return (uint32_t)(address - (image->base + AT_OFFSETS + 4 * i));
	default:
		return (uint32_t)address;
	}
}

static void set_symbol(struct facts *facts, const struct image *image, enum fact_id id, uint64_t at)
{
	fact_set(facts, id, image->base + at, VMC_FACT_VMCOREINFO, NULL);
}

static void image_make(struct image *image, struct facts *facts, enum encoding encoding,
		       struct layout layout)
{
	*image = (struct image){.layout = layout};
	image->base = layout.word_size == 8 ? BASE_64 : BASE_32;
	memset(long_name, 'L', sizeof(long_name) - 1);
	put_tokens(image);
	put_names(image);
	for (size_t i = 0; i < COUNT(symbols); i++) {
		store_u32(layout, image->bytes + AT_OFFSETS + 4 * i, offset_of(image, encoding, i));
		store_word(layout, image->bytes + AT_ADDRESSES + i * layout.word_size,
			   image->base + symbols[i].at);
	}
	store_word(layout, image->bytes + AT_RELATIVE_BASE, image->base);

	facts_init(facts);
	set_symbol(facts, image, FACT_SYMBOL_stext, 0);
	set_symbol(facts, image, FACT_SYMBOL_kallsyms_names, AT_NAMES);
	set_symbol(facts, image, FACT_SYMBOL_kallsyms_num_syms, AT_NUM_SYMS);
	set_symbol(facts, image, FACT_SYMBOL_kallsyms_token_table, AT_TOKEN_TABLE);
	set_symbol(facts, image, FACT_SYMBOL_kallsyms_token_index, AT_TOKEN_INDEX);
	if (encoding == WORDS)
		set_symbol(facts, image, FACT_SYMBOL_kallsyms_addresses, AT_ADDRESSES);
	else
		set_symbol(facts, image, FACT_SYMBOL_kallsyms_offsets, AT_OFFSETS);
	if (encoding == PERCPU || encoding == BASE)
		set_symbol(facts, image, FACT_SYMBOL_kallsyms_relative_base, AT_RELATIVE_BASE);
}

static struct vmc_error *find(struct image *image, const struct facts *facts,
			      struct kallsyms_query *queries, size_t count)
{
	struct kernel_memory memory = {.read = image_read, .arg = image, .layout = image->layout};

	return kallsyms_find(facts, &memory, queries, count);
}

static void is_found(const struct kallsyms_query *query, unsigned int matches, char type,
		     uint64_t address)
{
	assert_int_equal(query->matches, matches);
	assert_int_equal(query->type, type);
	assert_true(query->address == address);
}

static void encoding_works(enum encoding encoding, struct layout layout)
{
	struct kallsyms_query queries[] = {
		{.name = "__start_BTF"}, {.name = "__stop_BTF"}, {.name = "efi"},
		{.name = "double"},      {.name = "absent"},     {.name = long_name + 1},
		{.name = "_stext"},
	};
	struct image image;
	struct facts facts;

	image_make(&image, &facts, encoding, layout);
	succeed(find(&image, &facts, queries, COUNT(queries)));
	is_found(&queries[0], 1, 'R', image.base + 0x3000);
	is_found(&queries[1], 1, 'R', image.base + 0x3600);
	is_found(&queries[2], 1, 'd', encoding == PERCPU ? 0x3200 : image.base + 0x3200);
	is_found(&queries[3], 2, 't', image.base + 0x3300);
	assert_int_equal(queries[4].matches, 0);
	is_found(&queries[5], 1, 'L', image.base + 0x3500);
	is_found(&queries[6], 1, 'T', image.base);
	assert_true(image.longest_read <= AT_TOKEN_TABLE - AT_NAMES); /* never past the names */
}

static void test_encodings(void **state)
{
	(void)state;
	for (enum encoding encoding = WORDS; encoding <= VALUE; encoding++) {
		for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
			encoding_works(encoding, (struct layout){big_endian, 4});
			if (encoding != VALUE)
				encoding_works(encoding, (struct layout){big_endian, 8});
		}
	}
}

static void test_facts(void **state)
{
	struct image image;
	struct facts facts;
	struct kernel_memory memory = {.read = image_read, .arg = &image, .layout = {false, 8}};

	(void)state;
	image_make(&image, &facts, SELF, memory.layout);
	set_symbol(&facts, &image, FACT_SYMBOL_efi, 0x1111);
	succeed(facts_from_kallsyms(&facts, &memory));
	assert_int_equal(facts.table[FACT_SYMBOL_start_BTF].source, VMC_FACT_KALLSYMS);
	assert_true(fact_or(&facts, FACT_SYMBOL_start_BTF, 0) == image.base + 0x3000);
	assert_true(fact_or(&facts, FACT_SYMBOL_stop_BTF, 0) == image.base + 0x3600);
	assert_true(fact_or(&facts, FACT_SYMBOL_node_data, 0) == image.base + 0x3900);
	assert_true(fact_or(&facts, FACT_SYMBOL_efi, 0) == image.base + 0x1111);
	assert_int_equal(facts.table[FACT_SYMBOL_efi].source, VMC_FACT_VMCOREINFO);
	assert_false(fact_known(&facts, FACT_SYMBOL_nr_cpu_ids)); /* which of the two? */
	assert_false(fact_known(&facts, FACT_SYMBOL_per_cpu_offset));

	image_make(&image, &facts, SELF, memory.layout);
	store_u32(image.layout, image.bytes + AT_NUM_SYMS, COUNT(symbols) + 1);
	fail_with(facts_from_kallsyms(&facts, &memory), VMC_ERR_CORRUPT, "kallsyms: symbol 11");
	assert_false(fact_known(&facts, FACT_SYMBOL_start_BTF));
}

static void test_no_queries(void **state)
{
	struct image image;
	struct facts facts;

	(void)state;
	image_make(&image, &facts, SELF, (struct layout){false, 8});
	succeed(find(&image, &facts, NULL, 0)); /* the table is sound */
}

static void test_missing_facts(void **state)
{
	static const enum fact_id needed[] = {
		FACT_SYMBOL_kallsyms_names,
		FACT_SYMBOL_kallsyms_num_syms,
		FACT_SYMBOL_kallsyms_token_table,
		FACT_SYMBOL_kallsyms_token_index,
		FACT_SYMBOL_stext,
	};
	struct image image;
	struct facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(needed); i++) {
		image_make(&image, &facts, SELF, (struct layout){false, 8});
		facts.table[needed[i]].source = VMC_FACT_UNKNOWN;
		fail_with(find(&image, &facts, NULL, 0), VMC_ERR_MISSING, fact_name(needed[i]));
	}
}

static void test_contradictions(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		enum vmc_error_code code;
		const char *message;
	} cases[] = {
		{AT_NUM_SYMS, 1u << 23, VMC_ERR_LIMIT, "8388608 symbols"},
		{AT_NUM_SYMS, 1000, VMC_ERR_CORRUPT, "symbol 11 of 1000: no type and name"},
		{AT_NUM_SYMS, 0, VMC_ERR_CORRUPT, "no _stext"},
		{AT_NAMES, 0, VMC_ERR_CORRUPT, "symbol 0 of 11: no type and name"},
		{AT_NAMES, 0x0880, VMC_ERR_CORRUPT, "symbol 0 of 11: more than 512 characters"},
		{AT_NAMES, 0xffff, VMC_ERR_CORRUPT, "symbol 0 of 11: the names end early"},
		{AT_TOKEN_INDEX, 0xffffffff, VMC_ERR_CORRUPT, "token 0, at 65535 of 1024 bytes"},
		{AT_OFFSETS, 0x12345678, VMC_ERR_CORRUPT, "_stext is not at 0xffffffff81000000"},
	};
	struct image image;
	struct facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		image_make(&image, &facts, SELF, (struct layout){false, 8});
		store_u32(image.layout, image.bytes + cases[i].at, cases[i].value);
		fail_with(find(&image, &facts, NULL, 0), cases[i].code, cases[i].message);
	}

	image_make(&image, &facts, SELF, (struct layout){false, 8});
	facts.table[FACT_SYMBOL_kallsyms_token_index].value = image.base + AT_NAMES;
	fail_with(find(&image, &facts, NULL, 0), VMC_ERR_CORRUPT, "token table");

	image_make(&image, &facts, SELF, (struct layout){false, 8});
	facts.table[FACT_SYMBOL_kallsyms_names].value = image.base + AT_TOKEN_INDEX;
	fail_with(find(&image, &facts, NULL, 0), VMC_ERR_CORRUPT, "the names at");

	image_make(&image, &facts, SELF, (struct layout){false, 8});
	facts.table[FACT_SYMBOL_kallsyms_num_syms].value = 0x1000;
	fail_with(find(&image, &facts, NULL, 0), VMC_ERR_UNMAPPED, "kallsyms: no memory");
}

/* The names take all of the room before the token table and more: the pass ends there. */
static void test_names_run_out(void **state)
{
	struct image image;
	struct facts facts;

	(void)state;
	image_make(&image, &facts, SELF, (struct layout){false, 8});
	memset(image.bytes + AT_NAMES, 2, AT_TOKEN_TABLE - AT_NAMES); /* "??" */
	store_u32(image.layout, image.bytes + AT_NUM_SYMS, 1u << 22);
	fail_with(find(&image, &facts, NULL, 0), VMC_ERR_CORRUPT, "the names end early");
}

/* More names than are read at once, so that some lie across the border; the last is found. */
static void test_chunks(void **state)
{
	static struct image image;
	struct facts facts;
	struct kallsyms_query queries[] = {{.name = "AAAAAAAAAAAAAAAAAAAAA"}, {.name = "_stext"}};
	uint32_t count = 0;
	uint8_t *out = many_names;

	(void)state;
	image_make(&image, &facts, SELF, (struct layout){false, 8});
	memcpy(out, "\7T_stext", 8);
	for (out += 8; out + 64 < many_names + sizeof(many_names); out += 1 + *out, count++) {
		*out = (uint8_t)(20 + count % 3); /* 22: type and name of the query */
		memset(out + 1, 'A', *out);
	}
	store_u32(image.layout, image.bytes + AT_NUM_SYMS, count + 1);

	struct kernel_memory memory = {.read = many_read, .arg = &image, .layout = image.layout};

	facts.table[FACT_SYMBOL_kallsyms_names].value = MANY_NAMES;
	facts.table[FACT_SYMBOL_kallsyms_token_table].value = MANY_NAMES + sizeof(many_names);
	facts.table[FACT_SYMBOL_kallsyms_token_index].value =
		MANY_NAMES + sizeof(many_names) + AT_TOKEN_INDEX - AT_TOKEN_TABLE;
	succeed(kallsyms_find(&facts, &memory, queries, 2));
	assert_true(count > 8000);
	assert_int_equal(queries[0].matches, count / 3);
	assert_int_equal(queries[1].matches, 1);
	assert_int_equal(queries[0].type, 'A');
}

static void test_damage(void **state)
{
	unsigned int seed = 1;
	struct image whole, image;
	struct facts facts, damaged;

	(void)state;
	image_make(&whole, &facts, PERCPU, (struct layout){false, 8});
	for (int round = 0; round < 20000; round++) {
		struct kallsyms_query query = {.name = "efi"};

		image = whole;
		damaged = facts;
		for (int i = 0; i < 4; i++)
			image.bytes[(unsigned int)rand_r(&seed) % AT_ADDRESSES] =
				(uint8_t)rand_r(&seed);
		if (round % 4 == 0)
			damaged.table[FACT_SYMBOL_kallsyms_names + (unsigned int)rand_r(&seed) % 7]
				.value ^= (uint64_t)rand_r(&seed);
		vmc_error_free(find(&image, &damaged, &query, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodings),     cmocka_unit_test(test_facts),
		cmocka_unit_test(test_chunks),        cmocka_unit_test(test_no_queries),
		cmocka_unit_test(test_missing_facts), cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_names_run_out), cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
