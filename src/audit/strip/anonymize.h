/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes of the log name the machine: its node and domain name, the command line where the
 * kernel prints it, and settings of the command line (words with "=") wherever they come again.
 */
#ifndef VMCULL_AUDIT_ANONYMIZE_H
#define VMCULL_AUDIT_ANONYMIZE_H

#include "base/error.h"

struct anonymizer {
	char **words; /* to be blanked where they stand as words */
	size_t count, capacity;
};

/* To be deinitialised also after an error.  Names that say nothing ("(none)", "localhost") are left
 * alone; of a name with dots the first part counts too. */
struct vmc_error *anonymizer_init(struct anonymizer *anonymizer, const char *node,
				  const char *domain) VMC_MUST_CHECK;
void anonymizer_deinit(struct anonymizer *anonymizer);

/* Learns the settings of a command line when @text, of a record of the log, is one. */
struct vmc_error *anonymizer_learn(struct anonymizer *anonymizer, const char *text,
				   size_t length) VMC_MUST_CHECK;

/* Sets what names the machine to @blank. */
void anonymizer_blank(const struct anonymizer *anonymizer, char *text, size_t length, char blank);

#endif
