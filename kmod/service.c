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

/* Of adding to the table in the map header, and to the next; both only grow. */
static DEFINE_MUTEX(service_lock);
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
 * The id of this uid's name; -ENOENT: it has none, and a new one may be charged to
 * @payer; -EDQUOT, -ENOSPC: it may not.
 */
static int find(const char *name, u32 uid, u32 payer)
{
	const struct ttlog_service *s = ttlog_map->service;
	u32 nr, mine = 0, i;

	/* Pairs with the release in add(), names.litmus. */
	nr = smp_load_acquire(&ttlog_map->nr_services);
	for (i = 0; i < nr; i++) {
		if (s[i].uid == uid && !strcmp(s[i].name, name))
			return i;
		mine += payer_of[i] == payer;
	}
	if (nr + (payer ? TTLOG_ROOT_SERVICES : 0) >= TTLOG_NR_SERVICES)
		return -ENOSPC;
	if (payer && mine >= TTLOG_UID_SERVICES)
		return -EDQUOT;
	return -ENOENT;
}

/* Caller holds service_lock, and there is room. */
static int add(const char *name, u32 uid, u32 payer)
{
	struct ttlog_service *s = ttlog_map->service;
	u32 nr = ttlog_map->nr_services;

	payer_of[nr] = payer;
	strscpy(s[nr].name, name, sizeof(s[nr].name));
	s[nr].uid = uid;
	/*
	 * Pairs with a reader's acquire, names.litmus: entries below nr_services
	 * are whole.
	 */
	smp_store_release(&ttlog_map->nr_services, nr + 1);
	ttlog_map_keep();
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
	u32 uid = __kuid_val(current_euid()), payer = ttlog_share_payer();
	int id;

	if (!valid(name->name))
		return -EINVAL;
	/* Who may add no more doesn't get the lock, which others wait for. */
	id = find(name->name, uid, payer);
	if (id == -ENOENT) {
		mutex_lock(&service_lock);
		id = find(name->name, uid, payer);
		if (id == -ENOENT)
			id = add(name->name, uid, payer);
		mutex_unlock(&service_lock);
	}
	if (id < 0)
		return id;
	name->id = id;
	return 0;
}
