/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/strip/anonymize.h"

#include <string.h>

#include "base/grow.h"

/* "Command line: " by the architecture, "Kernel command line: " by init/main.c, also before each
 * part of a long one (7.0), "Unknown kernel command line parameters". */
#define MARK "ommand line"

#define SETTING_LENGTH_MIN 6    /* shorter ones ("a=1") are everywhere */
#define WORDS_MAX          4096 /* more than fit into the longest command line, of 4096 bytes */

static struct vmc_error *add_word(struct anonymizer *anonymizer, const char *word, size_t length)
{
	for (size_t i = 0; i < anonymizer->count; i++) {
		if (strlen(anonymizer->words[i]) == length &&
		    memcmp(anonymizer->words[i], word, length) == 0)
			return NULL;
	}
	if (anonymizer->count >= WORDS_MAX)
		return NULL;
	TRY(grow_array((void **)&anonymizer->words, &anonymizer->capacity, anonymizer->count + 1,
		       sizeof(*anonymizer->words)));

	char *copy = strndup(word, length);

	if (!copy)
		return error_nomem();
	anonymizer->words[anonymizer->count++] = copy;
	return NULL;
}

static bool says_nothing(const char *name)
{
	static const char *const names[] = {"", "(none)", "localhost", "localdomain"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static struct vmc_error *add_name(struct anonymizer *anonymizer, const char *name)
{
	size_t length = strlen(name), first = strcspn(name, ".");

	if (says_nothing(name))
		return NULL;
	TRY(add_word(anonymizer, name, length));
	/* localhost.localdomain: the first part says nothing either. */
	if (!first || first == length || strncmp(name, "localhost.", first + 1) == 0)
		return NULL;
	return add_word(anonymizer, name, first);
}

struct vmc_error *anonymizer_init(struct anonymizer *anonymizer, const char *node,
				  const char *domain)
{
	*anonymizer = (struct anonymizer){0};
	TRY(add_name(anonymizer, node));
	return add_name(anonymizer, domain);
}

void anonymizer_deinit(struct anonymizer *anonymizer)
{
	for (size_t i = 0; i < anonymizer->count; i++)
		free(anonymizer->words[i]);
	free(anonymizer->words);
	*anonymizer = (struct anonymizer){0};
}

/* Where the command line begins in @text; @length when there is none. */
static size_t command_line(const char *text, size_t length)
{
	const char *mark = memmem(text, length, MARK, strlen(MARK));
	size_t start;

	if (!mark)
		return length;
	start = (size_t)(mark - text) + strlen(MARK);
	if (start < length && text[start] == ':')
		start++;
	return start;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '"';
}

struct vmc_error *anonymizer_learn(struct anonymizer *anonymizer, const char *text, size_t length)
{
	size_t start = command_line(text, length);

	while (start < length) {
		size_t end = start;

		while (end < length && !is_space(text[end]))
			end++;
		if (end - start >= SETTING_LENGTH_MIN && memchr(text + start, '=', end - start))
			TRY(add_word(anonymizer, text + start, end - start));
		start = end + 1;
	}
	return NULL;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Blanks @word where no letter or digit joins it on either side. */
static void blank_word(const char *word, char *text, size_t length, char blank)
{
	size_t word_length = strlen(word);
	char *at = text;

	while ((at = memmem(at, length - (size_t)(at - text), word, word_length))) {
		char *behind = at + word_length;
		bool joined = (at > text && is_alphanumeric(at[-1])) ||
			      (behind < text + length && is_alphanumeric(*behind));

		if (!joined)
			memset(at, blank, word_length);
		at++;
	}
}

void anonymizer_blank(const struct anonymizer *anonymizer, char *text, size_t length, char blank)
{
	size_t start = command_line(text, length);

	memset(text + start, blank, length - start);
	for (size_t i = 0; i < anonymizer->count; i++)
		blank_word(anonymizer->words[i], text, length, blank);
}
