#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the initramfs of a crash kernel: write what the recorder of the kernel that died held
# into /var/lib/ttlog of the root that is mounted. Whatever goes wrong is said; the dump is
# saved and the boot goes on in any case.
export NEWROOT="${NEWROOT:-/sysroot}"
# shellcheck source=/dev/null # it is in the initramfs
. /lib/dracut-lib.sh

folder=/var/lib/ttlog
mounted=
readonly=

say()
{
	while read -r line; do
		"$1" "ttlog: $line"
	done
}

# Print with which options a file system is mounted there; fail where none is.
options_of()
{
	found=
	while read -r _ where _ options _; do
		[ "$where" != "$1" ] || found=$options
	done </proc/mounts
	[ "$found" ] && echo "$found"
}

# A folder of the root may be a file system of its own, which nobody has mounted.
mount_own()
{
	while read -r what where type options _ || [ "$what" ]; do
		[ "$where" = "$1" ] || continue
		[ "${what#\#}" = "$what" ] || continue
		mount -t "$type" -o "${options:-defaults}" "$what" "$top$1" || return
		mounted="$top$1 $mounted"
		at=$top$1
	done
}

# Set top, where the root is, and at, where the file system of the folder is. kdump-utils
# mounts only what the dump goes to: the root, or another file system under /kdumproot.
find_place()
{
	for top in "$NEWROOT" /kdumproot; do
		at=
		for part in '' /var /var/lib $folder; do
			if options_of "$top$part" >/dev/null; then
				at=$top$part
			elif [ -r "$top/etc/fstab" ]; then
				mount_own "$part" <"$top/etc/fstab" || return
			fi
		done
		[ ! "$at" ] || return 0
	done
	echo "there is no $folder: neither a root nor what it would be in is mounted"
	return 1
}

make_writable()
{
	case $(options_of "$at") in
	ro | ro,*)
		mount -o remount,rw "$at" || return
		readonly=$at
		;;
	esac
}

# As the programs make it. A group that isn't there has no files.
make_folder()
{
	[ ! -d "$top$folder" ] || return 0
	mkdir -m 0750 "$top$folder" || return
	chown :ttlog "$top$folder" 2>/dev/null
	sync "$top$folder/.."
}

# As it was: others mount it later, or go by how it is mounted.
restore()
{
	[ ! "$readonly" ] || mount -o remount,ro "$readonly"
	for at in $mounted; do
		umount "$at"
	done
}

save()
{
	find_place && make_writable && make_folder || return
	timeout -k 10 600 ttlog-dump --core /proc/vmcore -o "$top$folder"
	status=$?
	[ $status -ne 124 ] || echo "it was stopped after 600 s"
	return $status
}

if save >/tmp/ttlog.said 2>&1; then
	say info </tmp/ttlog.said
	info "ttlog: of the kernel that died there is a snapshot"
else
	say warn </tmp/ttlog.said
	warn "ttlog: of the kernel that died there is no snapshot, or not all of it"
fi
restore 2>&1 | say warn
exit 0
