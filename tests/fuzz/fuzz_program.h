/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the program on a command line: the words of the input, each with a NUL behind it.  No word
 * has a slash, and the folder that the program is in does not exist any more, so that there is no
 * file that it could open or make.  What it says is held against what a terminal may get.
 */
#ifndef VMCULL_TESTS_FUZZ_PROGRAM_H
#define VMCULL_TESTS_FUZZ_PROGRAM_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "fuzz_input.h"
#include "message.h"
#include "program.h"
#include "text.h"

#define FUZZ_WORDS_MAX 32

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[] = "/tmp/fuzz-XXXXXX";
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)argc;
	(void)argv;
	fuzz_require(null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO);
	fuzz_require(mkdtemp(folder) && chdir(folder) == 0 && rmdir(folder) == 0);
	return 0;
}

/* Printable characters and ends of lines. */
static inline void fuzz_require_printable(const char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t length = utf8_length(text + i, size - i);

		fuzz_require(length > 0);
		fuzz_require(length > 1 || text[i] == '\n' || text[i] == '\t' || text[i] == '\r' ||
			     ((uint8_t)text[i] >= ' ' && text[i] != '\x7f'));
		i += length;
	}
}

/* A stream in memory in the place of *@stream. */
struct fuzz_stream {
	FILE **stream, *before;
	char *text;
	size_t size;
};

static inline void fuzz_stream_begin(struct fuzz_stream *captured, FILE **stream)
{
	captured->stream = stream;
	captured->before = *stream;
	*stream = open_memstream(&captured->text, &captured->size);
	fuzz_require(*stream);
}

static inline void fuzz_stream_end(struct fuzz_stream *captured)
{
	fuzz_require(fclose(*captured->stream) == 0);
	*captured->stream = captured->before;
	fuzz_require_printable(captured->text, captured->size);
	free(captured->text);
}

/* @face: the name that the program is called by. */
static inline int fuzz_program(const char *face, struct fuzz_input input)
{
	char *argv[FUZZ_WORDS_MAX + 2] = {strdup(face)}, *copy[FUZZ_WORDS_MAX + 2];
	struct fuzz_stream out, err;
	int argc = 1, status;

	while (input.left && argc < FUZZ_WORDS_MAX) {
		argv[argc] = fuzz_text(&input);
		for (char *c = argv[argc]; *c; c++)
			*c = (char)(*c == '/' ? '_' : *c);
		argc++;
	}
	memcpy(copy, argv, sizeof(copy)); /* getopt() changes their order */
	message_speak_as(NULL);
	message_mute(false);
	fuzz_stream_begin(&out, &stdout);
	fuzz_stream_begin(&err, &stderr);
	status = program_run(argc, argv);
	fuzz_stream_end(&err);
	fuzz_stream_end(&out);
	for (int i = 0; i < argc; i++)
		free(copy[i]);
	return status;
}

#endif
