# SPDX-License-Identifier: GPL-2.0-only
# The module of dracut: a crash kernel of which the initramfs does it all.
#
#	dracut		as kdump-utils does it: systemd, no root= on the command line, the root
#			is mounted because the dump goes there, and saved by a service
#	dracut-var	so as well, but the dump goes to /var, which is a file system of its
#			own; the root isn't mounted
#	dracut-plain	without systemd, root= on the command line, /var in the root's fstab;
#			nobody saves a dump, and the boot goes on
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # to and from run

command_line='console=ttyS0 panic=-1 no_timer_check reset_devices nr_cpus=1 irqpoll rd.shell=0 rd.emergency=reboot'
systemd='systemd systemd-initrd dracut-systemd'

# build_image NAME OPTION...: by dracut, in the root, which has no /proc otherwise.
build_image()
{
	local name=$1
	shift
	# shellcheck disable=SC2016 # it is the inner shell's
	unshare --mount chroot "$root" sh -ec 'mount -t proc proc /proc; exec dracut "$@"' sh \
		--force --no-hostonly --kver "$release" --omit 'kernel-modules crypt dm qemu' \
		--drivers 'virtio_pci virtio_blk ext4 crc32c_generic' "$@" "/boot/$name.img" \
		>>"$stage/dracut.log" 2>&1 || die "dracut failed: $stage/dracut.log"
}

build_images()
{
	case $way in
	dracut)
		build_image other
		IN_KDUMP=1 build_image crash --add capture --mount '/dev/vda /sysroot ext4 ro'
		;;
	dracut-var)
		IN_KDUMP=1 build_image crash --add capture --mount '/dev/vdb /kdumproot/var ext4 rw'
		;;
	dracut-plain)
		build_image crash --add ttlog --omit "$systemd"
		;;
	esac
}

prepare()
{
	local modules=$root/usr/lib/dracut/modules.d
	rm -rf "$modules"/9?{ttlog,capture}
	cp -r "$top/tools/kdump/dracut/99ttlog" "$top/tests/kdump/dracut/98capture" "$modules"
	[[ $way == dracut ]] || var=disk-var
	if [[ $way == dracut-plain ]]; then
		command_line+=' root=/dev/vda ro init=/root/after'
		echo '/dev/vdb /var ext4 defaults 0 0' >>"$root/etc/fstab"
	fi
	echo "== $way" >>"$stage/dracut.log"
	build_images
	install /dev/stdin "$root/root/load" <<-END
		#!/bin/sh
		kexec -p --initrd=/boot/crash.img --append="$command_line" /boot/vmlinuz-$release
	END
}

# How the disks are mounted when the snapshot is written.
mounts()
{
	sed -nE 's|^/dev/(vd.) ([^ ]+) ext4 (r[ow]).*|\1 \2 \3|p' "$1"
}

look_at_boot()
{
	take_off disk /root/mounts
	[[ $(mounts "$out/mounts") == 'vda / ro' ]]
	result $? 'the boot goes on, with what was mounted before' "$(mounts "$out/mounts")"
	[[ $file ]] && grep -qF "dracut: ttlog: /sysroot/var/lib/ttlog/${file##*/}" "$stage/console.$way"
	result $? 'it is said' "$(grep 'dracut.*ttlog' "$stage/console.$way")"
}

look_at_capture()
{
	local expected='vda /sysroot ro'
	[[ $way == dracut ]] || expected='vdb /kdumproot/var rw'
	[[ $file && $(cat "$out/crash/snapshots") == "${file##*/}" ]]
	result $? 'before the dump is saved' "$(cat "$out/crash/snapshots")"
	[[ $(mounts "$out/crash/mounts") == "$expected" ]]
	result $? 'all is mounted as before then' "$(mounts "$out/crash/mounts")"
	look_at_dump
}

look_at_others()
{
	local modules
	modules=$(chroot "$root" lsinitrd -m /boot/other.img 2>/dev/null)
	[[ $modules == *rootfs-block* && $modules != *ttlog* ]]
	result $? 'no other initramfs has it' "$modules"
}

look()
{
	look_at_snapshot
	case $way in
	dracut) look_at_capture; look_at_others ;;
	dracut-var) look_at_capture ;;
	dracut-plain) look_at_boot ;;
	esac
}
