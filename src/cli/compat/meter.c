/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/meter.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "compat/say.h"
#include "signals.h"

#define INTERVAL      1.0 /* seconds between updates on a terminal, and between lines at least */
#define LINE_INTERVAL 10.0 /* seconds after which a line is due */
#define ETA_SIZE      32

static struct {
	const char *phase; /* of the library; NULL when none runs */
	const char *label;
	bool copies; /* of the last phase alone it is told how long it will take */
	bool terminal;
	bool line_open; /* the cursor stands behind a line on the terminal */
	double started, shown;
	unsigned int shown_tenths;
	uint64_t done, total;
	unsigned int spins;
} meter;

static const char *phase_label(const char *phase, bool *ret_copies)
{
	static const struct {
		const char *phase, *label;
	} labels[] = {
		{"Saving pages", "Copying data"},
		{"Classifying pages", "Excluding unnecessary pages"},
		{"Auditing pages", "Excluding unnecessary pages"},
	};

	*ret_copies = strcmp(phase, labels[0].phase) == 0;
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strcmp(phase, labels[i].phase) == 0)
			return labels[i].label;
	return phase;
}

static unsigned int meter_per_mille(void)
{
	if (meter.done >= meter.total)
		return 1000;
	return (unsigned int)((double)meter.done * 1000 / (double)meter.total);
}

/* The forms that makedumpfile has for it. */
static void format_eta(double now, char text[static ETA_SIZE])
{
	double elapsed = now - meter.started;
	double left =
		meter.done ? elapsed * (double)(meter.total - meter.done) / (double)meter.done : 0;
	unsigned long seconds;

	text[0] = '\0';
	if (!meter.copies)
		return;
	if (meter.done >= meter.total)
		left = 0;
	if (left >= 100.0 * 86400) {
		snprintf(text, ETA_SIZE, "eta: >100day");
		return;
	}
	seconds = (unsigned long)left;
	if (seconds < 60)
		snprintf(text, ETA_SIZE, "eta: %lus", seconds);
	else if (seconds < 3600)
		snprintf(text, ETA_SIZE, "eta: %lum%lus", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(text, ETA_SIZE, "eta: %luh%lum", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(text, ETA_SIZE, "eta: %lud%luh", seconds / 86400, seconds / 3600 % 24);
}

static void meter_show(double now)
{
	static const char spinner[] = "/|\\-";
	unsigned int per_mille = meter_per_mille();
	char eta[ETA_SIZE];

	format_eta(now, eta);
	if (meter.terminal)
		fprintf(stderr, "\r%-50s: [%3u.%u %%] %c  %16s", meter.label, per_mille / 10,
			per_mille % 10, spinner[meter.spins++ % (sizeof(spinner) - 1)], eta);
	else
		fprintf(stderr, "%-50s: [%3u.%u %%]%s%s\n", meter.label, per_mille / 10,
			per_mille % 10, eta[0] ? "  " : "", eta);
	fflush(stderr);
	meter.line_open = meter.terminal;
	meter.shown = now;
	meter.shown_tenths = per_mille / 100;
}

static void phase_begin(const char *phase, double now)
{
	meter.phase = phase;
	meter.label = phase_label(phase, &meter.copies);
	meter.terminal = isatty(STDERR_FILENO) == 1;
	meter.started = meter.shown = now;
	meter.shown_tenths = 0;
}

static bool update_is_due(double now)
{
	double waited = now - meter.shown;

	if (meter.terminal)
		return waited >= INTERVAL;
	return waited >= LINE_INTERVAL ||
	       (waited >= INTERVAL && meter_per_mille() / 100 > meter.shown_tenths);
}

static bool meter_step(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	double now = clock_now();

	(void)arg;
	if (!meter.phase || strcmp(meter.phase, phase) != 0) {
		meter_end();
		phase_begin(phase, now);
	}
	meter.done = done;
	meter.total = total;
	if (say_wanted(COMPAT_PROGRESS) && update_is_due(now))
		meter_show(now);
	return signal_caught() == 0;
}

struct vmc_progress meter_callback(void)
{
	return (struct vmc_progress){.step = meter_step};
}

void meter_end(void)
{
	if (!meter.phase)
		return;
	if (say_wanted(COMPAT_PROGRESS)) {
		meter_show(clock_now());
		if (meter.copies)
			meter_break();
	}
	meter.phase = NULL;
}

void meter_break(void)
{
	if (!meter.line_open)
		return;
	putc('\n', stderr);
	fflush(stderr);
	meter.line_open = false;
}
