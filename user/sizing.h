/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long rings of another size would hold what is written now: the arithmetic of it.
 */
#ifndef TTLOG_SIZING_H
#define TTLOG_SIZING_H

#include <stdbool.h>
#include <stdint.h>
#include <ttlog.h>

/* Nothing is written: it would hold for ever. */
#define SIZING_IDLE	UINT64_MAX

/* What the module accepts for memory and klog_size: kmod/params.c. */
#define SIZING_CPU_MIN		(64ULL << 10)
#define SIZING_CPU_MAX		(2ULL << 30)
#define SIZING_KLOG_MAX		(1ULL << 30)

/**
 * struct layout - what makes rings of the parameter memory
 * @cpus: possible ones
 * @page_size: bytes
 * @block_size: bytes
 * @keep_share: per cent
 * @probe_share: per cent
 */
struct layout {
	uint64_t cpus;
	uint32_t page_size;
	uint32_t block_size;
	uint32_t keep_share;
	uint32_t probe_share;
};

/**
 * struct rate - what one ring was filled by, meanwhile
 * @cpu: of the ring
 * @bytes: of the ring that were filled
 * @events: that these are
 */
struct rate {
	uint32_t cpu;
	uint64_t bytes;
	uint64_t events;
};

/**
 * struct demand - of each channel, what the CPU writes that writes most
 * @ns: the time of it, more than 0
 * @rates: by channel
 */
struct demand {
	uint64_t ns;
	struct rate rates[TTLOG_NR_CHANNELS];
};

/* The least bytes that it has of its newest, once it is full. */
struct held {
	uint64_t bytes[TTLOG_NR_CHANNELS];
};

/**
 * sizing_held() - what rings hold with memory=@memory, and the default of klog_size
 *
 * Return: false if the module would refuse it.
 */
bool sizing_held(const struct layout *layout, uint64_t memory, struct held *held);

/* The same of the kernel's log with klog_size=@bytes. */
uint64_t sizing_klog_held(const struct layout *layout, uint64_t bytes);

/* How long so many bytes of a channel last, in ns; SIZING_IDLE: for ever. */
uint64_t sizing_span(const struct demand *demand, uint32_t channel, uint64_t bytes);

/**
 * sizing_shortest() - which channel reaches back least
 * @klog: among all; otherwise among those whose rings are of memory
 *
 * Return: the channel, or TTLOG_NR_CHANNELS where all are idle.
 */
uint32_t sizing_shortest(const struct demand *demand, const struct held *held, bool klog);

/**
 * sizing_memory() - a value of memory with which each CPU's rings hold for @span ns
 *
 * Return: whole MiB in bytes, from the least on that the module accepts; 0: the most that
 * it accepts isn't enough.
 */
uint64_t sizing_memory(const struct layout *layout, const struct demand *demand,
		       uint64_t span);

/* The same of klog_size, in whole 64 KiB. */
uint64_t sizing_klog(const struct layout *layout, const struct demand *demand,
		     uint64_t span);

#endif
