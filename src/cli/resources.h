/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options --threads and --memory-limit, and what the machine has where they leave it open. */
#ifndef VMCULL_CLI_RESOURCES_H
#define VMCULL_CLI_RESOURCES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vmcull/write.h>

/* What is left of the machine. */
struct room {
	uint64_t memory; /* bytes; UINT64_MAX: not known */
	uint64_t cpus;
};

struct resources {
	unsigned int threads;  /* 0: as many as there are CPUs that may be used */
	uint64_t memory_limit; /* bytes; 0: what the machine has left */
	struct room room;      /* once looked at; no CPUs: when it is needed */
};

/* Take the value of --threads, or of --memory-limit; say what is wrong and return false. */
bool resources_take_threads(struct resources *resources, const char *command, const char *value);
bool resources_take_memory(struct resources *resources, const char *command, const char *value);

/* Looks at the machine now: later no file can be opened. */
void resources_look(struct resources *resources);

/* How many threads may classify pages; each takes a MiB. */
unsigned int resources_threads(const struct resources *resources);

/* Tells the writer of @plan.  What was left open makes threads fewer, but never fails a run. */
struct vmc_error *resources_apply(const struct resources *resources, const struct vmc_plan *plan,
				  struct vmc_write_options *options) VMC_MUST_CHECK;

/* What became of it: a line for people, members of an object for programs. */
void resources_report(FILE *stream, const struct vmc_write_summary *written);
json_t *resources_json(json_t *object, const struct vmc_write_summary *written);

#endif
