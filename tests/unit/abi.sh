#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ABI header stands alone, in every language and word size that a program may
# have, and no struct has another layout in one of them.
set -u
cd "$(dirname "$0")/../.." || exit

count=0 failed=0

# compiles NAME COMPILER OPTION...: with the frozen offsets of kmod/abi.h.
compiles()
{
	local name=$1 said
	shift
	count=$((count + 1))
	if said=$(printf '#include <ttlog.h>\n#include "kmod/abi.h"\n' |
		"$@" -fsyntax-only -Wall -Wextra -Werror -Ikmod/uapi -I. - 2>&1); then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		echo "# ${said//$'\n'/$'\n# '}"
		failed=1
	fi
}

# The 32-bit compiler's own folder of kernel headers may not be installed; the
# 64-bit one has the same.
multiarch=/usr/include/$(gcc -print-multiarch)

compiles "C" gcc -std=c11 -x c
compiles "the kernel's C" gcc -std=gnu89 -x c
compiles "C++" g++ -std=c++11 -D_Static_assert=static_assert -x c++
compiles "32-bit C" gcc -m32 -idirafter "$multiarch" -std=c11 -x c
compiles "32-bit C++" g++ -m32 -idirafter "$multiarch" -std=c++11 \
	-D_Static_assert=static_assert -x c++
echo "1..$count"
exit $failed
