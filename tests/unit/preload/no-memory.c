// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded: refuses memory. NO_MEMORY is which allocation of the program, counted
 * from 1, is refused; with "+" all that follow are as well. Each that is refused puts
 * a byte into the file NO_MEMORY_FD.
 */
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long at, count;
static int to = -1;
static char more, exempt;

__attribute__((constructor))
static void set_up(void)
{
	const char *said = getenv("NO_MEMORY"), *fd = getenv("NO_MEMORY_FD");
	char *end;

	if (!said || !fd)
		return;
	at = strtoul(said, &end, 10);
	more = *end;
	to = atoi(fd);
}

/* A program that counts what of it is run saves that at its end, and needs memory. */
char *getenv(const char *name)
{
	size_t len = strlen(name);
	char **entry;

	if (!strncmp(name, "GCOV_", 5))
		at = 0;
	for (entry = environ; *entry; entry++) {
		if (!strncmp(*entry, name, len) && (*entry)[len] == '=')
			return *entry + len + 1;
	}
	return NULL;
}

static char refused(void)
{
	if (!at || exempt)
		return 0;
	count++;
	if (count != at && !(more && count > at))
		return 0;
	if (write(to, "", 1) != 1)
		abort();
	errno = ENOMEM;
	return 1;
}

/* libc itself dies of it there. */
struct group *getgrnam(const char *name)
{
	struct group *(*real)(const char *name) = dlsym(RTLD_NEXT, "getgrnam");
	struct group *group;

	exempt = 1;
	group = real(name);
	exempt = 0;
	return group;
}

void *malloc(size_t size)
{
	return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	return refused() ? NULL : __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
	return refused() ? NULL : __libc_realloc(old, size);
}
