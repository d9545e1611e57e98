/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "signals.h"

#define BAR_INTERVAL   0.1  /* seconds between two updates of the bar */
#define LINE_INTERVAL  10.0 /* seconds after which a line is due */
#define LINE_SPACING   1.0  /* seconds that two lines are apart at least */
#define LINE_MAX_WIDTH 79   /* the last column is left free: some terminals wrap there */

/* The one that may have a bar on the terminal: messages have to know. */
static struct progress *current;

void progress_init(struct progress *progress, bool quiet)
{
	*progress = (struct progress){.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1};
}

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return LINE_MAX_WIDTH;
	return size.ws_col <= LINE_MAX_WIDTH ? size.ws_col - 1u : LINE_MAX_WIDTH;
}

static double progress_fraction(const struct progress *progress)
{
	if (progress->done >= progress->total)
		return 1;
	return (double)progress->done / (double)progress->total;
}

/* "  812 MB/s", "ETA 1:02:03" as far as something can be said. */
static void format_rate(const struct progress *progress, double now, char *text, size_t size)
{
	double elapsed = now - progress->started;
	double fraction = progress_fraction(progress);
	double bytes = (double)progress->done * progress->page_size;
	int used = bytes > 0 && elapsed > 0
			   ? snprintf(text, size, "%8.0f MB/s", bytes / 1e6 / elapsed)
			   : snprintf(text, size, "%13s", "");

	if (elapsed < 1 || fraction <= 0 || fraction >= 1 || used < 0 || (size_t)used >= size)
		return;

	double left = elapsed * (1 - fraction) / fraction;

	if (left >= 360000) /* 100 hours: nothing is known yet */
		return;

	unsigned int seconds = (unsigned int)left;

	snprintf(text + used, size - (size_t)used, "  ETA %u:%02u:%02u", seconds / 3600,
		 seconds / 60 % 60, seconds % 60);
}

static void show_bar(struct progress *progress, double now)
{
	static const char marks[] = "########################";
	char rate[64];
	char line[160];
	unsigned int width = terminal_width();
	double fraction = progress_fraction(progress);
	int cells = (int)sizeof(marks) - 1;
	int full = (int)(fraction * cells);

	format_rate(progress, now, rate, sizeof(rate));
	snprintf(line, sizeof(line), "%-14s [%.*s%*s] %3u %%%s", progress->phase, full, marks,
		 cells - full, "", (unsigned int)(fraction * 100), rate);
	/* Padded instead of erased: TERM is not looked at, so no control sequence is safe. */
	fprintf(stderr, "\r%-*.*s", (int)width, (int)width, line);
	fflush(stderr);
	progress->visible = true;
	progress->shown = now;
}

static void show_line(struct progress *progress, double now)
{
	char rate[64];

	format_rate(progress, now, rate, sizeof(rate));
	fprintf(stderr, "%-14s %3u %%%s\n", progress->phase,
		(unsigned int)(progress_fraction(progress) * 100), rate);
	fflush(stderr);
	progress->shown_tenths = (unsigned int)(progress_fraction(progress) * 10);
	progress->shown = now;
}

static void progress_show(struct progress *progress, double now)
{
	double waited = now - progress->shown;

	if (progress->quiet)
		return;
	if (progress->terminal) {
		if (waited >= BAR_INTERVAL)
			show_bar(progress, now);
		return;
	}

	unsigned int tenths = (unsigned int)(progress_fraction(progress) * 10);

	if (waited >= LINE_INTERVAL || (tenths > progress->shown_tenths && waited >= LINE_SPACING))
		show_line(progress, now);
}

static void phase_begin(struct progress *progress, const char *phase, double now)
{
	snprintf(progress->phase, sizeof(progress->phase), "%s", phase);
	progress->started = progress->shown = now;
	progress->shown_tenths = 0;
	current = progress;
}

static bool progress_step(void *arg, const char *phase, uint64_t done, uint64_t total)
{
	struct progress *progress = arg;
	double now = clock_now();

	if (strncmp(progress->phase, phase, sizeof(progress->phase) - 1) != 0) {
		progress_end(progress);
		phase_begin(progress, phase, now);
	}
	progress->done = done;
	progress->total = total;
	progress_show(progress, now);
	return signal_caught() == 0;
}

struct vmc_progress progress_callback(struct progress *progress)
{
	return (struct vmc_progress){.step = progress_step, .arg = progress};
}

void progress_end(struct progress *progress)
{
	double now = clock_now();

	/* A phase that ran long enough to be seen gets its last state shown. */
	if (progress->phase[0] && !progress->quiet) {
		if (progress->visible) {
			show_bar(progress, now);
			putc('\n', stderr);
			fflush(stderr);
		} else if (!progress->terminal && progress->shown_tenths < 10 &&
			   now - progress->started >= LINE_SPACING) {
			show_line(progress, now);
		}
	}
	progress->visible = false;
	progress->phase[0] = '\0';
	current = NULL;
}

void progress_hide(void)
{
	if (!current || !current->visible)
		return;
	fprintf(stderr, "\r%*s\r", (int)terminal_width(), "");
	fflush(stderr);
	current->visible = false;
	current->shown = 0; /* comes back at once */
}
