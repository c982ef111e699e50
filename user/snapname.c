// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapname.h"

/* ".bin" or ".N.bin"? Sets @number. */
static bool parse_end(const char *end, unsigned int *number)
{
	char digits[6];
	int dot = 0;

	*number = 0;
	if (!strcmp(end, ".bin"))
		return true;
	if (sscanf(end, ".%5[0-9]%n", digits, &dot) != 1)
		return false;
	*number = strtoul(digits, NULL, 10);
	return !strcmp(end + dot, ".bin");
}

bool snapname_parse(const char *text, struct snapname *name)
{
	char pid[11];
	int end = 0;

	/* No conversion to a number: that takes signs and spaces, too. */
	if (sscanf(text, "ttlog-%10[0-9]-%14[0-9]-%32[A-Za-z0-9_-]%n", pid, name->stamp,
		   name->reason, &end) != 3 || strlen(name->stamp) != 14)
		return false;
	name->pid = strtoull(pid, NULL, 10);
	name->stem = end;
	return parse_end(text + end, &name->number);
}

int snapname_order(const char *a, const char *b)
{
	struct snapname left, right;
	int order;

	snapname_parse(a, &left);
	snapname_parse(b, &right);
	order = strcmp(left.stamp, right.stamp);
	if (order)
		return order;
	/* A stem that another begins with is followed by what no stem has. */
	if (left.stem != right.stem || strncmp(a, b, left.stem) ||
	    left.number == right.number)
		return strcmp(a, b);
	return left.number < right.number ? -1 : 1;
}
