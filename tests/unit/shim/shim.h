/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmod/ring.c needs of the kernel, for user space. A thread stands for a
 * CPU with preemption off; what interrupts it runs on the same thread.
 */
#ifndef TTLOG_SHIM_H
#define TTLOG_SHIM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;

/*
 * Called before each access to shared memory: there a test lets an interrupt
 * strike. NULL: none does.
 */
typedef void (*shim_fn)(void);
extern _Thread_local shim_fn shim_interrupt;

static inline void shim_point(void)
{
	if (shim_interrupt)
		shim_interrupt();
}

/* Which task runs on this thread, and whether an interrupt is on top of it. */
struct task_struct;
extern _Thread_local struct task_struct *current;
extern _Thread_local int shim_interrupts;
#define in_task()		(!shim_interrupts)

#define notrace
#define noinline __attribute__((__noinline__))
#define NOKPROBE_SYMBOL(fn)
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define BUILD_BUG_ON(x)		static_assert(!(x), #x)
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define ilog2(x)		(31 - __builtin_clz(x))

#define READ_ONCE(x) ({					\
	shim_point();					\
	__atomic_load_n(&(x), __ATOMIC_RELAXED);	\
})
#define WRITE_ONCE(x, value) do {			\
	typeof(x) __value = (value);			\
	shim_point();					\
	__atomic_store_n(&(x), __value, __ATOMIC_RELAXED); \
} while (0)
#define smp_store_release(p, value) do {		\
	typeof(*(p)) __value = (value);			\
	shim_point();					\
	__atomic_store_n(p, __value, __ATOMIC_RELEASE);	\
} while (0)
#define smp_load_acquire(p) ({				\
	shim_point();					\
	__atomic_load_n(p, __ATOMIC_ACQUIRE);		\
})
#define data_race(expr)		(expr)
#define cmpxchg_local(p, old, new) ({			\
	typeof(*(p)) __old = (old), __new = (new);	\
	shim_point();					\
	__atomic_compare_exchange_n(p, &__old, __new, false, \
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
	__old;						\
})
/*
 * ThreadSanitizer knows no fences; all that races here is atomic anyway. A full
 * barrier it must be for the machine, but one that tells nothing to other threads.
 */
#ifdef __SANITIZE_THREAD__
static inline void shim_mb(void)
{
	static _Thread_local int mine;

	__atomic_exchange_n(&mine, 1, __ATOMIC_SEQ_CST);
}

#define smp_wmb()		__atomic_signal_fence(__ATOMIC_SEQ_CST)
#define smp_mb()		shim_mb()
#else
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif

typedef struct {
	u64 value;
} local_t;

static inline void local_inc(local_t *l)
{
	__atomic_fetch_add(&l->value, 1, __ATOMIC_RELAXED);
}

static inline u64 shim_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#define ktime_get_mono_fast_ns()	shim_clock(CLOCK_MONOTONIC)
#define ktime_get_boot_fast_ns()	shim_clock(CLOCK_BOOTTIME)
#define ktime_get_real_fast_ns()	shim_clock(CLOCK_REALTIME)

#endif
