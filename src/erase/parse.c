/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of rules: lines of words.  Everything from a '#' on is a comment. */
#include <ctype.h>
#include <string.h>

#include "base/checked.h"
#include "base/grow.h"
#include "base/io.h"
#include "erase/rules.h"

#define WORDS_MAX 8 /* "for ID in LIST within STRUCT:MEMBER" has 6 */
#define WORD_MAX  512

struct parser {
	struct vmc_erase_rules *rules;
	const char *module;
	struct erase_loop *loop; /* the one that we are in, or NULL */
	size_t loop_rules;       /* in it so far */
	unsigned int line;
	char *words[WORDS_MAX];
	size_t count;
};

static struct vmc_error *wrong(const struct parser *parser, const char *what)
{
	return error_create(VMC_ERR_INVALID, "line %u: %s", parser->line, what);
}

static bool is_name(const char *text, size_t length)
{
	if (!length || isdigit((unsigned char)*text))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	}
	return true;
}

/* 8021q and nf-nat are some. */
static bool is_module(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != '-')
			return false;
	}
	return length;
}

/* name.name.name */
static bool is_expression(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, ".");

		if (!is_name(text, length))
			return false;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

/* A number, with K for 1024 or M for the square of that. */
static bool parse_size(const char *text, uint64_t *ret_size)
{
	uint64_t size = 0, unit = 1;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		if (!checked_mul(size, 10, &size) ||
		    !checked_add(size, (uint64_t)(*text - '0'), &size))
			return false;
	}
	if (toupper((unsigned char)*text) == 'K')
		unit = 1024;
	else if (toupper((unsigned char)*text) == 'M')
		unit = 1024 * 1024;
	return !text[unit != 1] && checked_mul(size, unit, ret_size) && *ret_size &&
	       *ret_size <= ERASE_SIZE_MAX;
}

/* The two words behind "size", or the one that is "nullify". */
static struct vmc_error *rule_size(const struct parser *parser, struct erase_rule *rule)
{
	if (parser->count == 2)
		return NULL;
	if (parser->count == 3 && !strcmp(parser->words[2], "nullify")) {
		rule->kind = ERASE_SIZE_NULLIFY;
		return NULL;
	}
	if (parser->count != 4 || strcmp(parser->words[2], "size") != 0)
		return wrong(parser, "'erase NAME' is followed by 'size SIZE', 'nullify' or the "
				     "end of the line");
	rule->size_text = parser->words[3];
	if (parse_size(rule->size_text, &rule->size)) {
		rule->kind = ERASE_SIZE_NUMBER;
		return NULL;
	}
	rule->kind = ERASE_SIZE_EXPRESSION;
	if (!is_expression(rule->size_text))
		return wrong(parser, "a size is a number between 1 and 1024M, which K or M may "
				     "follow, or a NAME.MEMBER");
	return NULL;
}

static struct vmc_error *parse_erase(struct parser *parser)
{
	struct vmc_erase_rules *rules = parser->rules;
	struct erase_rule rule = {
		.line = parser->line,
		.module = parser->module,
		.loop = parser->loop,
	};

	if (parser->count < 2 || !is_expression(parser->words[1]))
		return wrong(parser, "'erase' is followed by NAME or NAME.MEMBER");
	rule.expression = parser->words[1];
	TRY(rule_size(parser, &rule));
	if (rules->count >= ERASE_RULES_MAX)
		return error_create(VMC_ERR_LIMIT, "line %u: more than %d rules", parser->line,
				    ERASE_RULES_MAX);
	TRY(grow_array((void **)&rules->rules, &rules->capacity, rules->count + 1,
		       sizeof(*rules->rules)));
	rules->rules[rules->count++] = rule;
	parser->loop_rules++;
	return NULL;
}

/* "via MEMBER" or "within STRUCT:MEMBER". */
static bool loop_kind(const struct parser *parser, struct erase_loop *loop)
{
	char *colon;

	if (parser->count == 4)
		return true;
	if (parser->count != 6)
		return false;
	if (!strcmp(parser->words[4], "via")) {
		loop->kind = ERASE_LOOP_VIA;
		loop->member = parser->words[5];
		return is_expression(loop->member);
	}
	colon = strchr(parser->words[5], ':');
	if (strcmp(parser->words[4], "within") != 0 || !colon)
		return false;
	*colon = '\0';
	loop->kind = ERASE_LOOP_WITHIN;
	loop->type = parser->words[5];
	loop->member = colon + 1;
	return is_name(loop->type, strlen(loop->type)) && is_expression(loop->member);
}

static struct vmc_error *parse_for(struct parser *parser)
{
	struct vmc_erase_rules *rules = parser->rules;

	if (parser->loop)
		return wrong(parser, "'for' inside of 'for'");
	if (rules->loop_count >= ERASE_RULES_MAX)
		return error_create(VMC_ERR_LIMIT, "line %u: more than %d loops", parser->line,
				    ERASE_RULES_MAX);
	TRY(grow_array((void **)&rules->loops, &rules->loop_capacity, rules->loop_count + 1,
		       sizeof(struct erase_loop *)));

	struct erase_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return error_nomem();
	rules->loops[rules->loop_count++] = loop;
	loop->line = parser->line;
	if (parser->count < 4 || !is_name(parser->words[1], strlen(parser->words[1])) ||
	    strcmp(parser->words[2], "in") != 0 || !is_expression(parser->words[3]) ||
	    !loop_kind(parser, loop))
		return wrong(parser, "a loop is 'for ID in ARRAY', 'for ID in STRUCT via MEMBER' "
				     "or 'for ID in LIST within STRUCT:MEMBER'");
	loop->id = parser->words[1];
	loop->list = parser->words[3];
	parser->loop = loop;
	parser->loop_rules = 0;
	return NULL;
}

static struct vmc_error *parse_endfor(struct parser *parser)
{
	if (!parser->loop || parser->count != 1)
		return wrong(parser, "'endfor' stands alone and ends a loop");
	if (!parser->loop_rules)
		return wrong(parser, "a loop without 'erase'");
	parser->loop = NULL;
	return NULL;
}

/* "[module]" */
static struct vmc_error *parse_section(struct parser *parser)
{
	char *name = parser->words[0] + 1;
	size_t length = strlen(name);

	if (parser->loop)
		return wrong(parser, "a section begins inside of 'for'");
	if (parser->count != 1 || length < 2 || name[length - 1] != ']' ||
	    !is_module(name, length - 1))
		return wrong(parser, "a section is '[vmlinux]' or '[MODULE]'");
	name[length - 1] = '\0';
	parser->module = name;
	return NULL;
}

/* Cuts the line into its words. */
static struct vmc_error *split(struct parser *parser, char *line)
{
	char *rest = NULL;

	line[strcspn(line, "#")] = '\0';
	parser->count = 0;
	for (char *word = strtok_r(line, " \t\r", &rest); word;
	     word = strtok_r(NULL, " \t\r", &rest)) {
		if (parser->count == WORDS_MAX)
			return wrong(parser, "too many words");
		if (strlen(word) > WORD_MAX)
			return wrong(parser, "a word is too long");
		parser->words[parser->count++] = word;
	}
	return NULL;
}

static struct vmc_error *parse_line(struct parser *parser, char *line)
{
	TRY(split(parser, line));
	if (!parser->count)
		return NULL;
	if (parser->words[0][0] == '[')
		return parse_section(parser);
	if (!strcmp(parser->words[0], "erase"))
		return parse_erase(parser);
	if (!strcmp(parser->words[0], "for"))
		return parse_for(parser);
	if (!strcmp(parser->words[0], "endfor"))
		return parse_endfor(parser);
	return wrong(parser, "a line begins with '[', 'erase', 'for', 'endfor' or '#'");
}

static struct vmc_error *parse_lines(struct parser *parser, char *text)
{
	while (text) {
		char *end = strchr(text, '\n');

		parser->line++;
		if (end)
			*end = '\0';
		TRY(parse_line(parser, text));
		text = end ? end + 1 : NULL;
	}
	return parser->loop ? error_create(VMC_ERR_INVALID, "line %u: 'for' without 'endfor'",
					   parser->loop->line)
			    : NULL;
}

struct vmc_error *erase_rules_parse(const char *text, size_t size,
				    struct vmc_erase_rules **ret_rules)
{
	_cleanup_(vmc_erase_rules_destroy) struct vmc_erase_rules *rules =
		calloc(1, sizeof(*rules));
	struct parser parser = {.module = "vmlinux"};

	if (!rules)
		return error_nomem();
	if (size > ERASE_FILE_MAX)
		return error_create(VMC_ERR_LIMIT, "more than %zu bytes", ERASE_FILE_MAX);
	if (memchr(text, '\0', size))
		return error_create(VMC_ERR_INVALID, "is no text");
	rules->text = strndup(text, size);
	if (!rules->text)
		return error_nomem();
	parser.rules = rules;
	TRY(parse_lines(&parser, rules->text));
	*ret_rules = take_ptr(rules);
	return NULL;
}

struct vmc_error *vmc_erase_parse(const char *path, struct vmc_erase_rules **ret_rules)
{
	_cleanup_(io_file_close) struct io_file *file = NULL;

	TRY(io_file_open(path, &file));
	if (file->size > ERASE_FILE_MAX)
		return error_create(VMC_ERR_LIMIT, "%s: more than %zu bytes", path, ERASE_FILE_MAX);

	_cleanup_free_ char *text = malloc(file->size + 1);

	if (!text)
		return error_nomem();
	TRY(io_file_read(file, 0, text, file->size));
	return error_context(erase_rules_parse(text, file->size, ret_rules), "%s", path);
}

void vmc_erase_rules_destroy(struct vmc_erase_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->loop_count; i++)
		free(rules->loops[i]);
	free(rules->loops);
	free(rules->rules);
	free(rules->text);
	free(rules);
}
