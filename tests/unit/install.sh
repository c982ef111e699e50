#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install puts each file where it belongs, with what is in it fitting that, and
# make uninstall takes all of them away and nothing else. Nothing is built.
set -u
cd "$(dirname "$0")/../.." || exit
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
. tests/kmod/tap.bash

run()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -f tools/install.mk B=.build \
		DESTDIR="$dest" "$@"
}

# Mode and path of all that is no folder.
list()
{
	(cd "$dest" && find . ! -type d -printf '%m %P\n' | sort)
}

# All manual pages that there are, as they come and go.
pages()
{
	local page
	for page in user/man/*; do
		echo "644 PREFIX/share/man/man${page##*.}/${page##*/}"
	done
}

# expected PREFIX [MORE]
expected()
{
	sed "s|PREFIX|$1|" <<-END | sort
		644 etc/ttlog/ttlogd.conf
		755 PREFIX/bin/ttlog
		777 PREFIX/bin/ttlog-dump
		644 PREFIX/include/ttlog.h
		644 PREFIX/lib/systemd/system/kdump-tools-dump.service.d/ttlog.conf
		644 PREFIX/lib/systemd/system/ttlog-metrics.service
		644 PREFIX/lib/systemd/system/ttlog-metrics.timer
		644 PREFIX/lib/systemd/system/ttlogd.service
		644 PREFIX/lib/sysusers.d/ttlog.conf
		644 PREFIX/lib/udev/rules.d/60-ttlog.rules
		755 PREFIX/sbin/ttlogd
		644 PREFIX/share/bash-completion/completions/ttlog
		777 PREFIX/share/bash-completion/completions/ttlog-dump
		777 PREFIX/share/bash-completion/completions/ttlogd
		644 PREFIX/share/doc/ttlog/ttlog-snapshot.cddl
		644 PREFIX/share/doc/ttlog/ttlog.rules.yml
		$(pages)
		644 PREFIX/share/zsh/site-functions/_ttlog
	END
	[[ ! ${2-} ]] || echo "$2"
}

# names FILE TEXT: does a line of the file begin so?
names()
{
	grep -q "^$2" "$dest/$1"
}

run install
said=$(diff <(expected usr/local '644 usr/local/lib/modprobe.d/ttlog.conf' | sort) <(list))
result $? "all files are below /usr/local" "$said"
names usr/local/lib/systemd/system/ttlogd.service 'ExecStart=/usr/local/sbin/ttlogd$'
result $? "the unit starts that program" "$(cat "$dest/usr/local/lib/systemd/system/ttlogd.service")"
names usr/local/lib/modprobe.d/ttlog.conf 'options ttlog helper=/usr/local/sbin/ttlogd$'
result $? "so does the module" "$(cat "$dest/usr/local/lib/modprobe.d/ttlog.conf")"
[[ $("$dest/usr/local/bin/ttlog-dump" --help) == 'Usage: ttlog-dump '* ]]
result $? "ttlog-dump is a name of ttlog" ''

touch "$dest/usr/local/share/doc/ttlog/mine"
run uninstall
[[ $(list) == '644 usr/local/share/doc/ttlog/mine' ]]
result $? "uninstall leaves only what is of others" "$(list)"
rm "$dest/usr/local/share/doc/ttlog/mine"
run install
echo '# mine' >>"$dest/etc/ttlog/ttlogd.conf"
run install
run uninstall
[[ $(list) == '644 etc/ttlog/ttlogd.conf' && $(<"$dest/etc/ttlog/ttlogd.conf") == *'# mine' ]]
result $? "what the user has changed stays" "$(list)"
rm -r "$dest/etc/ttlog"
run install
run uninstall
[[ ! $(list) && ! -e $dest/etc/ttlog && ! -e $dest/usr/local/share/doc/ttlog ]]
result $? "and none of the recorder's folders" "$(find "$dest")"

run PREFIX=/usr install
said=$(diff <(expected usr) <(list))
result $? "with PREFIX=/usr the module has its helper where it looks" "$said"
names usr/lib/systemd/system/kdump-tools-dump.service.d/ttlog.conf \
	'ExecStartPre=.* /usr/bin/ttlog-dump --core'
result $? "and kdump its program" ''
run PREFIX=/usr uninstall
run PREFIX=/opt/x sbindir=/sbin bindir=/bin install
[[ $(list) == *'755 bin/ttlog'$'\n'* && $(list) == *'755 sbin/ttlogd'* ]] &&
	names opt/x/lib/systemd/system/ttlogd.service 'ExecStart=/sbin/ttlogd$'
result $? "each folder can be another" "$(list)"
run PREFIX=/opt/x sbindir=/sbin bindir=/bin uninstall

run install-dkms
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' tools/dkms.conf)
said=$(diff <(find Kbuild kmod -type f | sort) \
	<(cd "$dest/usr/src/ttlog-$version" && find . ! -type d ! -name dkms.conf -printf '%P\n' | sort))
result $? "DKMS has the sources" "$said"
cmp -s "$dest/usr/src/ttlog-$version/dkms.conf" tools/dkms.conf
result $? "and what to do with them" ''
run uninstall
[[ ! $(list) ]]
result $? "which uninstall removes" "$(list)"
echo "1..$count"
