// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <ttlog.h>

#include "channels.h"

static const char *const channels[TTLOG_NR_CHANNELS] = {
	[TTLOG_KEEP] = "keep",
	[TTLOG_FLOW] = "flow",
	[TTLOG_PROBE] = "probe",
	[TTLOG_KLOG] = "klog",
};

static const char *const causes[TTLOG_NR_LOST] = {
	[TTLOG_LOST_FILTERED] = "filtered",
	[TTLOG_LOST_SAMPLED] = "sampled",
	[TTLOG_LOST_LIMITED] = "limited",
	[TTLOG_LOST_TOO_LARGE] = "too_large",
	[TTLOG_LOST_FAULTED] = "faulted",
	[TTLOG_LOST_HELD] = "held",
	[TTLOG_LOST_NO_RING] = "no_ring",
	[TTLOG_LOST_MISSED] = "missed",
};

const char *channel_name(uint32_t channel)
{
	return channel < TTLOG_NR_CHANNELS ? channels[channel] : "unknown";
}

uint32_t channel_by_name(struct slice name)
{
	uint32_t channel = 0;

	while (channel < TTLOG_NR_CHANNELS && !slice_is(name, channels[channel]))
		channel++;
	return channel;
}

uint32_t channel_of_level(unsigned int level)
{
	return level <= TTLOG_WARNING ? TTLOG_KEEP : TTLOG_FLOW;
}

const char *lost_name(uint32_t cause)
{
	return cause < TTLOG_NR_LOST ? causes[cause] : "unknown";
}

void lost_print(const uint64_t *lost)
{
	const char *between = "";
	int i;

	for (i = 0; i < TTLOG_NR_LOST; i++) {
		if (!lost[i])
			continue;
		printf("%s%s=%" PRIu64, between, lost_name(i), lost[i]);
		between = " ";
	}
	puts(*between ? "" : "-");
}
