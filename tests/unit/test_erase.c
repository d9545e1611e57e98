/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules mean in memory that this test made: members, pointers, loops, and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "built_kernel.h"
#include "erase/erase.h"
#include "erase/loop.h"
#include "filter/plan.h"

/* Types of this kernel:
 *
 *	struct list_head { struct list_head *next, *prev; };
 *	struct item { int number; char name[4]; struct item *next; struct list_head list;
 *		      char *text; void *any; };
 *	struct item items[3];
 */
enum {
	ID_HEAD = 1,
	ID_HEAD_POINTER,
	ID_ITEM,
	ID_ITEM_POINTER,
	ID_ITEMS,
	ID_INT,
	ID_NAME,
	ID_CHAR,
	ID_CHAR_POINTER,
	ID_VOID_POINTER,
	ID_COUNT
};

#define ITEM_SIZE 48

static const struct type all_types[ID_COUNT] = {
	[ID_HEAD] = {.kind = TYPE_COMPOSITE, .id = ID_HEAD, .size = 16},
	[ID_HEAD_POINTER] = {.kind = TYPE_POINTER, .size = 8, .inner = ID_HEAD},
	[ID_ITEM] = {.kind = TYPE_COMPOSITE, .id = ID_ITEM, .size = ITEM_SIZE},
	[ID_ITEM_POINTER] = {.kind = TYPE_POINTER, .size = 8, .inner = ID_ITEM},
	[ID_ITEMS] = {.kind = TYPE_ARRAY, .size = 144, .elements = 3, .inner = ID_ITEM},
	[ID_INT] = {.kind = TYPE_NUMBER, .size = 4},
	[ID_NAME] = {.kind = TYPE_ARRAY, .size = 4, .elements = 4, .inner = ID_CHAR},
	[ID_CHAR] = {.kind = TYPE_NUMBER, .size = 1, .is_char = true},
	[ID_CHAR_POINTER] = {.kind = TYPE_POINTER, .size = 8, .inner = ID_CHAR},
	[ID_VOID_POINTER] = {.kind = TYPE_POINTER, .size = 8},
};

static const struct {
	type_id composite;
	struct type_member member;
} all_members[] = {
	{ID_HEAD, {"next", ID_HEAD_POINTER, 0, false}},
	{ID_HEAD, {"prev", ID_HEAD_POINTER, 64, false}},
	{ID_ITEM, {"number", ID_INT, 0, false}},
	{ID_ITEM, {"name", ID_NAME, 32, false}},
	{ID_ITEM, {"next", ID_ITEM_POINTER, 64, false}},
	{ID_ITEM, {"list", ID_HEAD, 128, false}},
	{ID_ITEM, {"text", ID_CHAR_POINTER, 256, false}},
	{ID_ITEM, {"any", ID_VOID_POINTER, 320, false}},
};

static const struct {
	const char *name;
	type_id type;
	uint64_t physical;
} variables[] = {
	{"items", ID_ITEMS, 0x200000}, {"first", ID_ITEM_POINTER, 0x201000},
	{"head", ID_HEAD, 0x201100},   {"one", ID_ITEM, 0x202000},
	{"untyped", 0, 0x203000},
};

static bool fake_find(const struct types *types, const char *name, type_id *ret_id)
{
	(void)types;
	*ret_id = !strcmp(name, "list_head") ? ID_HEAD : !strcmp(name, "item") ? ID_ITEM : 0;
	return *ret_id;
}

static bool fake_variable(const struct types *types, const char *name, type_id *ret_id)
{
	(void)types;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (!strcmp(variables[i].name, name)) {
			*ret_id = variables[i].type;
			return *ret_id;
		}
	}
	return false;
}

static bool fake_describe(const struct types *types, type_id id, struct type *ret_type)
{
	(void)types;
	if (id >= ID_COUNT)
		return false;
	*ret_type = all_types[id];
	return true;
}

static bool fake_members(const struct types *types, type_id id, type_member_fn *each, void *arg)
{
	(void)types;
	for (size_t i = 0; i < sizeof(all_members) / sizeof(all_members[0]); i++) {
		if (all_members[i].composite == id && each(arg, &all_members[i].member))
			return true;
	}
	return false;
}

static const struct types_ops fake_ops = {
	.find = fake_find,
	.find_variable = fake_variable,
	.describe = fake_describe,
	.members = fake_members,
};

static struct types fake_types = {.ops = &fake_ops};

/* What a test looks at: the kernel, and the places in it that a rule led to. */
struct seen {
	struct built_kernel kernel;
	struct target_reader *reader;
	struct erase_symbol symbols[8];
	struct places places;
	vmc_vaddr elements[8];
	size_t count;
};

static void put_item(struct built_kernel *kernel, uint64_t physical, uint64_t next, uint64_t list,
		     uint64_t text)
{
	memory_put32(kernel, physical, (uint32_t)physical);
	memory_put64(kernel, physical + 8, next);
	memory_put64(kernel, physical + 16, list);
	memory_put64(kernel, physical + 32, text);
}

static void setup(struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	built_kernel_create(&seen->kernel, "");
	memory_put64(&seen->kernel, 0x201000, IMAGE(0x202000)); /* first = &one */
	memory_put64(&seen->kernel, 0x201100, IMAGE(0x202010)); /* head.next = &one.list */
	put_item(&seen->kernel, 0x202000, IMAGE(0x202100), IMAGE(0x202110), IMAGE(0x204000));
	put_item(&seen->kernel, 0x202100, 0, IMAGE(0x201100), 0);
	memory_write(&seen->kernel, 0x204000, "secret", 7);
	built_kernel_open(&seen->kernel);
	succeed(target_reader_create(seen->kernel.target, &seen->reader));
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		seen->symbols[i] = (struct erase_symbol){
			.module = "vmlinux",
			.name = (char *)variables[i].name,
			.matches = 1,
			.address = IMAGE(variables[i].physical),
		};
	seen->symbols[5] = (struct erase_symbol){"vmlinux", (char *)"two", 2, 0};
	seen->places = (struct places){
		.reader = seen->reader,
		.types = &fake_types,
		.no_types = "nobody tells",
		.symbols = {.items = seen->symbols, .count = 6},
	};
}

static void teardown(struct seen *seen)
{
	target_reader_destroy(seen->reader);
	built_kernel_destroy(&seen->kernel);
}

static void leads_to(struct seen *seen, const char *expression, uint64_t physical, uint64_t size)
{
	struct place place;

	succeed(place_find(&seen->places, "vmlinux", expression, NULL, NULL, &place));
	assert_int_equal(place.address, IMAGE(physical));
	assert_int_equal(place.type.size, size);
}

static void leads_nowhere(struct seen *seen, const char *expression, const char *why)
{
	struct place place;

	fail_with(place_find(&seen->places, "vmlinux", expression, NULL, NULL, &place),
		  VMC_ERR_MISSING, why);
}

static void test_places(void **state)
{
	struct place place;
	struct seen seen;
	uint64_t number;

	(void)state;
	setup(&seen);
	leads_to(&seen, "one", 0x202000, ITEM_SIZE);
	leads_to(&seen, "one.name", 0x202004, 4);
	leads_to(&seen, "first.name", 0x202004, 4);
	leads_to(&seen, "first.next.name", 0x202104, 4);
	leads_to(&seen, "head.next.prev", 0x202018, 8);
	leads_to(&seen, "untyped", 0x203000, 0);
	leads_nowhere(&seen, "first.next.next.name", "the pointer is NULL");
	assert_true(seen.places.met_null);
	leads_nowhere(&seen, "one.nothing", "there is no member 'nothing'");
	leads_nowhere(&seen, "one.name.inside", "there is no member 'inside'");
	leads_nowhere(&seen, "nothing", "there is no symbol 'nothing'");
	leads_nowhere(&seen, "two", "there are 2 symbols 'two'");
	leads_nowhere(&seen, "untyped.name", "nobody tells");
	succeed(place_find(&seen.places, "vmlinux", "first.number", NULL, NULL, &place));
	succeed(place_number(&seen.places, &place, &number));
	assert_int_equal(number, 0x202000);
	succeed(place_find(&seen.places, "vmlinux", "first.name", NULL, NULL, &place));
	fail_with(place_number(&seen.places, &place, &number), VMC_ERR_INVALID, "no integer");
	teardown(&seen);
}

static struct vmc_error *see(void *arg, const struct place *element)
{
	struct seen *seen = arg;

	assert_true(seen->count < 8);
	seen->elements[seen->count++] = element->address;
	return NULL;
}

static struct vmc_error *run_loop(struct seen *seen, const char *text)
{
	char whole[256];
	struct vmc_erase_rules *rules;

	snprintf(whole, sizeof(whole), "%s\nerase x\nendfor\n", text);
	succeed(erase_rules_parse(whole, strlen(whole), &rules));
	seen->count = 0;

	struct vmc_error *err = loop_run(&seen->places, &rules->rules[0], see, seen);

	vmc_erase_rules_destroy(rules);
	return err;
}

static void saw(const struct seen *seen, size_t count, uint64_t first, uint64_t last)
{
	assert_int_equal(seen->count, count);
	assert_int_equal(seen->elements[0], IMAGE(first));
	assert_int_equal(seen->elements[count - 1], IMAGE(last));
}

static void test_loops(void **state)
{
	struct seen seen;

	(void)state;
	setup(&seen);
	succeed(run_loop(&seen, "for x in items"));
	saw(&seen, 3, 0x200000, 0x200000 + 2 * ITEM_SIZE);
	succeed(run_loop(&seen, "for x in first via next"));
	saw(&seen, 2, 0x202000, 0x202100);
	succeed(run_loop(&seen, "for x in one via next"));
	saw(&seen, 2, 0x202000, 0x202100);
	succeed(run_loop(&seen, "for x in head within item:list"));
	saw(&seen, 2, 0x202000, 0x202100);
	succeed(run_loop(&seen, "for x in head.next within item:list"));
	saw(&seen, 2, 0x202000, 0x202100);
	fail_with(run_loop(&seen, "for x in one"), VMC_ERR_INVALID, "no array");
	fail_with(run_loop(&seen, "for x in one via number"), VMC_ERR_INVALID, "no pointer");
	fail_with(run_loop(&seen, "for x in head within item:nothing"), VMC_ERR_MISSING,
		  "there is no item.nothing");
	fail_with(run_loop(&seen, "for x in one within item:list"), VMC_ERR_INVALID,
		  "no struct list_head");
	fail_with(run_loop(&seen, "for x in untyped via next"), VMC_ERR_MISSING, "nobody tells");
	teardown(&seen);
}

/* A list that leads into a part of itself, and one that leads out of memory. */
static void test_bad_lists(void **state)
{
	struct seen seen;

	(void)state;
	setup(&seen);
	memory_put64(&seen.kernel, 0x202108, IMAGE(0x202100));
	fail_with(run_loop(&seen, "for x in first via next"), VMC_ERR_CORRUPT,
		  "leads back into itself");
	assert_true(seen.count >= 2);
	memory_put64(&seen.kernel, 0x202110, IMAGE(0x202110));
	fail_with(run_loop(&seen, "for x in head within item:list"), VMC_ERR_CORRUPT,
		  "leads back into itself");
	memory_put64(&seen.kernel, 0x202108, 0x1234);
	fail_with(run_loop(&seen, "for x in first via next"), VMC_ERR_UNMAPPED, "not mapped");
	memory_put64(&seen.kernel, 0x201100, 0);
	fail_with(run_loop(&seen, "for x in head within item:list"), VMC_ERR_UNMAPPED,
		  "not mapped");
	teardown(&seen);
}

/* Bytes are overwritten where ranges say, across pages, and nowhere else. */
static void test_apply(void **state)
{
	struct vmc_erase erase = {0};
	uint8_t page[64];

	(void)state;
	byte_ranges_init(&erase.filled);
	byte_ranges_init(&erase.nulls);
	succeed(byte_ranges_add(&erase.filled, 1000, 40));
	succeed(byte_ranges_add(&erase.filled, 1060, 30));
	succeed(byte_ranges_add(&erase.nulls, 1036, 8));
	byte_ranges_sort(&erase.filled);
	byte_ranges_sort(&erase.nulls);
	assert_int_equal(vmc_erase_bytes(&erase), 40 + 30 + 4);
	assert_false(erase_touches(&erase, 900, 100));
	assert_true(erase_touches(&erase, 900, 101));
	assert_true(erase_touches(&erase, 1043, 1));
	assert_false(erase_touches(&erase, 1044, 16));
	assert_false(erase_touches(&erase, 1090, 100));
	memset(page, '.', sizeof(page));
	erase_apply(&erase, 1024, page, sizeof(page));
	assert_memory_equal(
		page, "XXXXXXXXXXXX\0\0\0\0\0\0\0\0................XXXXXXXXXXXXXXXXXXXXXXXXXXXX",
		64);
	byte_ranges_deinit(&erase.filled);
	byte_ranges_deinit(&erase.nulls);
}

/* From a file of rules to a plan, in a kernel that has neither kallsyms nor BTF. */
static void test_resolve(void **state)
{
	static const char text[] = "erase secret size 4\n";
	struct vmc_erase_rules *rules;
	struct vmc_erase_rule rule;
	struct vmc_erase *erase;
	struct seen seen;

	(void)state;
	setup(&seen);
	succeed(erase_rules_parse(text, strlen(text), &rules));
	succeed(vmc_erase_resolve(rules, seen.kernel.target, &erase));
	assert_true(vmc_erase_rule(erase, 0, &rule));
	assert_true(rule.line == 1 && !rule.objects && !rule.bytes);
	assert_string_equal(rule.text, "erase secret size 4");
	assert_non_null(strstr(rule.problem, "no symbol 'secret'"));
	assert_non_null(strstr(seen.kernel.said, "nothing is erased"));
	assert_false(vmc_erase_rule(erase, 1, &rule));
	assert_int_equal(vmc_erase_bytes(erase), 0);
	vmc_erase_destroy(erase);
	vmc_erase_rules_destroy(rules);
	teardown(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),    cmocka_unit_test(test_loops),
		cmocka_unit_test(test_bad_lists), cmocka_unit_test(test_apply),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
