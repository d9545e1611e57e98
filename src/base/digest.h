/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XXH64: finds bytes that changed by accident, at the speed of memory.  No protection from those
 * who mean to. */
#ifndef VMCULL_BASE_DIGEST_H
#define VMCULL_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Of bytes that come in pieces. */
struct digest {
	uint64_t state[12]; /* of the library; digest.c checks the size */
};

uint64_t digest_of(const void *bytes, size_t size, uint64_t seed);

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t size);
void digest_add_zeros(struct digest *digest, uint64_t count);
uint64_t digest_value(const struct digest *digest);

#endif
