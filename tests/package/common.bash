# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of this folder: a Debian in a folder, and how results are said.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.bash"
. "$top/tests/vm/archives.bash"

stage=$build/package
# Which Debian. Another than this machine's builds packages and programs for itself.
debian=${DEBIAN:-$host_archive}
debs=$build/deb old_debs=$build/deb-old programs=$build
if [[ $debian != "$host_archive" ]]; then
	debs=$stage/deb-$debian old_debs=$stage/deb-$debian-old programs=$stage/programs-$debian
fi
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
	if [[ $debian != "$host_archive" ]]; then
		# They are built there, as another Debian has other libraries.
		echo build-essential
		sed -n '/^Build-Depends:/,/^Standards/ {
			/^Standards/d
			s/^Build-Depends://
			s/[(|].*//
			s/[ ,]//gp
		}' "$top/tools/debian/control"
		return
	fi
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
	local include sources=()
	include=$(base_packages | paste -sd ,)
	base=$stage/base-$debian-$(cksum <<<"$include" | cut -d' ' -f1).tar
	[[ ! -e $base ]] || return 0
	echo "# installing $debian with a kernel, its headers and DKMS: 200 MB to download, 5 min"
	mkdir -p "$stage"
	rm -f "$stage/base-$debian"-*.tar
	if [[ $debian != "$host_archive" ]]; then
		archive=$debian arch=$host_arch other_apt_conf
		sources=("$cache/apt-$debian-$host_arch/debian.sources")
	fi
	mmdebstrap --mode=root --format=tar --variant=minbase --include="$include" "$debian" "$base.new" \
		"${sources[@]}" >"$stage/base.log" 2>&1 ||
		die "installing a Debian into a folder failed: $stage/base.log"
	mv "$base.new" "$base"
}

# A new system in the folder $root.
unpack_base()
{
	root=$stage/$1
	make_base
	rm -rf "$root"
	mkdir -p "$root"
	tar -C "$root" -xf "$base"
	# shellcheck disable=SC2034 # used by others
	kernel=$(ls "$root/lib/modules")
}

# The packages of both versions, beside it.
add_packages()
{
	mkdir "$root/root/new" "$root/root/old"
	cp "$debs"/ttlog{,-dkms}_*.deb "$root/root/new"
	cp "$old_debs"/ttlog{,-dkms}_*.deb "$root/root/old"
}

# Packages of both versions, and the programs in them.
build_there()
{
	unpack_base build
	mkdir "$root/root/ttlog"
	(cd "$top" && find . \( -path ./.build -o -path ./.git \) -prune -o -type f -print0 |
		tar -c --null --files-from=-) | tar -x -C "$root/root/ttlog"
	inside sh -c "cd /root/ttlog && tools/deb /root/deb && tools/deb /root/deb-old $old" \
		>"$stage/build.log" || die "$debian can't build the packages: $stage/build.log"
	rm -rf "$debs" "$old_debs" "$programs"
	mv "$root/root/deb" "$debs"
	mv "$root/root/deb-old" "$old_debs"
	dpkg-deb -x "$debs"/ttlog_*.deb "$programs"
	mkdir "$programs/user"
	mv "$programs"/usr/*bin/ttlog{,d} "$programs/user"
	rm -rf "$root"
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
