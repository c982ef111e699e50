#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The hook of a crash kernel's initramfs, in one that is made up: what it mounts, runs, says
# and puts back when it doesn't go well. How it goes in a real one: tests/kdump.
set -u
cd "$(dirname "$0")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/kmod/tap.bash

mkdir "$dir/bin"
export MADE=$dir/made PATH=$dir/bin:$PATH NEWROOT=$dir/made/sysroot
for name in mount umount timeout; do
	cat >"$dir/bin/$name" <<-'END_OF_COMMAND'
		#!/bin/sh
		name=${0##*/}
		echo "$name $*" | sed "s|$MADE||g" >>"$MADE/done"
		[ ! -e "$MADE/$name.says" ] || cat "$MADE/$name.says"
		[ ! -e "$MADE/$name.fails" ] || exit "$(cat "$MADE/$name.fails")"
	END_OF_COMMAND
	chmod +x "$dir/bin/$name"
done
cat >"$dir/dracut-lib.sh" <<'END_OF_LIBRARY'
info() { echo "info: $*" >>"$MADE/said"; }
warn() { echo "warn: $*" >>"$MADE/said"; }
END_OF_LIBRARY
sed "s|/lib/dracut-lib.sh|$dir/dracut-lib.sh|; s|/proc/mounts|$MADE/mounts|; s|/kdumproot|$MADE&|
	s|/tmp/ttlog.said|$MADE/heard|g" tools/kdump/dracut/99ttlog/vmcore.sh >"$dir/vmcore"
is 'it looks nowhere else' 7 "$(grep -oE "$dir/" "$dir/vmcore" | wc -l)"

# made MOUNT...: a root with /var/lib, and what is mounted, each as PATH=OPTIONS.
made()
{
	rm -rf "$MADE"
	mkdir -p "$NEWROOT"/{etc,var/lib} "$MADE/kdumproot/var/lib"
	for mount; do
		echo "/dev/made-up $MADE${mount%%=*} ext4 ${mount#*=} 0 0"
	done >"$MADE/mounts"
}

# says NAME DONE SAID: it never fails, as the dump is saved and the boot goes on.
says()
{
	local status=0 other
	other=$(sh "$dir/vmcore" 2>&1) || status=$?
	is "$1: what it says" "$3" "$(cat "$MADE/said" 2>/dev/null)"
	is "$1: what it does" "$2" "$(cat "$MADE/done" 2>/dev/null)"
	is "$1: that is all" "0 " "$status $other"
}

dump='timeout -k 10 600 ttlog-dump --core /proc/vmcore -o'
none='warn: ttlog: of the kernel that died there is no snapshot, or not all of it'
snapshot='info: ttlog: of the kernel that died there is a snapshot'

made
says 'nothing is mounted' '' \
	"warn: ttlog: there is no /var/lib/ttlog: neither a root nor what it would be in is mounted
$none"

made /sysroot=rw,relatime
echo '/var/lib/ttlog/a.bin' >"$MADE/timeout.says"
says 'a root that can be written' "$dump /sysroot/var/lib/ttlog" \
	"info: ttlog: /var/lib/ttlog/a.bin
$snapshot"
is 'its folder is for nobody else' 750 "$(stat -c %a "$NEWROOT/var/lib/ttlog")"

made /sysroot=ro,relatime
says 'a root that is only read' "mount -o remount,rw /sysroot
$dump /sysroot/var/lib/ttlog
mount -o remount,ro /sysroot" "$snapshot"

made /sysroot=ro
echo 'mount: it is broken' >"$MADE/mount.says"
echo 32 >"$MADE/mount.fails"
says 'it stays so' 'mount -o remount,rw /sysroot' "warn: ttlog: mount: it is broken
$none"

made /sysroot=rw
echo '/dev/vdb /var ext4 noatime 0 0' >"$NEWROOT/etc/fstab"
says 'the root has a /var of its own' "mount -t ext4 -o noatime /dev/vdb /sysroot/var
$dump /sysroot/var/lib/ttlog
umount /sysroot/var" "$snapshot"

made /sysroot=rw
printf '#/dev/vda /var ext4 noatime 0 0\n/dev/vdb /var ext4 noatime 0 0' >"$NEWROOT/etc/fstab"
echo 'mount: no such device' >"$MADE/mount.says"
echo 32 >"$MADE/mount.fails"
says 'which is broken' 'mount -t ext4 -o noatime /dev/vdb /sysroot/var' \
	"warn: ttlog: mount: no such device
$none"

made /kdumproot/var=rw
says 'only what the dump goes to is mounted' "$dump /kdumproot/var/lib/ttlog" "$snapshot"

made /sysroot=rw
echo 124 >"$MADE/timeout.fails"
says 'it takes too long' "$dump /sysroot/var/lib/ttlog" \
	"warn: ttlog: it was stopped after 600 s
$none"

made /sysroot=ro
echo 'ttlog: /proc/vmcore: there is no recorder in it' >"$MADE/timeout.says"
echo 3 >"$MADE/timeout.fails"
says 'there was no recorder' "mount -o remount,rw /sysroot
$dump /sysroot/var/lib/ttlog
mount -o remount,ro /sysroot" \
	"warn: ttlog: ttlog: /proc/vmcore: there is no recorder in it
$none"

# What dracut asks when it builds one: is there the program, with its library?
module=tools/kdump/dracut/99ttlog/module-setup.sh
asked()
{
	local status=0
	said=$(
		dwarn() { echo "$*"; }
		# shellcheck source=tools/kdump/dracut/99ttlog/module-setup.sh
		. "$module"
		ttlog_program() { [[ $program ]] && echo "$program"; }
		# shellcheck disable=SC2154 # given where this is called
		ttlog_libraries() { echo "$loaded"; }
		check
	) || status=$?
	echo "$status $said"
}

library=/usr/lib/libkdumpfile.so.10
is 'no program' '1 ' "$(program='' loaded=$library asked)"
is 'no library' "1 dracut module 'ttlog' will not be installed, because libkdumpfile.so.10 can't be loaded" \
	"$(program=/usr/bin/ttlog loaded=/usr/lib/libc.so.6 asked)"
is 'only if it is asked for' '255 ' "$(unset IN_KDUMP; program=/usr/bin/ttlog loaded=$library asked)"
is "in a crash kernel's" '0 ' "$(export IN_KDUMP=1; program=/usr/bin/ttlog loaded=$library asked)"
echo "1..$count"
