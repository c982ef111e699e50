# SPDX-License-Identifier: GPL-2.0
# Kernels that check themselves, for tests/vm/kernels: the distribution's source,
# built here with the options in tests/vm/debug, as no distribution offers them.
# shellcheck shell=bash
# shellcheck disable=SC2154 # from common.bash and kernels

# The filter works on amd64 as it is; later versions have dropped this line.
source_edit='/^config FAULT_INJECTION_STACKTRACE_FILTER$/,/^$/{/depends on !X86_64$/d}'

debug_source=linux-source-6.1

source_version()
{
	apt-cache show --no-all-versions "$debug_source" 2>/dev/null | sed -n 's/^Version: //p' | grep . ||
		die "no $debug_source among the packages; has 'apt-get update' been run?"
}

debug_options()
{
	cat "$top/tests/vm/debug/common.config" "$top/tests/vm/debug/$1.config"
}

# Its release names all that it is made from: other options make another kernel.
debug_release()
{
	local version sum
	[[ -e $top/tests/vm/debug/$1.config && $1 != common ]] ||
		wrong "kernel 'debug-$1' is not known; debug-kasan, debug-kcsan and debug-gcov are"
	[[ $host_arch == amd64 ]] || die "kernel 'debug-$1' can be built on amd64 only"
	version=$(source_version)
	sum=$({ echo "$version $source_edit"; debug_options "$1"; } | cksum)
	printf '%s-%s-%08x\n' "${version%%-*}" "$1" "${sum%% *}"
}

# Caller has set dir and release.
build_debug_kernel()
{
	local kind
	kind=$(debug_kind "$release")
	[[ $release == "$(debug_release "$kind")" ]] ||
		die "kernel $release can't be built any more: it is $(debug_release "$kind") now"
	# Not the lock that downloads take: they needn't wait for it.
	exec 9>"$cache/.build-lock"
	flock -n 9 || { echo "$self: waiting for another build of a kernel" >&2; flock 9; }
	[[ ! -d $dir ]] || return 0
	"$top/tools/setup" -q debug >&2
	scratch
	unpack_source
	local begin=$SECONDS jobs log=$build/$release.log
	jobs=$(nproc)
	mkdir -p "$build"
	echo "$self: building $release: 15 min with two processors that have nothing else to do" >&2
	cd "$new/linux" || exit
	configure "$kind"
	nice -n 15 make "-j$jobs" "LOCALVERSION=-${release#*-}" bzImage modules_prepare \
		>"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "building it failed (all of it: $log)"
	}
	[[ $(make -s "LOCALVERSION=-${release#*-}" kernelrelease) == "$release" ]] ||
		die "it calls itself $(make -s kernelrelease), not $release"
	install_debug_kernel
	echo "$self: built in $(((SECONDS - begin + 59) / 60)) min" >&2
	mv -T "$new/root" "$dir"
}

# The package is kept for the next kernel.
unpack_source()
{
	local deb debs=$cache/debs
	deb=$debs/${debug_source}_$(source_version).deb
	mkdir -p "$debs" "$new/linux"
	if [[ ! -e $deb ]]; then
		rm -f "$debs/$debug_source"_*
		download "$new/debs" "$debug_source"
		mv "$new"/debs/*.deb "$deb"
	fi
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$debug_source.tar.xz" |
		tar -xJ -C "$new/linux" --strip-components=1 --exclude='*/Documentation/*/*'
	sed -i "$source_edit" "$new/linux/lib/Kconfig.debug"
}

# From nothing, so that what isn't asked for isn't there; and what was asked for
# may not vanish because something that it depends on isn't.
configure()
{
	local line lost=()
	debug_options "$1" >"$new/options"
	make KCONFIG_ALLCONFIG="$new/options" allnoconfig >"$log" 2>&1 ||
		{ cat "$log" >&2; die "its configuration is refused"; }
	while read -r line; do
		case $line in
		'#'* | '') ;;
		*=n) ! grep -q "^${line%n}" .config || lost+=("$line") ;;
		*) grep -qxF "$line" .config || lost+=("$line") ;;
		esac
	done <"$new/options"
	((!${#lost[@]})) || die "options that can't be had: ${lost[*]}"
}

# As a distribution's packages would put it: what boots, and what a module is built with.
install_debug_kernel()
{
	local root=$new/root modules=$new/root/lib/modules/$release
	local kdir=$root/usr/src/linux-headers-$release
	mkdir -p "$root/boot" "$modules" "$kdir"
	cp arch/x86/boot/bzImage "$root/boot/vmlinuz-$release"
	cp .config "$root/boot/config-$release"
	cp System.map "$root/boot/System.map-$release"
	cp modules.builtin modules.builtin.modinfo "$modules/"
	touch "$modules/modules.order"
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$root" "$release"
	# There are no modules that could add to it.
	cp vmlinux.symvers Module.symvers
	{
		echo .config
		echo Module.symvers
		echo tools/objtool/objtool
		find . -maxdepth 1 -name 'Makefile*' -o -maxdepth 1 -name Kbuild
		find arch/x86 -maxdepth 1 -type f
		find include scripts arch/x86/include -type f ! -name '*.o' ! -name '*.cmd'
		find scripts -type l
	} | cpio --quiet -pdm "$kdir"
}
