/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads that the library starts: with a small stack, and without the signals of the program. */
#ifndef VMCULL_BASE_THREAD_H
#define VMCULL_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Codecs take less than 16 KiB of it (test_thread), a handler of signals on a CPU with large
 * registers as much again. */
#define THREAD_STACK_SIZE ((size_t)256 << 10)

/* Starts @run, to be joined.  It gets no signals but those that its own accesses raise: all others
 * interrupt a thread of the caller.  Returns false when there is no thread to be had: memory or
 * their number is limited. */
bool thread_start(void *(*run)(void *arg), void *arg, pthread_t *ret_thread);

/* The CPUs that this process may use, at least 1. */
unsigned int thread_usable_cpus(void);

#endif
