// SPDX-License-Identifier: GPL-2.0-only
/*
 * Try to set a probe, and one of its return, on each function that is named on
 * standard input. Prints which weren't refused as functions that can't be probed,
 * and how many were tried.
 */
#include <err.h>
#include "probes.h"

static void refused(const struct recorder *r, struct ttlog_probe p)
{
	int error = probe_add(r, &p);

	if (error != EOPNOTSUPP)
		printf("%s%s: %s\n", p.symbol, p.flags ? " ret" : "",
		       error ? strerror(error) : "it is set");
}

int main(void)
{
	char line[TTLOG_SYMBOL_LEN];
	struct recorder r = {};
	unsigned int nr = 0;

	r.fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (r.fd < 0)
		err(1, DEVICE);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		refused(&r, probe_on(line, 0, 0, 0));
		refused(&r, probe_on(line, 0, 0, TTLOG_PROBE_RETURN));
		nr++;
	}
	printf("%u\n", nr);
	return 0;
}
