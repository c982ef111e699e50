// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "aim.h"
#include "device.h"
#include "levels.h"
#include "recorded.h"
#include "service.h"

static void take_service(struct aim *aim, struct argp_state *state, const char *arg)
{
	if (!service_seen_valid(arg))
		argp_error(state, "service '%s': " SERVICE_SEEN_CHOICES, arg, SERVICE_MAX);
	aim->service = arg;
}

error_t aim_parse(struct aim *aim, int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 's':
		take_service(aim, state, arg);
		return 0;
	case 'l':
		if (levels_parse(arg, &aim->levels))
			argp_error(state, "levels '%s': accepted are " LEVEL_CHOICES LEVELS_CHOICES,
				   arg);
		return 0;
	case ARGP_KEY_ARG:
		if (aim->value)
			argp_error(state, "one value is accepted: '%s' is too much", arg);
		aim->value = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

bool aim_inherits(const struct aim *aim)
{
	return *aim->service && !strcmp(aim->value, AIM_INHERIT);
}

const char *aim_or_inherit(const struct aim *aim)
{
	return *aim->service ? ", or " AIM_INHERIT : "";
}

int aim_set(const struct aim *aim, const struct ttlog_filter *change)
{
	struct ttlog_filter filter = *change;
	struct device device;
	int err, status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	strcpy(filter.service, aim->service);
	filter.levels = aim->levels;
	err = recorded_change(device.fd, &filter);
	if (err)
		status = recorded_failed(&device, aim->service, err, "set a filter");
	device_close(&device);
	return status;
}

int aim_show(const struct aim *aim,
	     void (*show)(const struct aim *aim, const struct ttlog_filter *all,
			  const struct ttlog_filter *own))
{
	/* Nothing of its own. */
	static const struct ttlog_filter none;
	const struct ttlog_filter *own, *for_all;
	struct recorded all;
	struct device device;
	int err, status;

	status = device_open(&device, O_RDONLY);
	if (status)
		return status;
	err = recorded_read(device.fd, &all);
	if (err) {
		status = recorded_failed(&device, "", err, "read the filters");
	} else {
		for_all = recorded_find(&all, "");
		own = recorded_find(&all, aim->service);
		show(aim, for_all ? for_all : &none, own ? own : &none);
	}
	device_close(&device);
	return status;
}
