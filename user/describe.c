// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"

#define DEFAULT_SERVICE	"ttlog"

int describe_host(struct snapshot *snapshot)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	FILE *file = fopen(path, "re");

	if (!file || !fgets(snapshot->boot_id, 37, file)) {
		warn("cannot read %s", path);
		if (file)
			fclose(file);
		return EXIT_OTHER;
	}
	fclose(file);
	uname(&snapshot->kernel);
	snapshot->service = DEFAULT_SERVICE;
	snapshot->pid = getpid();
	snapshot->count = 1;
	return EXIT_OK;
}

void describe_contents(struct snapshot *snapshot, const struct device *device,
		       const struct contents *contents)
{
	memcpy(snapshot->recorder_id, device->info.boot_id,
	       sizeof(snapshot->recorder_id));
	snapshot->abi_major = device->info.abi_major;
	snapshot->abi_minor = device->info.abi_minor;
	snapshot->layout = device->info.layout;
	snapshot->names = &contents->names;
	snapshot->clocks = contents->clocks;
	snapshot->rings = contents->rings;
	snapshot->nr_rings = contents->nr;
}
