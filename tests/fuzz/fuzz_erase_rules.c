/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of rules for erasing: what is accepted, written down again, gives the same rules. */
#include "erase/rules.h"

#include <inttypes.h>
#include <stdio.h>

#include "fuzz_input.h"

static void write_loop(FILE *stream, const struct erase_loop *loop)
{
	fprintf(stream, "for %s in %s", loop->id, loop->list);
	if (loop->kind == ERASE_LOOP_VIA)
		fprintf(stream, " via %s", loop->member);
	else if (loop->kind == ERASE_LOOP_WITHIN)
		fprintf(stream, " within %s:%s", loop->type, loop->member);
	fputs("\n", stream);
}

static void write_rule(FILE *stream, const struct erase_rule *rule)
{
	fprintf(stream, "erase %s", rule->expression);
	if (rule->kind == ERASE_SIZE_NULLIFY)
		fputs(" nullify", stream);
	else if (rule->kind == ERASE_SIZE_NUMBER)
		fprintf(stream, " size %" PRIu64, rule->size);
	else if (rule->kind == ERASE_SIZE_EXPRESSION)
		fprintf(stream, " size %s", rule->size_text);
	fputs("\n", stream);
}

static void write_rules(FILE *stream, const struct vmc_erase_rules *rules)
{
	const struct erase_loop *loop = NULL;
	const char *module = "vmlinux";

	for (size_t i = 0; i < rules->count; i++) {
		const struct erase_rule *rule = &rules->rules[i];

		if (loop && rule->loop != loop)
			fputs("endfor\n", stream);
		if (strcmp(rule->module, module) != 0)
			fprintf(stream, "[%s]\n", rule->module);
		if (rule->loop && rule->loop != loop)
			write_loop(stream, rule->loop);
		write_rule(stream, rule);
		loop = rule->loop;
		module = rule->module;
	}
	fputs(loop ? "endfor\n" : "", stream);
}

static char *rules_text(const struct vmc_erase_rules *rules, size_t *ret_size)
{
	char *text;
	FILE *stream = open_memstream(&text, ret_size);

	fuzz_require(stream);
	write_rules(stream, rules);
	fuzz_require(fclose(stream) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmc_erase_rules *rules, *again;
	size_t once, twice;
	char *text, *text_again;

	if (fuzz_failed(erase_rules_parse((const char *)data, size, &rules)))
		return 0;
	text = rules_text(rules, &once);
	if (!fuzz_failed(erase_rules_parse(text, once, &again))) {
		text_again = rules_text(again, &twice);
		fuzz_require(again->count == rules->count &&
			     again->loop_count == rules->loop_count);
		fuzz_require(once == twice && memcmp(text, text_again, once) == 0);
		free(text_again);
		vmc_erase_rules_destroy(again);
	} else {
		abort();
	}
	free(text);
	vmc_erase_rules_destroy(rules);
	return 0;
}
