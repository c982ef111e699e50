# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of this folder: a Debian in a folder, and how results are said.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.bash"

stage=$build/package
# A version before any that there is, for upgrades.
# shellcheck disable=SC2034 # used by others
old=0.0.1
number=0 failed=0

# result STATUS NAME [WHY]
result()
{
	set -- "$1" "$2" "${3-}"
	number=$((number + 1))
	if (($1 == 0)); then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		echo "# ${3//$'\n'/$'\n# '}"
		failed=1
	fi
}

finish()
{
	echo "1..$number"
	exit "$failed"
}

# What there is before the packages come: what they depend on, so that nothing but them
# comes and goes.
base_packages()
{
	printf '%s\n' systemd systemd-sysv udev kmod initramfs-tools dkms \
		"linux-image-cloud-$host_arch" "linux-headers-cloud-$host_arch"
	# Of the libraries those that the programs have here.
	"$top/tests/vm/libraries" "$build/user/ttlog" "$build/user/ttlogd" |
		while read -r path; do
			dpkg-query -S "$(realpath "$path")" 2>/dev/null ||
				dpkg-query -S "*/${path##*/}"
		done | sed 's/:.*//' | sort -u
}

# A Debian, packed; made once for these packages.
make_base()
{
	local codename packages
	packages=$(base_packages | paste -sd ,)
	base=$stage/base-$(cksum <<<"$packages" | cut -d' ' -f1).tar
	[[ ! -e $base ]] || return 0
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	echo "# installing $codename with a kernel, its headers and DKMS: 200 MB to download, 5 min"
	rm -f "$stage"/base-*.tar
	mkdir -p "$stage"
	mmdebstrap --mode=root --format=tar --variant=minbase --include="$packages" "$codename" "$base.new" \
		>"$stage/base.log" 2>&1 ||
		die "installing a Debian into a folder failed: $stage/base.log"
	mv "$base.new" "$base"
}

# A new system in the folder $root, with the packages of both versions beside it.
unpack_base()
{
	root=$stage/$1
	make_base
	rm -rf "$root"
	mkdir -p "$root"
	tar -C "$root" -xf "$base"
	mkdir "$root/root/new" "$root/root/old"
	cp "$build"/deb/ttlog{,-dkms}_*.deb "$root/root/new"
	cp "$build"/deb-old/ttlog{,-dkms}_*.deb "$root/root/old"
	# shellcheck disable=SC2034 # used by others
	kernel=$(ls "$root/lib/modules")
}

# inside COMMAND...: in $root, with nothing of this machine but its kernel.
inside()
{
	# shellcheck disable=SC2016 # for the shell in there
	unshare --mount --pid --fork --kill-child bash -c '
		mount -t proc proc "$0/proc" && mount -t tmpfs run "$0/run" &&
		exec chroot "$0" env DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/bin:/usr/sbin:/usr/bin "$@"
	' "$root" "$@" </dev/null 2>&1
}

# The state of both packages.
state()
{
	# shellcheck disable=SC2016 # dpkg's
	inside dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' ttlog ttlog-dkms
}
