/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/digest.h"

#include <string.h>

/* All of it inline: there is no library to link.  XXH3 is faster still, and ten times the code. */
#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(XXH64_state_t) <= sizeof(struct digest), "the state fits");

uint64_t digest_of(const void *bytes, size_t size, uint64_t seed)
{
	return XXH64(bytes, size, seed);
}

static void state_put(struct digest *digest, const XXH64_state_t *state)
{
	memcpy(digest->state, state, sizeof(*state));
}

static XXH64_state_t state_get(const struct digest *digest)
{
	XXH64_state_t state;

	memcpy(&state, digest->state, sizeof(state));
	return state;
}

void digest_init(struct digest *digest)
{
	XXH64_state_t state;

	XXH64_reset(&state, 0);
	state_put(digest, &state);
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
	XXH64_state_t state = state_get(digest);

	XXH64_update(&state, bytes, size);
	state_put(digest, &state);
}

void digest_add_zeros(struct digest *digest, uint64_t count)
{
	static const uint8_t zeros[4096];

	for (; count > sizeof(zeros); count -= sizeof(zeros))
		digest_add(digest, zeros, sizeof(zeros));
	digest_add(digest, zeros, (size_t)count);
}

uint64_t digest_value(const struct digest *digest)
{
	XXH64_state_t state = state_get(digest);

	return XXH64_digest(&state);
}
