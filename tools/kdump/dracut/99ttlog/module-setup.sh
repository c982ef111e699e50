#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For dracut: an initramfs of a crash kernel that writes a snapshot, see ttlog.sh.

# dracut's own PATH leaves /usr/local out.
ttlog_program()
{
	PATH=/usr/local/bin:$PATH type -P ttlog
}

# All that is loaded, with libkdumpfile, which the program loads by itself, and with what
# that needs: dracut finds neither.
ttlog_libraries()
{
	LD_PRELOAD=libkdumpfile.so.10 ldd "$1" 2>/dev/null |
		sed -nE 's/^[[:space:]]+([^ ]+ => )?(\/[^ ]+) \(0x.*/\2/p'
}

# By itself only in what mkdumprd of kdump-utils builds (Fedora and its kin).
check()
{
	local program
	program=$(ttlog_program) || return 1
	[[ $(ttlog_libraries "$program") == *libkdumpfile.so* ]] || {
		dwarn "dracut module 'ttlog' will not be installed, because libkdumpfile.so.10 can't be loaded"
		return 1
	}
	[[ ${IN_KDUMP-} ]] || return 255
}

depends()
{
	echo base
}

# shellcheck disable=SC2154 # initdir and moddir are dracut's
install()
{
	local program libraries
	program=$(ttlog_program)
	mapfile -t libraries < <(ttlog_libraries "$program")
	inst "$program" /usr/bin/ttlog
	ln -sf ttlog "$initdir/usr/bin/ttlog-dump"
	inst_multiple "${libraries[@]}" timeout sync
	# Files are the group's, if there is one; before glibc 2.34 a library looks that up.
	inst_libdir_file 'libnss_files.so.*'
	grep -qs '^ttlog:' "$initdir/etc/group" || grep -s '^ttlog:' /etc/group >>"$initdir/etc/group"
	inst_script "$moddir/vmcore.sh" /usr/bin/ttlog-vmcore
	# Behind what mounts, and in front of hooks that save the dump and reboot.
	inst_hook pre-pivot 60 "$moddir/ttlog.sh"
}
