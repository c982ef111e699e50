// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"

#define NO_BOOT_ID	"00000000-0000-0000-0000-000000000000"

int describe_boot(char *boot_id)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	FILE *file = fopen(path, "re");
	int status = EXIT_OK;

	if (!file || !fgets(boot_id, BOOT_ID_SIZE, file)) {
		warn("cannot read %s", path);
		strcpy(boot_id, NO_BOOT_ID);
		status = EXIT_OTHER;
	}
	if (file)
		fclose(file);
	return status;
}

void describe_host(struct snapshot *snapshot, const char *boot_id)
{
	strcpy(snapshot->boot_id, boot_id);
	uname(&snapshot->kernel);
	snapshot->service = DESCRIBE_SERVICE;
	snapshot->pid = getpid();
	snapshot->count = 1;
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
	snapshot->alive = device->alive;
	/* Older modules have none, and a file is worth more than they are. */
	if (recorded_read(device->fd, &snapshot->filters))
		snapshot->filters.nr = 0;
}
