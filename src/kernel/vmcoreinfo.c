/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/vmcoreinfo.h"

#include <string.h>

#include "base/grow.h"

/* How much of a broken value an error shows: lines of the kernel have at most 79 characters. */
#define VALUE_SHOWN 80

/* Splits one line, whose newline is a NUL by now.  False when it is no "KEY=value". */
static bool line_split(char *line, struct vmcoreinfo_entry *ret_entry)
{
	char *equals = strchr(line, '=');

	if (!equals || equals == line)
		return false;
	*equals = '\0';
	*ret_entry = (struct vmcoreinfo_entry){.key = line, .value = equals + 1};
	return true;
}

static struct vmc_error *lines_collect(struct vmcoreinfo *vmcoreinfo)
{
	char *line = vmcoreinfo->strings;
	size_t capacity = 0;

	for (char *newline; (newline = strchr(line, '\n')); line = newline + 1) {
		struct vmcoreinfo_entry entry;

		*newline = '\0';
		if (!line_split(line, &entry))
			continue;
		TRY(grow_array((void **)&vmcoreinfo->entries, &capacity, vmcoreinfo->count + 1,
			       sizeof(*vmcoreinfo->entries)));
		vmcoreinfo->entries[vmcoreinfo->count++] = entry;
	}
	vmcoreinfo->truncated = *line != '\0';
	return NULL;
}

/* By key; equal keys in the order of the text. */
static int entry_compare(const void *a, const void *b)
{
	const struct vmcoreinfo_entry *left = a;
	const struct vmcoreinfo_entry *right = b;
	int order = strcmp(left->key, right->key);

	if (order)
		return order;
	return left->key < right->key ? -1 : left->key > right->key;
}

/* Of entries with the same key the last stays: a kernel appends what it learns later. */
static void entries_drop_repeated(struct vmcoreinfo *vmcoreinfo)
{
	struct vmcoreinfo_entry *entries = vmcoreinfo->entries;
	size_t kept = 0;

	for (size_t i = 0; i < vmcoreinfo->count; i++) {
		if (i + 1 < vmcoreinfo->count && !strcmp(entries[i].key, entries[i + 1].key))
			continue;
		entries[kept++] = entries[i];
	}
	vmcoreinfo->count = kept;
}

static struct vmc_error *text_parse(const char *text, size_t size, struct vmcoreinfo *ret)
{
	ret->size = strnlen(text, size);
	ret->text = strndup(text, ret->size);
	ret->strings = strndup(text, ret->size);
	if (!ret->text || !ret->strings)
		return error_nomem();
	TRY(lines_collect(ret));
	if (!ret->count)
		return error_create(VMC_ERR_CORRUPT, "VMCOREINFO: no KEY=value line in %zu bytes",
				    size);
	qsort(ret->entries, ret->count, sizeof(*ret->entries), entry_compare);
	entries_drop_repeated(ret);
	return NULL;
}

struct vmc_error *vmcoreinfo_parse(const char *text, size_t size, struct vmcoreinfo *ret)
{
	*ret = (struct vmcoreinfo){0};
	if (size > VMCOREINFO_SIZE_MAX)
		return error_create(VMC_ERR_LIMIT, "VMCOREINFO: %zu bytes, more than %zu", size,
				    VMCOREINFO_SIZE_MAX);

	struct vmc_error *err = text_parse(text, size, ret);

	if (err)
		vmcoreinfo_deinit(ret);
	return err;
}

void vmcoreinfo_deinit(struct vmcoreinfo *vmcoreinfo)
{
	free(vmcoreinfo->text);
	free(vmcoreinfo->strings);
	free(vmcoreinfo->entries);
	*vmcoreinfo = (struct vmcoreinfo){0};
}

static int key_compare(const void *key, const void *entry)
{
	return strcmp(key, ((const struct vmcoreinfo_entry *)entry)->key);
}

const char *vmcoreinfo_string(const struct vmcoreinfo *vmcoreinfo, const char *key)
{
	if (!vmcoreinfo->count)
		return NULL;

	const struct vmcoreinfo_entry *entry =
		bsearch(key, vmcoreinfo->entries, vmcoreinfo->count, sizeof(*entry), key_compare);

	return entry ? entry->value : NULL;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Digits to the end of the string and nothing else, unlike strtoull(). */
static bool digits_parse(const char *digits, unsigned int base, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*digits)
		return false;
	for (; *digits; digits++) {
		unsigned int digit = (unsigned int)digit_value(*digits);

		if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	*ret_value = value;
	return true;
}

static bool hex_prefixed(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static bool hex_parse(const char *text, uint64_t *ret_value)
{
	return digits_parse(hex_prefixed(text) ? text + 2 : text, 16, ret_value);
}

static bool number_parse(const char *text, int64_t *ret_value)
{
	bool negative = *text == '-';
	uint64_t magnitude;

	if (hex_prefixed(text)) {
		if (!hex_parse(text, &magnitude))
			return false;
		*ret_value = (int64_t)magnitude;
		return true;
	}
	if (!digits_parse(text + negative, 10, &magnitude))
		return false;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	*ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return true;
}

static struct vmc_error *value_error(const char *key, const char *value, const char *kind)
{
	char shown[VALUE_SHOWN + 1];
	size_t length = 0;

	for (; length < VALUE_SHOWN && value[length]; length++) /* it may end up on a terminal */
		shown[length] =
			(char)(value[length] >= ' ' && value[length] <= '~' ? value[length] : '?');
	shown[length] = '\0';
	return error_create(VMC_ERR_CORRUPT, "VMCOREINFO: %s=%s is not %s", key, shown, kind);
}

struct vmc_error *vmcoreinfo_hex(const struct vmcoreinfo *vmcoreinfo, const char *key,
				 bool *ret_known, uint64_t *ret_value)
{
	const char *value = vmcoreinfo_string(vmcoreinfo, key);

	*ret_known = value;
	if (value && !hex_parse(value, ret_value))
		return value_error(key, value, "a hexadecimal number of 64 bits");
	return NULL;
}

struct vmc_error *vmcoreinfo_unsigned(const struct vmcoreinfo *vmcoreinfo, const char *key,
				      bool *ret_known, uint64_t *ret_value)
{
	const char *value = vmcoreinfo_string(vmcoreinfo, key);

	*ret_known = value;
	if (value && !digits_parse(value, 10, ret_value))
		return value_error(key, value, "an unsigned decimal number of 64 bits");
	return NULL;
}

struct vmc_error *vmcoreinfo_number(const struct vmcoreinfo *vmcoreinfo, const char *key,
				    bool *ret_known, int64_t *ret_value)
{
	const char *value = vmcoreinfo_string(vmcoreinfo, key);

	*ret_known = value;
	if (value && !number_parse(value, ret_value))
		return value_error(key, value, "a signed decimal or 0x number of 64 bits");
	return NULL;
}
