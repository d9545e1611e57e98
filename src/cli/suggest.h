/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean …?" */
#ifndef VMCULL_CLI_SUGGEST_H
#define VMCULL_CLI_SUGGEST_H

/* The nearest of the names offered so far, when it is near enough to be meant. */
struct suggestion {
	const char *typed;
	const char *name; /* or NULL */
	unsigned int distance;
};

void suggestion_init(struct suggestion *suggestion, const char *typed);
void suggestion_offer(struct suggestion *suggestion, const char *name);

#endif
