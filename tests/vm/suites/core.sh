#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory dumps: of a guest that runs, by QEMU, and of guests that died into a crash
# kernel, where the dump is read, copied by makedumpfile, and read here again.
#
#	core.sh [all | memory | full | reserved | named | large | WAY...]
#
# Without any: memory, and a way to die. "reserved" is "memory" with the rings in reserved
# memory, "full" with rings that are full; "named" dies into a crash kernel with the rings in
# memory that has a name. "large" is "memory" with 64 GiB of it, for which it takes minutes.
set -euo pipefail
. "$(dirname "$0")/../common.bash"

parse_kernel "${KERNEL:-default}"
if [[ $(debug_kind "$release") ]]; then
	echo "1..0 # SKIP a crash kernel that checks itself needs more memory than there is"
	exit 4
fi
stage=$build/tests/core
rm -rf "$stage/out"
mkdir -p "$stage/out"
"$top/tools/build-module" "$release:$arch" "$stage/module" tests/panic/Kbuild tests/panic
guest_cc -o "$stage/kexec" "$top/tests/core/kexec.c"
library=$(ldconfig -p | sed -nE 's/.*libkdumpfile\.so\.10 .* => //p' | head -n 1)

# guest NAME RUN-OPTION...: its status is of no account, unless the kernel complained.
guest()
{
	local name=$1 status=0
	shift
	mkdir -p "$stage/out/$name"
	OUT=$stage/out/$name "$top/tests/vm/run" --kernel "$release:$arch" \
		--timeout 300 --mem 768M "$@" --file "$stage/module/panic_test.ko" \
		"$top/tests/vm/suites/core-guest" "$name" >"$stage/out/$name/guest" 2>&1 || status=$?
	((status != 99)) || {
		echo "not ok - $name: what the kernel said"
		sed 's/^/# /' "$stage/out/$name/guest"
	}
}

# QMP: its greeting, and an answer to each command.
ask_qemu()
{
	/usr/bin/python3 - "$stage/qmp" "$@" <<-'END'
		import json, socket, sys
		peer = socket.socket(socket.AF_UNIX)
		peer.connect(sys.argv[1])
		answers = peer.makefile("r")
		answers.readline()
		for command in ['{"execute": "qmp_capabilities"}', *sys.argv[2:]]:
		    peer.sendall(command.encode())
		    while True:
		        answer = json.loads(answers.readline())
		        if "return" in answer or "error" in answer:
		            break
		    if "error" in answer:
		        sys.exit(str(answer))
	END
}

# take_memory NAME RUN-OPTION...
take_memory()
{
	local i name=$1 out=$stage/out/$1 format formats=(elf kdump-zlib)
	shift
	# QEMU's has pages of 64 KiB there, whatever the kernel's are.
	[[ $arch == amd64 && $name != reserved ]] || formats=(elf)
	rm -rf "$out"
	guest "$name" --qmp "$stage/qmp" "$@" &
	for ((i = 0; i < 3000; i++)); do
		[[ ! -e $out/ready ]] || break
		sleep 0.1
	done
	ask_qemu '{"execute": "stop"}'
	for format in "${formats[@]}"; do
		ask_qemu '{"execute": "dump-guest-memory", "arguments": {"paging": false,
			"protocol": "file:'"$out/$format"'", "format": "'"$format"'"}}'
	done
	ask_qemu '{"execute": "quit"}'
	wait $!
}

ways=("$@")
if ((!$#)) || [[ $* == all ]]; then
	ways=(memory)
	[[ $* != all ]] || ways+=(full)
	[[ $* != all || $arch != amd64 ]] || ways+=(reserved)
	# The tools that a crash kernel runs are this machine's.
	[[ $arch != "$host_arch" ]] || ways+=(nmi)
	[[ $arch != "$host_arch" || $* != all ]] || ways+=(sysrq task irq oops)
	[[ $arch != "$host_arch" || $* != all ]] || ! names_memory "$release" || ways+=(named)
fi
for way in "${ways[@]}"; do
	case $way in
	memory | large) take_memory memory ;;
	full) take_memory full ;;
	reserved) take_memory reserved --append "memmap=16M\$0x1a000000" ;;
	*)
		append=crashkernel=256M
		[[ $way != named ]] || append+=' reserve_mem=4M:4096:ttlog'
		guest "$way" --reboots 1 --kexec --append "$append" --file "$stage/kexec" \
			--file "$library" --file "$(command -v makedumpfile)"
		;;
	esac
done
/usr/bin/python3 "$top/tests/vm/suites/core.py" "$build/user" "$stage/out" "${ways[@]}"
