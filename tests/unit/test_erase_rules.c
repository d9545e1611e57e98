/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of rules: what it may say, and what is wrong with others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "erase/rules.h"
#include "expect.h"

static struct vmc_erase_rules *parse(const char *text)
{
	struct vmc_erase_rules *rules;

	succeed(erase_rules_parse(text, strlen(text), &rules));
	return rules;
}

static void test_rules(void **state)
{
	struct vmc_erase_rules *rules = parse("# nothing\n"
					      "\n"
					      "erase one\r\n"
					      "  erase two.a.b size 4k # a comment\n"
					      "[my-module]\n"
					      "erase three size four.length\n"
					      "\terase five nullify");
	const struct erase_rule *rule = rules->rules;

	(void)state;
	assert_int_equal(rules->count, 4);
	assert_true(rule[0].line == 3 && rule[0].kind == ERASE_SIZE_OF_TYPE && !rule[0].loop);
	assert_string_equal(rule[0].module, "vmlinux");
	assert_string_equal(rule[0].expression, "one");
	assert_true(rule[1].kind == ERASE_SIZE_NUMBER && rule[1].size == 4096);
	assert_string_equal(rule[1].expression, "two.a.b");
	assert_string_equal(rule[2].module, "my-module");
	assert_true(rule[2].kind == ERASE_SIZE_EXPRESSION);
	assert_string_equal(rule[2].size_text, "four.length");
	assert_true(rule[3].line == 7 && rule[3].kind == ERASE_SIZE_NULLIFY);
	vmc_erase_rules_destroy(rules);
}

static void test_loops(void **state)
{
	struct vmc_erase_rules *rules = parse("for a in array\nerase a.b\nerase c size 2M\nendfor\n"
					      "for a in list.head via next\nerase a\nendfor\n"
					      "for a in list within item:links.list\nerase a\n"
					      "endfor\nerase d\n");
	const struct erase_rule *rule = rules->rules;

	(void)state;
	assert_int_equal(rules->count, 5);
	assert_true(rule[0].loop && rule[0].loop == rule[1].loop && !rule[4].loop);
	assert_true(rule[0].loop->kind == ERASE_LOOP_ARRAY && rule[1].size == 2 << 20);
	assert_string_equal(rule[0].loop->id, "a");
	assert_string_equal(rule[0].loop->list, "array");
	assert_int_equal(rule[2].loop->kind, ERASE_LOOP_VIA);
	assert_string_equal(rule[2].loop->member, "next");
	assert_int_equal(rule[3].loop->kind, ERASE_LOOP_WITHIN);
	assert_string_equal(rule[3].loop->type, "item");
	assert_string_equal(rule[3].loop->member, "links.list");
	vmc_erase_rules_destroy(rules);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"erase", "line 1: 'erase' is followed by NAME"},
		{"\nerase a..b", "line 2: 'erase' is followed by NAME"},
		{"erase .a", "is followed by NAME"},
		{"erase 1a", "is followed by NAME"},
		{"erase a b", "'size SIZE', 'nullify'"},
		{"erase a size", "'size SIZE', 'nullify'"},
		{"erase a size 1 2", "'size SIZE', 'nullify'"},
		{"erase a nullify 1", "'size SIZE', 'nullify'"},
		{"erase a size 0", "a size is a number"},
		{"erase a size 1G", "a size is a number"},
		{"erase a size 1KK", "a size is a number"},
		{"erase a size -1", "a size is a number"},
		{"erase a size 1025M", "a size is a number"},
		{"erase a size 99999999999999999999", "a size is a number"},
		{"erase a size 18446744073709551615M", "a size is a number"},
		{"for", "a loop is"},
		{"for a of b\nerase a\nendfor", "a loop is"},
		{"for a in b along c\nerase a\nendfor", "a loop is"},
		{"for a in b within c\nerase a\nendfor", "a loop is"},
		{"for a in b within :c\nerase a\nendfor", "a loop is"},
		{"for a in b within c:\nerase a\nendfor", "a loop is"},
		{"for a.b in c\nerase a\nendfor", "a loop is"},
		{"for a in b\nendfor", "line 2: a loop without 'erase'"},
		{"for a in b\nerase a", "line 1: 'for' without 'endfor'"},
		{"for a in b\nfor c in d", "line 2: 'for' inside of 'for'"},
		{"for a in b\n[c]", "a section begins inside of 'for'"},
		{"endfor", "'endfor' stands alone"},
		{"[a", "a section is"},
		{"[]", "a section is"},
		{"[a] erase b", "a section is"},
		{"[a/../b]", "a section is"},
		{"delete a", "a line begins with"},
		{"a b c d e f g h i", "too many words"},
		{"\x1b[31m", "a line begins with"},
	};
	struct vmc_erase_rules *rules;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		fail_with(erase_rules_parse(cases[i].text, strlen(cases[i].text), &rules),
			  VMC_ERR_INVALID, cases[i].message);
	fail_with(erase_rules_parse("erase a\0b", 9, &rules), VMC_ERR_INVALID, "is no text");
	fail_with(erase_rules_parse("", ERASE_FILE_MAX + 1, &rules), VMC_ERR_LIMIT, "more than");
}

static void test_limits(void **state)
{
	static char many[(ERASE_RULES_MAX + 2) * 8], word[2048];
	struct vmc_erase_rules *rules;

	(void)state;
	for (size_t i = 0; i <= ERASE_RULES_MAX; i++)
		memcpy(many + i * 8, "erase a\n", 8);
	fail_with(erase_rules_parse(many, strlen(many), &rules), VMC_ERR_LIMIT, "line 4097");
	many[ERASE_RULES_MAX * 8] = '\0';
	vmc_erase_rules_destroy(parse(many));
	memset(word, 'a', sizeof(word) - 1);
	fail_with(erase_rules_parse(word, strlen(word), &rules), VMC_ERR_INVALID, "too long");
	vmc_erase_rules_destroy(parse(""));
}

static void test_noise(void **state)
{
	static const char *const parts[] = {"erase ", "for ", " in ", " via ",  " within ", "a",
					    ".",      ":",    "\n",   "endfor", "[",        "]",
					    " size ", "1",    "K",    "#",      "nullify",  "\t"};
	unsigned int seed = 1, accepted = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct vmc_erase_rules *rules;
		char text[256] = "";

		for (int i = rand_r(&seed) % 14; i >= 0; i--)
			strcat(text, parts[rand_r(&seed) % 18]);

		struct vmc_error *err = erase_rules_parse(text, strlen(text), &rules);

		if (!err) {
			accepted++;
			vmc_erase_rules_destroy(rules);
		}
		vmc_error_free(err);
	}
	assert_true(accepted > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),    cmocka_unit_test(test_loops),
		cmocka_unit_test(test_mistakes), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
