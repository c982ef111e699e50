/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the name of a service is made of.
 */
#ifndef TTLOG_SERVICE_H
#define TTLOG_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <ttlog.h>

/* For messages: what service_valid() accepts; takes SERVICE_MAX. */
#define SERVICE_CHOICES \
	"1 to %d printable ASCII characters without spaces are accepted"
#define SERVICE_MAX	(TTLOG_SERVICE_LEN - 1)

/* Is it 1 to SERVICE_MAX characters of ASCII, each from @first to '~'? */
static inline bool service_is_of(const char *name, char first)
{
	size_t len = 0;

	while (name[len] >= first && name[len] < 0x7f)
		len++;
	return len && len <= SERVICE_MAX && !name[len];
}

static inline bool service_valid(const char *name)
{
	return service_is_of(name, '!');
}

/*
 * Likewise what service_seen_valid() accepts: a service that wasn't named has the name of a
 * thread, which may have spaces.
 */
#define SERVICE_SEEN_CHOICES \
	"1 to %d printable ASCII characters are accepted, none but the inner ones a space"

static inline bool service_seen_valid(const char *name)
{
	return service_is_of(name, ' ') && name[0] != ' ' &&
	       name[strlen(name) - 1] != ' ';
}

#endif
