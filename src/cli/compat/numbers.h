/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as makedumpfile takes them, but nothing else: it makes 0 of what is no number. */
#ifndef VMCULL_CLI_COMPAT_NUMBERS_H
#define VMCULL_CLI_COMPAT_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

/* Digits of @base (10; 16 with or without 0x; 0: as in C) up to @max and nothing around them. */
bool compat_number(const char *text, int base, uint64_t max, uint64_t *ret_number);

/* As the kernel's memparse(): a number and a suffix K, M, G, T, P or E.  Zero is no size. */
bool compat_size(const char *text, uint64_t *ret_bytes);

#endif
