// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "extent.h"

/* What recorders run on: 64 bits, little-endian. */
static bool is_known(const Elf64_Ehdr *head)
{
	return !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 &&
	       head->e_ident[EI_DATA] == ELFDATA2LSB &&
	       head->e_phentsize == sizeof(Elf64_Phdr);
}

uint64_t extent_of_elf(int fd)
{
	uint64_t end = 0;
	Elf64_Phdr part;
	Elf64_Ehdr head;
	int i;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) || !is_known(&head))
		return 0;
	for (i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part), head.e_phoff + i * sizeof(part)) !=
		    sizeof(part))
			break;
		if (part.p_filesz < UINT64_MAX - part.p_offset &&
		    part.p_offset + part.p_filesz > end)
			end = part.p_offset + part.p_filesz;
	}
	return end;
}
