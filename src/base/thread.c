/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

/* Linux may be configured for 8,192 CPUs; who asks for the mask of fewer gets an error. */
#define CPUS_MAX 65536

/* Those that an instruction raises must come through: what a thread blocks of them kills the
 * process (base/sigbus.c waits for SIGBUS). */
static void signals_to_block(sigset_t *ret_set)
{
	static const int raised[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

	sigfillset(ret_set);
	for (size_t i = 0; i < sizeof(raised) / sizeof(raised[0]); i++)
		sigdelset(ret_set, raised[i]);
}

/* The mask is inherited, so that no signal can come before the thread has set its own. */
static bool start_blocked(const pthread_attr_t *attributes, void *(*run)(void *arg), void *arg,
			  pthread_t *ret_thread)
{
	sigset_t block, before;
	bool started;

	signals_to_block(&block);
	if (pthread_sigmask(SIG_BLOCK, &block, &before) != 0)
		return false;
	started = pthread_create(ret_thread, attributes, run, arg) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

bool thread_start(void *(*run)(void *arg), void *arg, pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	bool started;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	/* Fails where the smallest stack is larger; then it is the usual one. */
	pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE);
	started = start_blocked(&attributes, run, arg, ret_thread);
	pthread_attr_destroy(&attributes);
	return started;
}

unsigned int thread_usable_cpus(void)
{
	for (size_t cpus = CPU_SETSIZE; cpus <= CPUS_MAX; cpus *= 2) {
		size_t size = CPU_ALLOC_SIZE(cpus);
		cpu_set_t *set = CPU_ALLOC(cpus);
		int result = set ? sched_getaffinity(0, size, set) : -1;
		bool too_small = set && result != 0 && errno == EINVAL;
		int count = result == 0 ? CPU_COUNT_S(size, set) : 0;

		CPU_FREE(set);
		if (!too_small)
			return count > 0 ? (unsigned int)count : 1;
	}
	return 1;
}
