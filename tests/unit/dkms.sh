#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the package of the module says and does as it is configured and removed, on machines
# that are made up: each word of it, and which services and modules it touches. The part
# that debhelper puts in is a command that ends well or not.
# shellcheck disable=SC2016 # what is in single quotes is for the commands
set -u
cd "$(dirname "$0")/../.." || exit
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/kmod/tap.bash

mkdir -p "$dir/bin"
export MACHINE=$dir/machine PATH=$dir/bin:$PATH

# command_is NAME < SCRIPT
command_is()
{
	{
		echo '#!/bin/sh'
		cat
	} >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

command_is uname <<<'echo 6.1.0-made-up'
command_is modinfo <<<'[ "$*" = "-F srcversion ttlog" ] && cat "$MACHINE/module" 2>/dev/null'
command_is deb-systemd-invoke <<<'echo "deb-systemd-invoke $*" >>"$MACHINE/done"'
command_is rmmod <<<'echo "rmmod $*" >>"$MACHINE/done"; [ ! -e "$MACHINE/in-use" ]'
command_is debhelper-part <<<'exit $(cat "$MACHINE/build")'

# The machine's folders are in $MACHINE.
for script in postinst prerm; do
	sed "s|/run/systemd/system|$MACHINE&|; s|/sys/module/|$MACHINE&|; s|#DEBHELPER#|debhelper-part|" \
		"tools/debian/ttlog-dkms.$script" >"$dir/$script"
done
is "in both scripts the machine is made up" "2 3" \
	"$(for script in prerm postinst; do grep -o "$MACHINE/" "$dir/$script" | wc -l; done | paste -sd ' ')"

# machine [installed VERSION] [loaded VERSION] [build STATUS] [chroot] [in-use]
machine()
{
	rm -rf "$MACHINE"
	mkdir -p "$MACHINE/run/systemd/system"
	echo 0 >"$MACHINE/build"
	while (($#)); do
		case $1 in
		installed) echo "$2" >"$MACHINE/module" && shift ;;
		loaded)
			mkdir -p "$MACHINE/sys/module/ttlog"
			echo "$2" >"$MACHINE/sys/module/ttlog/srcversion" && shift
			;;
		build) echo "$2" >"$MACHINE/build" && shift ;;
		chroot) rmdir "$MACHINE/run/systemd/system" ;;
		in-use) touch "$MACHINE/in-use" ;;
		esac
		shift
	done
}

# says NAME SCRIPT ARGUMENT STATUS DONE SAID: all that it does and says.
says()
{
	local said status=0
	said=$(sh "$dir/$2" "$3" 2>&1) || status=$?
	is "$1: what it says" "$6" "$said"
	is "$1: what it does" "$5" "$(cat "$MACHINE/done" 2>/dev/null)"
	is "$1: its status" "$4" $status
}

start='deb-systemd-invoke start ttlogd.service'
stop='deb-systemd-invoke stop ttlogd.service'

machine installed A
says 'built, not loaded' postinst configure 0 "$start" ''
machine installed A loaded A
says 'built, and loaded' postinst configure 0 '' ''
machine installed B loaded A
says 'an older one is loaded' postinst configure 0 '' \
	"ttlog-dkms: the module that was loaded before stays until the next boot; it works with
ttlog-dkms: these programs. Or now: systemctl stop ttlogd && modprobe -r ttlog && modprobe ttlog"
machine
says 'headers are missing' postinst configure 0 '' \
	"ttlog-dkms: there is no module for the running kernel, 6.1.0-made-up.
ttlog-dkms: It is built when the headers come: apt install linux-headers-6.1.0-made-up"
machine build 10
says 'not built' postinst configure 0 '' \
	"ttlog-dkms: the module could not be built; the recorder is off until it is.
ttlog-dkms: What failed is in /var/lib/dkms/ttlog/*/build/make.log; once that is mended:
ttlog-dkms: dpkg-reconfigure ttlog-dkms"
machine chroot
says 'in a chroot' postinst configure 0 '' ''
machine build 10
says 'something else fails' postinst abort-upgrade 10 '' ''

machine loaded A
says 'removed' prerm remove 0 "$stop
rmmod ttlog" ''
machine loaded A in-use
says 'removed, and in use' prerm remove 0 "$stop
rmmod ttlog" 'ttlog-dkms: the module is in use, and stays until the next boot'
machine
says 'removed, not loaded' prerm remove 0 '' ''
machine loaded A chroot
says 'removed from a chroot' prerm remove 0 '' ''
machine loaded A
says 'upgraded' prerm upgrade 0 '' ''
echo "1..$count"
