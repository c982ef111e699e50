// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each uid's share of the keep channel, so that one user's flood of warnings
 * doesn't evict everybody else's.
 *
 * A uid's account is one time: when it will have paid for what it took, at
 * keep_rate bytes a second. It may be ahead of now by the time that keep_burst
 * bytes take (GCRA, a token bucket in one word). An account whose time has come
 * is as good as new, so it can be given to another uid. That makes a table of
 * fixed size do, with no lock and no memory to take on the event path.
 *
 * A user may have many uids (a range of subordinate ones), so there is an account
 * of all of them together as well: SHARE_EVERYBODY times the rate of one, and half
 * of a CPU's ring at once.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/time64.h>
#include "share.h"

#define SHARE_BITS	12
#define SHARE_PROBES	8	/* accounts that a uid may have */
#define SHARE_TRIES	4	/* at an account that other CPUs use as well */
#define SHARE_EVERYBODY	4

struct account {
	u32 uid;		/* 0: free; uid 0 has no account */
	u64 paid;		/* mono, ns */
};

/* What is taken, and how much at once. */
struct price {
	u64 ns_per_kib;
	u64 burst_ns;
};

static struct account accounts[1U << SHARE_BITS];
static struct account everybody;
static struct price own_price, common_price;
static u32 salt;

static void set_price(struct price *p, u64 rate, u64 burst)
{
	p->ns_per_kib = div64_u64(1024ULL * NSEC_PER_SEC, rate);
	p->burst_ns = div64_u64(burst * NSEC_PER_SEC, rate);
}

/**
 * ttlog_share_init() - set what a uid may take
 * @rate: bytes a second, at least 1
 * @burst: bytes at once, at most 2^30
 * @ring: bytes of a CPU's ring of the keep channel, at most 2^33
 *
 * Context: at load, before anybody takes.
 */
void ttlog_share_init(u64 rate, u64 burst, u64 ring)
{
	salt = get_random_u32();
	set_price(&own_price, rate, burst);
	set_price(&common_price, rate * SHARE_EVERYBODY, max(burst, ring / 2));
}

/*
 * The account of a uid: its own, else one that is as good as new, else one that
 * it shares with a stranger.
 */
static notrace struct account *find_account(u32 uid, u64 now)
{
	u32 home = hash_32(uid ^ salt, SHARE_BITS);
	struct account *a, *spare = NULL;
	u32 owner;
	int i;

	for (i = 0; i < SHARE_PROBES; i++) {
		a = &accounts[(home + i) % (1U << SHARE_BITS)];
		owner = READ_ONCE(a->uid);
		if (owner == uid)
			return a;
		if (!spare && READ_ONCE(a->paid) <= now)
			spare = a;
	}
	if (!spare)
		return &accounts[home];
	/*
	 * Its former owner may be paying into it right now, or another CPU may
	 * have claimed it just before us: then two uids share it for a while.
	 */
	WRITE_ONCE(spare->uid, uid);
	return spare;
}

NOKPROBE_SYMBOL(find_account);

static notrace bool pay(struct account *a, const struct price *p, u32 bytes,
			u64 now)
{
	u64 cost = (bytes * p->ns_per_kib) >> 10;
	u64 old, from;
	int i;

	for (i = 0; i < SHARE_TRIES; i++) {
		old = READ_ONCE(a->paid);
		from = old > now ? old : now;
		if (from + cost - now > p->burst_ns)
			return false;
		if (cmpxchg(&a->paid, old, from + cost) == old)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(pay);

/**
 * ttlog_share_take() - may this uid put bytes into the keep channel?
 * @uid: effective uid, initial user namespace
 * @bytes: of the event, without padding
 * @now: mono, ns
 *
 * Context: any, preemption off.
 * Return: true if it may; then they are taken.
 */
notrace bool ttlog_share_take(u32 uid, u32 bytes, u64 now)
{
	/* Its own first: who is above that takes nothing from the others. */
	return !uid || (pay(find_account(uid, now), &own_price, bytes, now) &&
			pay(&everybody, &common_price, bytes, now));
}

NOKPROBE_SYMBOL(ttlog_share_take);
