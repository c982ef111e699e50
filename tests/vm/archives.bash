# SPDX-License-Identifier: GPL-2.0
# The Debian releases and architectures that packages are taken from: which has what,
# and apt seeing one of them, beside the host's own configuration.
# shellcheck shell=bash
# shellcheck disable=SC2154 # from common.bash

# shellcheck disable=SC1091 # of the host
host_archive=$(. /etc/os-release && echo "${VERSION_CODENAME-}")

# archive_of RELEASE: the Debian release that has this kernel; its backports are
# part of it. The host's own also has what isn't known here.
archive_of()
{
	case $1 in
	5.10.*) echo bullseye ;;
	6.1.* | *+deb12-*) echo bookworm ;;
	*+deb13-*) echo trixie ;;
	*) echo "$host_archive" ;;
	esac
}

# newest_release NAME: the newest release in the series that people call so. Sets
# archive and release.
newest_release()
{
	local name=$1 series=${1%%[-+]*} flavour='' number=''
	case $name in
	5.10) archive=bullseye ;;
	6.1 | 6.1-rt | 6.12+deb12) archive=bookworm ;;
	6.12+deb13 | 7) archive=trixie ;;
	6.12) archive=$host_archive ;;
	*) wrong "kernel '$name' is not known; 5.10, 6.1, 6.1-rt, 6.12, 6.12+deb12, 6.12+deb13" \
		"and 7 are, a release such as 6.1.0-9-amd64, default, and debug-KIND" ;;
	esac
	[[ $name != *-rt ]] || flavour=rt-
	[[ $name != *+* ]] || number=+${name#*+}
	release=$(apt_for apt-cache pkgnames linux-headers- | sed -nE \
		"s/^linux-headers-(${series/./\\.}\.[0-9][0-9.]*(-[0-9]+)?[^-]*-$flavour$arch)(:.*)?$/\1/p" |
		{ grep -F -- "$number" || true; } | sort -V | tail -n 1)
	[[ $release ]] ||
		die "no $name for $arch among the packages of $archive; has 'apt-get update' been run?"
}

# The package tools, seeing the packages of $archive for $arch. What isn't the host's
# has a configuration of its own, so that nothing has to be added to the host.
apt_for()
{
	local tool=$1
	shift
	if [[ $arch == "$host_arch" && $archive == "$host_archive" ]]; then
		"$tool" "$@"
	else
		other_apt_conf
		APT_CONFIG=$cache/apt-$archive-$arch/apt.conf "$tool" "$@"
	fi
}

# It is read anew after some days, as packages that were replaced can't be had.
other_apt_conf()
{
	local dir=$cache/apt-$archive-$arch lock
	fresh_lists || {
		mkdir -p "$cache"
		exec {lock}>"$cache/.apt-lock"
		flock "$lock"
		fresh_lists || read_lists
		exec {lock}>&-
	}
}

# Caller has set dir.
fresh_lists()
{
	[[ $(find "$dir/apt.conf" -mtime -3 2>/dev/null) ]]
}

read_lists()
{
	mkdir -p "$dir"/{lists/partial,archives/partial}
	: >"$dir/status"
	other_sources >"$dir/debian.sources"
	cat >"$dir/apt.conf.new" <<-END
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "$(id -un)";
		Dir::Etc::sourcelist "$dir/debian.sources";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir";
		Acquire::Languages "none";
	END
	echo "$self: reading the package lists of $archive for $arch (about 10 MB)" >&2
	APT_CONFIG=$dir/apt.conf.new apt-get -qq update >"$dir/log" 2>&1 ||
		[[ -e $dir/apt.conf ]] || { cat "$dir/log" >&2; die "reading them failed"; }
	mv "$dir/apt.conf.new" "$dir/apt.conf"
}

# From the mirrors that the host uses.
other_sources()
{
	local suite label suites=(
		"$archive Debian" "$archive-updates Debian" "$archive-security Debian-Security"
	)
	[[ $archive != trixie ]] || suites+=("$archive-backports Debian")
	[[ $archive != bullseye ]] || suites=("${suites[0]}" "${suites[2]}")
	for suite in "${suites[@]}"; do
		label=${suite#* }
		cat <<-END
			Types: deb
			URIs: $(mirror_of "$label")
			Suites: ${suite% *}
			Components: main
			Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

		END
	done
}

mirror_of()
{
	local uri
	# shellcheck disable=SC2016 # for apt
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' "Label: $1" | head -n 1)
	[[ $uri ]] || die "this machine's apt has no mirror of $1; has 'apt-get update' been run?"
	echo "$uri"
}

# download DIR PACKAGE...: say how much it is, then get it.
download()
{
	local dir=$1 uris bytes
	shift
	uris=$(cd "$dir" && apt_for apt-get -qq --print-uris download "$@") ||
		die "$archive doesn't offer: $*"
	bytes=$(awk '{ sum += $3 } END { print sum }' <<<"$uris")
	echo "$self: downloading $(((bytes + 999999) / 1000000)) MB: $*" >&2
	(cd "$dir" && apt_for apt-get -qq -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Retries=3 download "$@") || die "download failed: $*"
}

# Everything is made in a folder beside its place and renamed into it, so that
# what is there is whole.
scratch()
{
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	chmod 755 "$new"
	mkdir "$new/debs" "$new/root"
}

# fetch_programs NAME PACKAGE...: packages and all that they need, unpacked, never
# installed. With no package known as installed, apt names all of them. Sets dir.
fetch_programs()
{
	local name=$1 uris deb packages
	shift
	# Another list makes another folder.
	dir=$cache/$name-$(cksum <<<"$*" | cut -d' ' -f1)
	[[ ! -d $dir ]] || return 0
	mkdir -p "$cache"
	exec 9>"$cache/.lock"
	flock 9
	[[ ! -d $dir ]] || return 0
	scratch
	uris=$(apt_for apt-get -qq -y --print-uris --no-install-recommends install "$@") ||
		die "$archive doesn't offer: $*"
	mapfile -t packages < <(awk '{ sub("_.*", "", $2); print $2 }' <<<"$uris")
	download "$new/debs" "${packages[@]}"
	for deb in "$new"/debs/*.deb; do
		dpkg-deb -x "$deb" "$new/root"
	done
	rm -rf "$new/debs" "$new/root"/usr/share/{doc,info,locale,man} "$new/root"/{var,dev,proc,sys}
	mv -T "$new/root" "$dir"
	rmdir "$new"
}
