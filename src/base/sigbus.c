/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sigbus.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* One slot for each map that is alive; who gets none reads without a map. */
#define SLOT_COUNT 4096

struct sigbus_slot {
	atomic_bool taken;
	atomic_uintptr_t start; /* 0: nothing guarded */
	atomic_size_t size;
	atomic_bool hit;
};

_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "the handler must not meet a lock");

static struct sigbus_slot slots[SLOT_COUNT];
static pthread_once_t install_once = PTHREAD_ONCE_INIT;
static bool installed;
static struct sigaction previous;
static uintptr_t host_page_size;

/* The slot that guards @address.  Others may change while we look: a slot is cleared before its
 * size changes, so a start that reads the same twice belongs to the size read in between. */
static struct sigbus_slot *slot_find(uintptr_t address)
{
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		uintptr_t start = atomic_load(&slots[i].start);
		size_t size = atomic_load(&slots[i].size);

		if (start && address >= start && address - start < size &&
		    atomic_load(&slots[i].start) == start)
			return &slots[i];
	}
	return NULL;
}

/* Puts a page of zeros at @address, so that the access goes through when it is tried again.  The
 * table of system calls is not used here: a test's double need not be safe in a handler. */
static bool page_replace(uintptr_t address)
{
	void *page = (void *)(address & ~(host_page_size - 1));

	return mmap(page, host_page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == page;
}

static void pass_on(int signal, siginfo_t *info, void *context)
{
	bool was_sent = info->si_code <= 0; /* by kill(2) and the like: no access is tried again */

	if (previous.sa_flags & SA_SIGINFO) {
		previous.sa_sigaction(signal, info, context);
	} else if (previous.sa_handler == SIG_IGN && was_sent) {
		return;
	} else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
		/* Die as if we had not been there: the access faults again when we return. */
		struct sigaction fatal = {.sa_handler = SIG_DFL};

		sigaction(signal, &fatal, NULL);
		if (was_sent)
			raise(signal);
	} else {
		previous.sa_handler(signal);
	}
}

static void sigbus_handle(int signal, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	/* BUS_MCEERR_AO tells of an error that nobody has run into yet. */
	bool was_access = info->si_code > 0 && info->si_code != BUS_MCEERR_AO;
	uintptr_t address = (uintptr_t)info->si_addr;
	struct sigbus_slot *slot = was_access ? slot_find(address) : NULL;

	if (slot && page_replace(address))
		atomic_store(&slot->hit, true);
	else
		pass_on(signal, info, context);
	errno = saved_errno;
}

static void sigbus_install(void)
{
	struct sigaction action = {.sa_sigaction = sigbus_handle,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};

	host_page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&action.sa_mask);
	installed = sigaction(SIGBUS, &action, &previous) == 0;
}

struct sigbus_slot *sigbus_slot_take(void)
{
	pthread_once(&install_once, sigbus_install);
	for (size_t i = 0; installed && i < SLOT_COUNT; i++) {
		if (!atomic_exchange(&slots[i].taken, true))
			return &slots[i];
	}
	return NULL;
}

void sigbus_slot_release(struct sigbus_slot *slot)
{
	if (!slot)
		return;
	sigbus_slot_clear(slot);
	atomic_store(&slot->taken, false);
}

void sigbus_slot_guard(struct sigbus_slot *slot, const void *start, size_t size)
{
	sigbus_slot_clear(slot);
	atomic_store(&slot->hit, false);
	atomic_store(&slot->size, size);
	atomic_store(&slot->start, (uintptr_t)start);
}

void sigbus_slot_clear(struct sigbus_slot *slot)
{
	atomic_store(&slot->start, 0);
}

bool sigbus_slot_hit(const struct sigbus_slot *slot)
{
	return atomic_load_explicit(&slot->hit, memory_order_relaxed);
}
