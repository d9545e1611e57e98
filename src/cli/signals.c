/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void remember_signal(int number)
{
	caught = number;
	alarm(1);
}

/* Who waits for the reader or the writer of a pipe does not look at what was caught.  Woken again
 * and again, for the signal itself may have come right before the wait. */
static void wake(int number)
{
	(void)number;
	alarm(1);
}

static void catch_signal(int number, int flags)
{
	struct sigaction action = {.sa_handler = remember_signal, .sa_flags = flags};
	struct sigaction old;

	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

static void be_woken(void)
{
	struct sigaction action = {.sa_handler = wake}; /* no SA_RESTART: a wait ends with EINTR */

	sigaction(SIGALRM, &action, NULL);
}

static void ignore_signal(int number)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	sigaction(number, &action, NULL);
}

void signals_init(void)
{
	/* Whoever presses ^C twice does not want to wait for the dump to be closed.  The other two
	 * may come twice by nature: a hangup from the kernel and from the shell. */
	catch_signal(SIGINT, SA_RESTART | SA_RESETHAND);
	catch_signal(SIGTERM, SA_RESTART);
	catch_signal(SIGHUP, SA_RESTART);
	be_woken();
	ignore_signal(SIGPIPE);
	/* A file size limit then fails as a write with EFBIG: what was saved is kept. */
	ignore_signal(SIGXFSZ);
}

int signal_caught(void)
{
	return caught;
}

const char *signal_caught_name(void)
{
	switch (caught) {
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGHUP:
		return "SIGHUP";
	default:
		return "no signal";
	}
}
