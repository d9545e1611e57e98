/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of page flags.  They are given out anew every few years, all at once, and the few that
 * are exported differ each time: they tell in which order all of them are.  Only orders that were
 * read in the headers of kernels are here; those of 6.10 and 6.11 (PG_swapcache 11) were not.
 */
#include "kernel/infer.h"

#define FLAGS_MAX 24
#define NONE      (-1)

struct flag_order {
	/* As exported.  The first four always are, the others have to agree where they are. */
	int lru, private, head, swapcache;
	int slab, swapbacked;
	int before_hwpoison; /* the flag before it; one other may stand between */

	const char *reason;
	struct {
		enum fact_id id; /* 0 behind the last, which is no flag */
		int bit;
	} flags[FLAGS_MAX];
};

#define BIT(name, bit)                     \
	{                                  \
		FACT_NUMBER_PG_##name, bit \
	}

static const struct flag_order orders[] = {
	{
		.lru = 5,
		.private = 11,
		.head = 14,
		.swapcache = 15,
		.slab = 7,
		.swapbacked = 18,
		.before_hwpoison = 20,
		.reason = "as in 4.4, where PG_lru, PG_private, PG_head, PG_swapcache are 5, 11, "
			  "14, 15",
		.flags = {BIT(locked, 0), BIT(error, 1), BIT(referenced, 2), BIT(uptodate, 3),
			  BIT(dirty, 4), BIT(active, 6), BIT(owner_priv_1, 8), BIT(arch_1, 9),
			  BIT(reserved, 10), BIT(private_2, 12), BIT(writeback, 13),
			  BIT(mappedtodisk, 16), BIT(reclaim, 17), BIT(unevictable, 19),
			  BIT(mlocked, 20)},
	},
	{
		.lru = 5,
		.private = 12,
		.head = 15,
		.swapcache = 9,
		.slab = 8,
		.swapbacked = 18,
		.before_hwpoison = 20,
		.reason = "as in 4.15 and 4.18, where PG_lru, PG_private, PG_head, PG_swapcache "
			  "are 5, 12, 15, 9",
		.flags = {BIT(locked, 0), BIT(error, 1), BIT(referenced, 2), BIT(uptodate, 3),
			  BIT(dirty, 4), BIT(active, 6), BIT(waiters, 7), BIT(owner_priv_1, 9),
			  BIT(arch_1, 10), BIT(reserved, 11), BIT(private_2, 13),
			  BIT(writeback, 14), BIT(mappedtodisk, 16), BIT(reclaim, 17),
			  BIT(unevictable, 19), BIT(mlocked, 20)},
	},
	{
		/* No free page has PG_uptodate before 5.7, which made PG_reported of it. */
		.lru = 4,
		.private = 13,
		.head = 16,
		.swapcache = 10,
		.slab = 9,
		.swapbacked = 19,
		.before_hwpoison = 21,
		.reason = "as in 5.0 to 6.5, where PG_lru, PG_private, PG_head, PG_swapcache are "
			  "4, 13, 16, 10",
		.flags = {BIT(locked, 0), BIT(referenced, 1), BIT(uptodate, 2), BIT(dirty, 3),
			  BIT(active, 5), BIT(workingset, 6), BIT(waiters, 7), BIT(error, 8),
			  BIT(owner_priv_1, 10), BIT(arch_1, 11), BIT(reserved, 12),
			  BIT(private_2, 14), BIT(writeback, 15), BIT(mappedtodisk, 17),
			  BIT(reclaim, 18), BIT(unevictable, 20), BIT(mlocked, 21),
			  BIT(reported, 2)},
	},
	{
		.lru = 5,
		.private = 15,
		.head = 6,
		.swapcache = 12,
		.slab = 11,
		.swapbacked = 19,
		.before_hwpoison = 21,
		.reason = "as in 6.8, where PG_lru, PG_private, PG_head, PG_swapcache are 5, 15, "
			  "6, 12",
		.flags = {BIT(locked, 0), BIT(writeback, 1), BIT(referenced, 2), BIT(uptodate, 3),
			  BIT(dirty, 4), BIT(waiters, 7), BIT(active, 8), BIT(workingset, 9),
			  BIT(error, 10), BIT(owner_priv_1, 12), BIT(arch_1, 13), BIT(reserved, 14),
			  BIT(private_2, 16), BIT(mappedtodisk, 17), BIT(reclaim, 18),
			  BIT(unevictable, 20), BIT(mlocked, 21), BIT(anon_exclusive, 17),
			  BIT(reported, 3)},
	},
	{
		/* PG_dropbehind went before PG_mlocked in 6.14. */
		.lru = 5,
		.private = 14,
		.head = 6,
		.swapcache = 10,
		.slab = NONE,
		.swapbacked = 17,
		.before_hwpoison = 19,
		.reason = "as in 6.12 to 7.3, where PG_lru, PG_private, PG_head, PG_swapcache are "
			  "5, 14, 6, 10",
		.flags = {BIT(locked, 0), BIT(writeback, 1), BIT(referenced, 2), BIT(uptodate, 3),
			  BIT(dirty, 4), BIT(waiters, 7), BIT(active, 8), BIT(workingset, 9),
			  BIT(owner_priv_1, 10), BIT(owner_2, 11), BIT(arch_1, 12),
			  BIT(reserved, 13), BIT(private_2, 15), BIT(reclaim, 16),
			  BIT(unevictable, 18), BIT(mappedtodisk, 11), BIT(anon_exclusive, 11),
			  BIT(reported, 3)},
	},
};

static bool agrees(const struct facts *facts, enum fact_id id, int bit)
{
	return !fact_known(facts, id) || fact_is(facts, id, (uint64_t)(int64_t)bit);
}

static bool hwpoison_agrees(const struct facts *facts, const struct flag_order *order)
{
	return agrees(facts, FACT_NUMBER_PG_hwpoison, order->before_hwpoison + 1) ||
	       agrees(facts, FACT_NUMBER_PG_hwpoison, order->before_hwpoison + 2);
}

/* What an inference adds must not contradict what is known: that would be taken for damage. */
static bool flags_agree(const struct facts *facts, const struct flag_order *order)
{
	for (size_t i = 0; i < FLAGS_MAX && order->flags[i].id; i++) {
		if (!agrees(facts, order->flags[i].id, order->flags[i].bit))
			return false;
	}
	return !fact_known(facts, FACT_NUMBER_PG_buddy); /* in none of them */
}

static bool order_matches(const struct facts *facts, const struct flag_order *order)
{
	return fact_is(facts, FACT_NUMBER_PG_lru, (uint64_t)order->lru) &&
	       fact_is(facts, FACT_NUMBER_PG_private, (uint64_t)order->private) &&
	       fact_is(facts, FACT_NUMBER_PG_head_mask, UINT64_C(1) << order->head) &&
	       fact_is(facts, FACT_NUMBER_PG_swapcache, (uint64_t)order->swapcache) &&
	       agrees(facts, FACT_NUMBER_PG_slab, order->slab) &&
	       agrees(facts, FACT_NUMBER_PG_swapbacked, order->swapbacked) &&
	       hwpoison_agrees(facts, order) && flags_agree(facts, order);
}

/* What only the number of PG_hwpoison tells, which stands behind all of them. */
static void infer_before_hwpoison(struct facts *facts, const struct flag_order *order)
{
	bool between =
		fact_is(facts, FACT_NUMBER_PG_hwpoison, (uint64_t)order->before_hwpoison + 2);

	if (!fact_known(facts, FACT_NUMBER_PG_hwpoison))
		return;
	if (order->slab != NONE) {
		if (between)
			fact_infer(facts, FACT_NUMBER_PG_uncached, order->before_hwpoison + 1,
				   "the one flag between PG_mlocked and PG_hwpoison, to 6.8");
	} else if (between && agrees(facts, FACT_NUMBER_PG_mlocked, 20)) {
		fact_infer(facts, FACT_NUMBER_PG_dropbehind, 19,
			   "before PG_mlocked where PG_hwpoison is 21, since 6.14");
		fact_infer(facts, FACT_NUMBER_PG_mlocked, 20,
			   "before PG_hwpoison where that is 21, since 6.14");
	} else if (!between && !fact_known(facts, FACT_NUMBER_PG_dropbehind)) {
		fact_infer(facts, FACT_NUMBER_PG_mlocked, 19,
			   "before PG_hwpoison where that is 20, as in 6.12");
	}
}

/* PG_anon_exclusive came in 5.19, in the middle of an order.  The key came in 6.3 and hangs on code
 * of that release. */
static void infer_exclusive(struct facts *facts, const struct flag_order *order)
{
	if (order->private == 13 && fact_known(facts, FACT_OFFSET_folio_order))
		fact_infer(facts, FACT_NUMBER_PG_anon_exclusive, 17,
			   "the bit of PG_mappedtodisk in kernels that export folio._folio_order, "
			   "6.3 to 6.5");
}

void infer_flag_order(struct facts *facts)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct flag_order *order = &orders[i];

		if (!order_matches(facts, order))
			continue;
		for (size_t j = 0; j < FLAGS_MAX && order->flags[j].id; j++)
			fact_infer(facts, order->flags[j].id, order->flags[j].bit, order->reason);
		infer_before_hwpoison(facts, order);
		infer_exclusive(facts, order);
		return;
	}
}
