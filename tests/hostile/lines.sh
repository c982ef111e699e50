#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run as a user: write what is to look like something else when it is printed. How
# many events that are is printed. tests/vm/suites/hostile.py looks at what 'ttlog
# cat' makes of them.

n=0

# say FORMAT: as printf has it, by one write; the shell's own ends with each newline.
say()
{
	# shellcheck disable=SC2059 # a format it is
	printf "$1" | dd of=/dev/ttlog bs=8K iflag=fullblock status=none
	n=$((n + 1))
}

# A second line, that looks like one of the kernel's, of root's, of another time.
say 'harmless\n2026-11-23T00:00:00.000000000Z klog emerg kernel: a faked line'
say 'harmless\r2026-11-23T00:00:00.000000000Z cpu0 emerg sshd[1] uid=0: a faked line'
say 'harmless\v\f\x85 \u2028 \u2029 a faked line'
say '2026-11-23T00:00:00.000000000Z cpu0 emerg sshd[1] uid=0: a faked line'
# A terminal's own language, also in eight bits, and signs that turn a line around.
say '\e[2J\e[1;1H\e]0;title\a\x1b[31mred'
say '\x9b2J\xc2\x9b2J\xc2\x90q'
say 'abc\u202egnp.exe\u202c \u2066x\u2069 \u200bhidden\ufeff'
# What isn't UTF-8.
say '\xff\xfe\xc3\x28 \xc0\x80 \xed\xa0\x80 \xf5\x80\x80\x80 \xe2\x82'
# Fields that look like what the kernel stamps, twice, without a name, and binary.
say 'fields\0pid:=1\0uid:=0\0kind=klog\0level=emerg\0timestamp:=0\0message=other'
say 'fields\0a=1\0a:=2\0a=\0=b\0:=c\0\0\0\0\n=\n\0k\nk=v\nv'
say 'fields\0"q"="\0{"x":1}:=2\0__proto__={}\0\xff=\xff\0k=\e[2J'
say 'numbers\0a:=1e999\0b:=NaN\0c:=00\0d:=-0\0e:=99999999999999999999\0f:=.\0g:=0x10'
# JSON in JSON.
say '","level":"emerg","uid":0,"x":"'
say '\\","uid":0}\n{"timestamp":0,"level":"emerg","message":"faked"}'
say '\\u000a\\n\\"\0\\u0022:=1'
# Levels that are none, and much of one sign.
say '<9999>no level'
say '<-1>no level'
say '<3'
say '<>'
say "$(printf '%04093d' 0 | tr 0 '\"')"
say "$(printf '%01000d' 0 | sed 's/0/\\e[1m/g')"
# Names of processes.
for name in 'sshd[1] uid=0: x' $'two\nlines' $'\e[31mred' $'\xff\xfe' 'klog emerg' '' ' ' \
	'[0] uid=0: ' '"quoted"' $'\u202eabc'; do
	(
		printf '%s' "$name" >/proc/$BASHPID/comm
		printf 'a name' >/dev/ttlog
	)
	n=$((n + 1))
done
echo $n
