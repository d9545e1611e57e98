/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Surviving access to a map whose file became shorter, or whose disk fails: SIGBUS.
 *
 * A slot guards one live map of one thread.  A fault inside it puts a page of zeros there and marks
 * the slot; a fault elsewhere goes on to the handler that was installed before ours.
 */
#ifndef VMCULL_BASE_SIGBUS_H
#define VMCULL_BASE_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>

struct sigbus_slot;

/* Takes a slot out of a table of fixed size, and installs the process-wide handler the first time.
 * NULL: there is none to be had, so do not map. */
struct sigbus_slot *sigbus_slot_take(void);

/* Gives it back; NULL is allowed.  The map must be gone already. */
void sigbus_slot_release(struct sigbus_slot *slot);

/* Guards [start, start + size), from now on unmarked, instead of what was guarded before.  Call it
 * after mmap() and before the first access, by the thread that accesses. */
void sigbus_slot_guard(struct sigbus_slot *slot, const void *start, size_t size);

/* Guards nothing.  Call it before munmap(). */
void sigbus_slot_clear(struct sigbus_slot *slot);

/* Was there a fault since sigbus_slot_guard()? */
bool sigbus_slot_hit(const struct sigbus_slot *slot);

#endif
