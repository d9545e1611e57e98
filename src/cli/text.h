/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that came out of a dump (or a file name), made fit for a terminal and for JSON. */
#ifndef VMCULL_CLI_TEXT_H
#define VMCULL_CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* The length of the UTF-8 character that @text begins with; 0 when it is none. */
size_t utf8_length(const char *text, size_t size);

/* Writes @text with everything that could steer a terminal, or is no UTF-8, as \xNN: a kernel
 * release or a file name must not move the cursor.  The line feed is escaped as well. */
void text_write(FILE *stream, const char *text, size_t size);

/* The same as a string of its own; NULL when out of memory. */
char *text_printable(const char *text);

#endif
