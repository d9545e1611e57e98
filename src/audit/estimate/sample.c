/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/estimate/sample.h"

#include <stdlib.h>

#include "base/grow.h"

void sample_init(struct sample *sample, size_t wanted, uint64_t seed)
{
	*sample = (struct sample){.wanted = wanted, .random = seed};
}

void sample_deinit(struct sample *sample)
{
	free(sample->pages);
	*sample = (struct sample){0};
}

/* splitmix64: one addition and two multiplications a number. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Even enough: below 2^32 no number is likelier than another by more than end / 2^32. */
static uint64_t random_below(uint64_t *state, uint64_t end)
{
	uint64_t number = random_next(state);

	/* A division takes longer than all the rest. */
	return end <= UINT32_MAX ? (number >> 32) * end >> 32 : number % end;
}

/* Reservoir sampling: page number i takes a place with probability wanted / i. */
struct vmc_error *sample_put(struct sample *sample, vmc_pfn start, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct sample_page page = {start + i, count - i - 1};
		uint64_t place = sample->count;

		sample->seen++;
		if (place < sample->wanted) {
			TRY(grow_array((void **)&sample->pages, &sample->capacity,
				       sample->count + 1, sizeof(*sample->pages)));
			sample->count++;
		} else {
			place = random_below(&sample->random, sample->seen);
		}
		if (place < sample->wanted)
			sample->pages[place] = page;
	}
	return NULL;
}

static int compare_pages(const void *a, const void *b)
{
	vmc_pfn x = ((const struct sample_page *)a)->pfn, y = ((const struct sample_page *)b)->pfn;

	return (x > y) - (x < y);
}

void sample_sort(struct sample *sample)
{
	if (sample->count)
		qsort(sample->pages, sample->count, sizeof(*sample->pages), compare_pages);
}
