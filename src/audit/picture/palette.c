/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/picture/palette.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/*
 * After the colours of Okabe and Ito, which people who see red and green alike can tell apart:
 * those that often lie side by side differ in lightness too.  What is free is light, what is not
 * there is dark, and what needs a look is red and magenta, which nothing else is.
 */
static const struct {
	uint32_t rgb;
	char letter;
	const char *text; /* "#rrggbb" */
	const char *meaning;
} states[VMC_AUDIT_STATE_COUNT] = {
#define LOOK(rgb, letter, meaning)                 \
	{                                          \
		0x##rgb, letter, "#" #rgb, meaning \
	}
	[VMC_PAGE_UNKNOWN] = LOOK(ff1fc7, '?', "cannot be told"),
	[VMC_PAGE_KERNEL] = LOOK(8b93a3, 'k', "other memory of the kernel"),
	[VMC_PAGE_SLAB] = LOOK(009e73, 's', "slab caches"),
	[VMC_PAGE_TABLE] = LOOK(f0d83c, 't', "page tables"),
	[VMC_PAGE_FREE] = LOOK(f4f2e6, '.', "free"),
	[VMC_PAGE_FREE_PCP] = LOOK(cfe8b4, ',', "free, kept by one CPU"),
	[VMC_PAGE_UNACCEPTED] = LOOK(b9a5ec, 'U', "free, not accepted yet"),
	[VMC_PAGE_OFFLINE] = LOOK(5e3c99, 'O', "offline: ballooned or unplugged"),
	[VMC_PAGE_OFFLINE_SECTION] = LOOK(5e3c99, 'O', "offline"),
	[VMC_PAGE_HWPOISON] = LOOK(e3001b, 'X', "memory with a hardware error"),
	[VMC_PAGE_CACHE] = LOOK(62bdee, 'c', "page cache"),
	[VMC_PAGE_CACHE_PRIVATE] = LOOK(0a66b0, 'C', "page cache with private data"),
	[VMC_PAGE_ANON] = LOOK(f29b1d, 'a', "anonymous memory of processes"),
	[VMC_PAGE_HUGETLB] = LOOK(8c4a06, 'H', "pool of huge pages"),
	[VMC_AUDIT_ABSENT] = LOOK(30353d, '-', "no memory"),
#undef LOOK
};

static const uint32_t others[COLOR_COUNT - COLOR_PAPER] = {
	[0] = 0xffffff, /* COLOR_PAPER */
	[COLOR_INK - COLOR_PAPER] = 0x1b1f24,
	[COLOR_MUTED - COLOR_PAPER] = 0x656d78,
	[COLOR_LINE - COLOR_PAPER] = 0xc3c8cf,
	[COLOR_HATCH - COLOR_PAPER] = 0x4d5560,
};

const uint8_t states_in_order[STATES_DRAWN] = {
	VMC_PAGE_KERNEL,        VMC_PAGE_SLAB,       VMC_PAGE_TABLE,   VMC_PAGE_CACHE,
	VMC_PAGE_CACHE_PRIVATE, VMC_PAGE_ANON,       VMC_PAGE_HUGETLB, VMC_PAGE_FREE,
	VMC_PAGE_FREE_PCP,      VMC_PAGE_UNACCEPTED, VMC_PAGE_OFFLINE, VMC_PAGE_HWPOISON,
	VMC_PAGE_UNKNOWN,       VMC_AUDIT_ABSENT,
};

uint32_t color_rgb(unsigned int color)
{
	return color < COLOR_PAPER ? states[color].rgb : others[color - COLOR_PAPER];
}

const char *vmc_audit_state_color(unsigned int state)
{
	return states[state < VMC_AUDIT_STATE_COUNT ? state : VMC_PAGE_UNKNOWN].text;
}

char state_letter(unsigned int state)
{
	return states[state].letter;
}

const char *state_meaning(unsigned int state)
{
	return states[state].meaning;
}

void size_text(uint64_t pages, uint32_t page_size, char ret_text[SIZE_TEXT])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB"};
	double size = (double)pages * page_size;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1024;
		unit++;
	}

	int digits = size == (double)(uint64_t)size ? 0 : size < 10 ? 2 : size < 100 ? 1 : 0;

	snprintf(ret_text, SIZE_TEXT, "%.*f %s", digits, size, units[unit]);
}

void share_text(uint64_t part, uint64_t whole, char ret_text[SHARE_TEXT])
{
	double share = whole ? 100.0 * (double)part / (double)whole : 0;

	if (part && share < 0.1)
		strcpy(ret_text, "<0.1%");
	else
		snprintf(ret_text, SHARE_TEXT, "%.1f%%", share);
}

/* The state that is furthest behind, or ahead, of what it should have by @pages. */
static unsigned int most_wrong(const uint64_t pages[VMC_AUDIT_STATE_COUNT], uint64_t total,
			       unsigned int units, unsigned int least,
			       const unsigned int given[VMC_AUDIT_STATE_COUNT], bool behind)
{
	unsigned int worst = VMC_AUDIT_STATE_COUNT;
	double distance = 0;

	for (unsigned int state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		double fair = (double)pages[state] * units / (double)total;
		double off = behind ? fair - given[state] : given[state] - fair;
		bool rare = STATES_RARE >> state & 1;

		if (!pages[state] || (!behind && given[state] <= (rare ? least : 0)))
			continue;
		if (worst == VMC_AUDIT_STATE_COUNT || off > distance) {
			worst = state;
			distance = off;
		}
	}
	return worst;
}

void share_out(const uint64_t pages[VMC_AUDIT_STATE_COUNT], unsigned int units, unsigned int least,
	       unsigned int ret_units[VMC_AUDIT_STATE_COUNT])
{
	uint64_t total = 0;
	unsigned int used = 0, state;

	assert(units >= 4 * least); /* all rare states fit at once */
	for (state = 0; state < VMC_AUDIT_STATE_COUNT; state++)
		total += pages[state];
	for (state = 0; state < VMC_AUDIT_STATE_COUNT; state++) {
		bool rare = pages[state] && STATES_RARE >> state & 1;
		double fair = total ? (double)pages[state] * units / (double)total : 0;

		ret_units[state] = (unsigned int)fair;
		if (rare && ret_units[state] < least)
			ret_units[state] = least;
		used += ret_units[state];
	}
	for (; total && used < units; used++)
		ret_units[most_wrong(pages, total, units, least, ret_units, true)]++;
	for (; used > units; used--)
		ret_units[most_wrong(pages, total, units, least, ret_units, false)]--;
}
