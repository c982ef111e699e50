#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Attempts on files: those of the helper and those that ttlog-dump writes for root into
# a folder that is the user's.

# shellcheck source=../kmod/tap.bash
. ./tap.bash
rm -rf /tmp/files && mkdir -p /tmp/files && cd /tmp/files || exit 1
umask 022
# What is not to be touched.
echo precious >/etc/victim
chmod 600 /etc/victim

as_alice()
{
	setpriv --reuid alice --regid alice --clear-groups "$@"
}

# as_member COMMAND...: a user who is in the group.
as_member()
{
	setpriv --reuid bob --regid bob --groups ttlog "$@"
}

victim()
{
	stat -c '%a %U %h ' /etc/victim
	cat /etc/victim
}

# ends_with NAME STATUS COMMAND...
ends_with()
{
	local name=$1 status=$2 rc=0 out
	shift 2
	out=$("$@" 2>&1) || rc=$?
	is "$name: $out" "$status" "$rc"
}

# names_to_come PID: those that a snapshot of this process may get in 40 s.
names_to_come()
{
	local now i
	now=$(date +%s)
	for ((i = 0; i < 40; i++)); do
		TZ=UTC printf "ttlog-$1-%(%Y%m%d%H%M%S)T-request.bin\n" $((now + i))
	done
}

# plant COMMAND...: make something of each of these names, then become ttlog-dump.
plant()
{
	local pid=$BASHPID	# not the pipe's
	cd /home/alice/out || exit 1
	names_to_come "$pid" | as_alice "$@"
	exec ttlog-dump -o /home/alice/out
}

files() { find / -xdev -name 'ttlog-*.bin' 2>/dev/null | sort; }

requests()
{
	# Rounds before this one have left some.
	local before
	before=$(files)
	ends_with 'a user asks for a snapshot: refused' 4 as_alice ttlog-dump
	ends_with 'a user asks for one of his own: refused' 4 as_alice ttlog-dump -o /tmp
	ends_with 'a user wants to be the helper: refused' 4 as_alice ttlogd -o /home/alice
	ends_with "a member of the group, into root's folder: by his own rights" 5 \
		as_member ttlog-dump -o /etc
	ends_with 'a member of the group wants to be the helper: refused' 4 \
		as_member ttlogd -o /home/bob
	is 'no file came of these' "$before" "$(files)"
}

own_folder()
{
	local path before how
	before=$(victim)
	for how in 'xargs mkdir' 'xargs mkfifo' 'xargs touch' 'xargs -I{} ln -s /etc/victim {}' \
		'xargs -I{} ln -s /etc/none {}'; do
		rm -rf /home/alice/out
		as_alice mkdir /home/alice/out
		# shellcheck disable=SC2086 # a list of words
		path=$(plant $how)
		how=${how#xargs } how=${how#'-I{} '} how=${how% '{}'}
		is "'$how' at each name that is to come: another name" .1.bin "${path: -6}"
		[[ -f $path && ! -L $path && $(stat -c '%a %U %G' "$path") == '640 root ttlog' ]]
		result $? "'$how': a file of root's" "$(ls -l "$path")"
		ends_with "'$how': and it is whole" 0 lz4 -tq "$path"
	done
	is 'what the links point at is as it was' "$before" "$(victim)"
	[[ ! -e /etc/none ]]
	result $? 'and nothing was made through one'
	as_alice ln -s /etc/victim /home/alice/out/mine
	ends_with 'a link under the name that root gave: not followed' 1 \
		ttlog-dump -o /home/alice/out/mine
	as_alice ln -s /etc /home/alice/etc
	is 'what a link points at is still as it was' "$before" "$(victim)"
	echo 0 >/proc/sys/fs/protected_hardlinks
	as_alice ln /etc/victim /home/alice/out/hard
	ends_with 'a hard link to it: not written to' 1 ttlog-dump -o /home/alice/out/hard
	rm /home/alice/out/hard
	echo 1 >/proc/sys/fs/protected_hardlinks
	is 'and it is as it was' "$before" "$(victim)"
}

# Names of temporary files are chosen at random; these are ones that are in the way.
temporary()
{
	local i
	rm -rf /home/alice/out
	as_alice mkdir /home/alice/out
	for i in 1 2 3 4 5 6 7 8; do
		as_alice ln -s /etc/victim "/home/alice/out/.ttlog-$i-0123456789abcdef.tmp"
		as_alice touch -d '2 hours ago' "/home/alice/out/.ttlog-1$i-0123456789abcdef.tmp"
		as_alice mkfifo "/home/alice/out/.ttlog-2$i-0123456789abcdef.tmp"
		touch -h -d '2 hours ago' "/home/alice/out/.ttlog-$i-0123456789abcdef.tmp"
	done
	ends_with 'temporary names that are links, fifos, or a user'"'"'s' 0 \
		ttlog-dump -o /home/alice/out
	is 'none of them is swept away, as none is root'"'"'s' 24 \
		"$(find /home/alice/out -name '.ttlog-*' | wc -l)"
}

# A folder where everybody may make files: files that look like the helper's.
retention()
{
	local before helper name='ttlog-1-20200101000000-timer'
	before=$(victim)
	mkdir -m 1777 shared
	as_alice ln -s /etc/victim shared/$name.bin
	as_alice mkdir shared/$name.1.bin
	as_alice truncate -s 100M shared/$name.2.bin
	as_alice mkfifo shared/$name.3.bin
	as_alice truncate -s 1M shared/ttlog-1-20200101000000-oops.bin
	ttlogd -t 0 -o shared --keep 64M 2>said &
	helper=$!
	until grep -q attached said; do
		sleep 0.1
	done
	ttlog-dump >/dev/null
	ttlog-dump -r second >/dev/null
	is 'files that are not the helper'"'"'s neither go nor count' '5 2' \
		"$(find shared -name '*-20200101000000-*' | wc -l) $(find shared -user root -name 'ttlog-*' | wc -l)"
	is 'what a link among them points at is as it was' "$before" "$(victim)"
	as_alice rm -f "shared/$(basename shared/*-second.bin)" 2>/dev/null
	[[ -e $(echo shared/*-second.bin) ]]
	result $? 'a user does not remove one of root'"'"'s there'
	kill $helper
	wait $helper
}

# Events that can't be compressed, more than the helper may keep of them.
disk()
{
	local helper n size=0 files=0 file
	mkdir full
	head -c 1000000 /dev/urandom | od -An -tx1 -v -w2000 | tr -d ' \n' >noise
	ttlogd -t 1 -o full --keep 2M 2>said &
	helper=$!
	until grep -q attached said; do
		sleep 0.1
	done
	for n in 1 2 3; do
		as_alice dd if=noise of=/dev/ttlog bs=4000 status=none
		until (($(grep -c 'timer.bin is written' said) >= n)); do
			sleep 0.1
		done
	done
	kill $helper
	wait $helper
	for file in full/*; do
		files=$((files + 1)) size=$((size + $(stat -c %s "$file")))
	done
	((size <= 2 << 20 || files == 1))
	result $? "6 MB of a user's noise: $((size >> 10)) KiB in $files files" "$(<said)"
	(($(grep -c ' is removed: ' said) >= 1))
	result $? 'the oldest went for the newer ones' "$(<said)"
}

default_folder()
{
	local path
	path=$(ttlog-dump) || path=none
	is 'the default folder and its files are root'"'"'s and the group'"'"'s' \
		'750 root ttlog 640 root ttlog' \
		"$(stat -c '%a %U %G' /var/lib/ttlog "$path" | xargs)"
	ends_with 'a user reads one: refused' 1 as_alice cat "$path"
	ends_with 'a user looks into the folder: refused' 1 \
		as_alice test -r /var/lib/ttlog -o -x /var/lib/ttlog
	ends_with 'a member of the group reads one' 0 as_member cmp -s "$path" "$path"
	ends_with 'but adds none' 1 as_member touch /var/lib/ttlog/new
}

requests
own_folder
temporary
retention
disk
default_folder
rm -rf /etc/victim /var/lib/ttlog
echo "1..$count"
