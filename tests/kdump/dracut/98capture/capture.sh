#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Note down what is there before the dump is saved, save it, and boot again.
top=/sysroot
[ ! -d /kdumproot/var ] || top=/kdumproot
cp /proc/mounts /run/mounts
ls "$top/var/lib/ttlog" >/run/snapshots
mount -o remount,rw /sysroot
mkdir -p "$top/var/crash"
cp /run/mounts /run/snapshots "$top/var/crash"
makedumpfile -l -d 31 /proc/vmcore "$top/var/crash/dump.capture"
sync
echo b >/proc/sysrq-trigger
