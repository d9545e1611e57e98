/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input of a fuzz target, taken to pieces. */
#ifndef VMCULL_TESTS_FUZZ_INPUT_H
#define VMCULL_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <vmcull/error.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be so, whatever the input is. */
static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

/* What unit/ *.h take from cmocka. */
#define assert_true(what)      fuzz_require(what)
#define assert_false(what)     fuzz_require(!(what))
#define assert_non_null(what)  fuzz_require(what)
#define assert_int_equal(a, b) fuzz_require((a) == (b))
#define fail_msg(...)          abort()

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline struct fuzz_input fuzz_input(const uint8_t *data, size_t size)
{
	return (struct fuzz_input){data, size};
}

/* The next byte, 0 behind the end. */
static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

/* Up to @size bytes more; what is not there is left as it is. */
static inline size_t fuzz_bytes(struct fuzz_input *input, void *ret_bytes, size_t size)
{
	if (size > input->left)
		size = input->left;
	if (size)
		memcpy(ret_bytes, input->at, size);
	input->at += size;
	input->left -= size;
	return size;
}

/* A text up to its NUL or the end of the input; to be freed. */
static inline char *fuzz_text(struct fuzz_input *input)
{
	size_t size = input->left ? strnlen((const char *)input->at, input->left) : 0;
	char *text = malloc(size + 1);

	fuzz_require(text);
	fuzz_bytes(input, text, size);
	text[size] = '\0';
	fuzz_byte(input);
	return text;
}

/* An error has a message, and is of no more interest.  Was there one? */
static inline bool fuzz_failed(struct vmc_error *err)
{
	if (!err)
		return false;
	fuzz_require(vmc_error_message(err)[0]);
	vmc_error_free(err);
	return true;
}

#endif
