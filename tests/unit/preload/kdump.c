// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the place of libkdumpfile: a dump of one page, of which no recorder is made, and
 * whose answers are told, as the library gives them to no file that a test can make.
 * FAKE_KDUMP has what fails: the name of an attribute, "new", "read", which ends by an
 * error, or "why", which no error has then; or "map": the page begins as a map does, and
 * the rest of it isn't there.
 */
#include <errno.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ttlog.h>

static bool fails(const char *what)
{
	const char *told = getenv("FAKE_KDUMP");

	return told && strstr(told, what);
}

kdump_ctx_t *kdump_new(void)
{
	if (!fails("new"))
		return (kdump_ctx_t *)"a dump";
	errno = ENOMEM;
	return NULL;
}

void kdump_free(kdump_ctx_t *ctx)
{
	(void)ctx;
}

const char *kdump_get_err(kdump_ctx_t *ctx)
{
	(void)ctx;
	return fails("why") ? NULL : "as was told";
}

kdump_status kdump_set_attr(kdump_ctx_t *ctx, const char *key, const kdump_attr_t *value)
{
	(void)ctx;
	(void)value;
	return fails(key) ? KDUMP_ERR_INVALID : KDUMP_OK;
}

kdump_status kdump_get_typed_attr(kdump_ctx_t *ctx, const char *key, kdump_attr_t *value)
{
	(void)ctx;
	if (fails(key))
		return KDUMP_ERR_NODATA;
	if (!strcmp(key, KDUMP_ATTR_PAGE_SIZE))
		value->val.number = 4096;
	else if (!strcmp(key, KDUMP_ATTR_BYTE_ORDER))
		value->val.number = KDUMP_LITTLE_ENDIAN;
	else
		value->val.bitmap = NULL;
	return KDUMP_OK;
}

kdump_status kdump_read(kdump_ctx_t *ctx, kdump_addrspace_t space, kdump_addr_t at, void *to,
			size_t *size)
{
	const uint64_t magic = TTLOG_MAP_MAGIC;

	(void)ctx;
	(void)space;
	(void)at;
	if (fails("map") && *size == sizeof(magic)) {
		memcpy(to, &magic, sizeof(magic));
		return KDUMP_OK;
	}
	return fails("read") ? KDUMP_ERR_CORRUPT : KDUMP_ERR_NODATA;
}

kdump_status kdump_vmcoreinfo_line(kdump_ctx_t *ctx, const char *key, char **value)
{
	(void)ctx;
	(void)key;
	(void)value;
	return KDUMP_ERR_NODATA;
}

unsigned long kdump_bmp_incref(kdump_bmp_t *bitmap)
{
	(void)bitmap;
	return 1;
}

unsigned long kdump_bmp_decref(kdump_bmp_t *bitmap)
{
	(void)bitmap;
	return 0;
}

kdump_status kdump_bmp_find_set(kdump_bmp_t *bitmap, kdump_addr_t *at)
{
	(void)bitmap;
	return *at ? KDUMP_ERR_NODATA : KDUMP_OK;
}
