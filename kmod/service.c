// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of services. They live in the map header and are never taken back: an
 * event in a ring names its service by number.
 */
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "map.h"
#include "service.h"
#include "share.h"

static DEFINE_MUTEX(service_lock);	/* of the table in the map header, and of: */
static u32 payer_of[TTLOG_NR_SERVICES];	/* whom a name is charged to */

static bool valid(const char *name)
{
	size_t i;

	for (i = 0; i < TTLOG_SERVICE_LEN && name[i]; i++)
		if (name[i] < 0x21 || name[i] > 0x7e)
			return false;
	return i && i < TTLOG_SERVICE_LEN;
}

/*
 * The id of this uid's name, an old or a new one, charged to @payer. Caller holds
 * service_lock.
 */
static int find_or_add(const char *name, u32 uid, u32 payer)
{
	u32 i, nr = ttlog_map->nr_services, mine = 0;
	struct ttlog_service *s = ttlog_map->service;

	for (i = 0; i < nr; i++) {
		if (s[i].uid == uid && !strcmp(s[i].name, name))
			return i;
		mine += payer_of[i] == payer;
	}
	if (nr + (payer ? TTLOG_ROOT_SERVICES : 0) >= TTLOG_NR_SERVICES)
		return -ENOSPC;
	if (payer && mine >= TTLOG_UID_SERVICES)
		return -EDQUOT;
	payer_of[nr] = payer;
	strscpy(s[nr].name, name, sizeof(s[nr].name));
	s[nr].uid = uid;
	/*
	 * Pairs with a reader's acquire, names.litmus: entries below nr_services
	 * are whole.
	 */
	smp_store_release(&ttlog_map->nr_services, nr + 1);
	return nr;
}

/**
 * ttlog_service_name() - get the id of a service, named by the caller
 * @name: the name, and the answer
 *
 * Context: task.
 * Return: 0, -EINVAL, -EDQUOT or -ENOSPC as the ABI says.
 */
int ttlog_service_name(struct ttlog_service_name *name)
{
	int id;

	if (!valid(name->name))
		return -EINVAL;
	mutex_lock(&service_lock);
	id = find_or_add(name->name, __kuid_val(current_euid()),
			 ttlog_share_payer());
	mutex_unlock(&service_lock);
	if (id < 0)
		return id;
	name->id = id;
	return 0;
}
