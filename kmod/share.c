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
 * Within user namespaces a user may have many uids (a range of subordinate ones).
 * All of them are charged to whoever owns the outermost of these namespaces; where
 * that is root, who may have made it for somebody else, to the namespace's own
 * uid 0.
 *
 * Root isn't charged, but anybody can have a set-uid program write to a file that
 * they opened. So what root writes there is charged to them.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include "share.h"
#include "uapi/ttlog.h"

#define SHARE_BITS	12
#define SHARE_PROBES	8	/* accounts that a uid may have */
#define SHARE_TRIES	4	/* at an account that other CPUs use as well */

struct account {
	u32 uid;		/* 0: free; uid 0 has no account */
	u64 paid;		/* mono, ns */
};

static struct account accounts[1U << SHARE_BITS];
static u32 salt;
static u64 ns_per_kib;
static u64 burst_ns;
/* What these were made of; they are set together. */
static u64 share_rate, share_burst;
static DEFINE_MUTEX(share_lock);

/* A task that comes in between may be charged by half of it, once. */
static void set_share(u64 rate, u64 burst)
{
	share_rate = rate;
	share_burst = burst;
	WRITE_ONCE(ns_per_kib, div64_u64(1024ULL * NSEC_PER_SEC, rate));
	WRITE_ONCE(burst_ns, div64_u64(burst * NSEC_PER_SEC, rate));
}

/*
 * Accounts that are further ahead than can be now, as their time was that of another
 * share, would get nothing for long: they have taken all that there is, and no more.
 */
static void clamp_accounts(void)
{
	u64 most, paid;
	size_t i;

	/* Who is at work with the former share has preemption off: share.litmus */
	synchronize_rcu();
	most = ktime_get_mono_fast_ns() + burst_ns;
	for (i = 0; i < ARRAY_SIZE(accounts); i++) {
		paid = READ_ONCE(accounts[i].paid);
		/* Where that fails somebody has just found room in it. */
		if (paid > most)
			cmpxchg_relaxed(&accounts[i].paid, paid, most);
	}
}

/**
 * ttlog_share_init() - set what a uid may take
 * @rate: bytes a second, at least 1
 * @burst: bytes at once, at most 2^30
 *
 * Context: at load, before anybody takes.
 */
void ttlog_share_init(u64 rate, u64 burst)
{
	salt = get_random_u32();
	set_share(rate, burst);
}

/**
 * ttlog_share() - read or set what a uid may take
 * @share: what is wanted, and the answer
 *
 * Context: task; sleeps.
 * Return: 0, -EINVAL or -EPERM as the ABI says.
 */
int ttlog_share(struct ttlog_share *share)
{
	if (share->flags & ~TTLOG_SHARE_SET)
		return -EINVAL;
	if (share->flags &&
	    (!share->rate || share->rate > TTLOG_SHARE_MAX ||
	     share->burst < TTLOG_SHARE_BURST_MIN ||
	     share->burst > TTLOG_SHARE_MAX))
		return -EINVAL;
	if (share->flags && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&share_lock);
	if (share->flags) {
		set_share(share->rate, share->burst);
		clamp_accounts();
	}
	share->rate = share_rate;
	share->burst = share_burst;
	mutex_unlock(&share_lock);
	return 0;
}

/**
 * ttlog_share_payer() - whom what the running task does is charged to
 *
 * Context: task.
 * Return: a uid of the initial namespace; 0 if, and only if, that is the task's own.
 */
notrace u32 ttlog_share_payer(void)
{
	const struct cred *cred = current_cred();
	struct user_namespace *ns = cred->user_ns;
	u32 euid = __kuid_val(cred->euid);

	if (likely(!euid || ns == &init_user_ns))
		return euid;
	/* Namespaces nest 32 deep at most. */
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return __kuid_val(ns->owner) ?: __kuid_val(make_kuid(ns, 0)) ?: euid;
}
NOKPROBE_SYMBOL(ttlog_share_payer);

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

/**
 * ttlog_share_take() - may the running task put bytes into the keep channel?
 * @opener: who pays if the task is root: ttlog_share_payer() of who opened the file
 * @bytes: of the event, without padding
 * @now: mono, ns
 *
 * Context: task; preemption off.
 * Return: true if it may; then they are taken.
 */
notrace bool ttlog_share_take(u32 opener, u32 bytes, u64 now)
{
	u64 cost = (bytes * READ_ONCE(ns_per_kib)) >> 10;
	u32 uid = ttlog_share_payer() ?: opener;
	struct account *a;
	u64 old, from;
	int i;

	if (!uid)
		return true;
	a = find_account(uid, now);
	for (i = 0; i < SHARE_TRIES; i++) {
		old = READ_ONCE(a->paid);
		from = old > now ? old : now;
		if (from + cost - now > READ_ONCE(burst_ns))
			return false;
		if (cmpxchg_relaxed(&a->paid, old, from + cost) == old)
			return true;
	}
	return false;
}
NOKPROBE_SYMBOL(ttlog_share_take);
