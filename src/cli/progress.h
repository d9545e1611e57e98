/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a run is: a bar on a terminal, a line now and then elsewhere (a serial console). */
#ifndef VMCULL_CLI_PROGRESS_H
#define VMCULL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <vmcull/filter.h>

struct progress {
	bool quiet;
	bool terminal;
	uint32_t page_size; /* for the rate; 0: not known yet */
	char phase[32];     /* "" when none runs */
	double started;     /* of the phase, seconds */
	double shown;       /* when something was last shown */
	unsigned int shown_tenths;
	uint64_t done, total;
	bool visible; /* a bar stands in the last line of the terminal */
};

void progress_init(struct progress *progress, bool quiet);

/* For the library: shows and says whether to go on, which a signal forbids. */
struct vmc_progress progress_callback(struct progress *progress);

/* The phase is over.  Call it before anything is printed to stdout. */
void progress_end(struct progress *progress);

/* Takes the bar away for a message; it comes back with the next step. */
void progress_hide(void);

#endif
