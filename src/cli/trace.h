/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trace-reads: which bytes of the input were handed to a reader; vmcull(5) has the format. */
#ifndef VMCULL_CLI_TRACE_H
#define VMCULL_CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <vmcull/types.h>

struct trace;

/* Creates the file; an existing one is an error unless @replace.  Says what went wrong and returns
 * NULL. */
struct trace *trace_open(const char *path, bool replace);

/* For vmc_dump_options.trace; @arg is the struct trace. */
void trace_read(void *arg, vmc_foff offset, uint64_t size);

/* Writes what is left and frees @trace (NULL allowed).  Says what went wrong and returns false. */
bool trace_close(struct trace *trace);

#endif
