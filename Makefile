# SPDX-License-Identifier: GPL-2.0
#
# 'make help' lists the targets. Everything that is made goes into .build/; the
# kernels that guests boot go into the user's cache (see tests/vm/kernels).

KERNEL ?= default
T ?=
K ?=
MINUTES ?= 60

B := $(CURDIR)/.build
MAKEFLAGS += --no-print-directory
# All processors, unless the caller has said how many.
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

help_text = \
'make          programs, module, unit tests and all that a guest needs' \
'make user     the programs' \
'make module   the kernel module, for KERNEL=RELEASE[:ARCH] (tests/vm/kernels)' \
'make check    installs what is missing, builds, runs all tests; T=PATTERN: some' \
'make check-debug  the same guests on a kernel with KASAN, lockdep and more (built' \
'              first: 30 min), whether these notice a fault, and data races by KCSAN;' \
'              hours. T=PATTERN' \
'make check-matrix  builds and runs the guests of make check on all kernels that' \
'              are supported, into the table in README.md; K="6.12 7": some' \
'make demo     shows the recorder at work in a virtual machine' \
'make bench    measures what an event costs' \
'make soak     an hour under load in two guests; MINUTES=N: as long as that, KERNEL' \
'make coverage   which lines and branches the tests run, and which not (40 min)' \
'make litmus   checks each pair of barriers by the memory model of the kernel' \
'make check-cut      cuts the disk off after each write to it, and kills the helper before' \
'              each of its system calls, in guests (half an hour)' \
'make check-panic    all ways to oops and to die, each with what is left (an hour)' \
'make check-metrics  what Prometheus makes of the metrics and of the rules for alerts' \
'make check-kdump    crash kernels of kdump-tools and dracut write a snapshot (10 min)' \
'make model    goes through all states of a model of the ring, by spin' \
'make check-hostile  an hour of what a hostile user tries; MINUTES=N: as long as that' \
'make fuzz     an hour of hostile inputs, and one of system calls in a guest; MINUTES=N' \
'make install  the programs, manual pages and the service, below PREFIX=/usr/local and' \
'              DESTDIR; other folders: see tools/install.mk. make uninstall removes them' \
'make install-dkms   the source of the module, to where DKMS looks for it' \
'make deb      packages for Debian, into .build/deb' \
'make check-package  installs, upgrades and removes these in a Debian of its own, which' \
'              also boots in a virtual machine (15 min, takes root); DEBIAN=trixie' \
'make lint     checkpatch, sparse, shellcheck, codespell' \
'make clean    removes .build/'

.PHONY: all guests user module image check check-debug check-cut check-matrix demo
.PHONY: bench soak litmus lint clean help model check-hostile check-panic
.PHONY: check-kdump check-metrics fuzz coverage install install-dkms uninstall
.PHONY: deb check-package
.DEFAULT_GOAL := all

# Builds are under a lock, as tests that run at the same time each ask for one.
all guests module image:
	@tools/setup -q build vm
	@mkdir -p $(B)
	@flock -o $(B)/lock $(MAKE) $(JOBS) -f tools/build.mk B=$(B) KERNEL=$(KERNEL) $@

# For this machine, so that no guest's kernel is asked for.
user:
	@tools/setup -q build
	@mkdir -p $(B)
	@flock -o $(B)/lock $(MAKE) $(JOBS) -f tools/build.mk B=$(B) KERNEL=$(KERNEL) $@

check:
	@tools/setup build test vm fuzz cut model
	@$(MAKE) all
	@tests/run '$(T)'

check-debug:
	@tools/setup build test vm debug
	@$(MAKE) all KERNEL=debug-kasan
	@tests/debug/run '$(T)'

check-matrix:
	@tools/setup build test vm
	@tests/matrix/run $(K)

demo: image
	@tools/demo

bench: image
	@tools/setup -q bench
	@tools/bench/run

soak: image
	@tools/setup -q test
	@tests/soak/run $(MINUTES) $(KERNEL)

coverage:
	@tools/setup build test vm debug model
	@tests/coverage/run '$(T)'

litmus:
	@tools/setup -q litmus
	@tools/litmus/run

check-cut: image
	@tools/setup -q test cut
	@tests/vm/suites/cut.sh all
	@tests/vm/suites/continue.sh all

check-panic: image
	@tools/setup -q test
	@tests/vm/suites/oops.sh all
	@tests/vm/suites/panic.sh all
	@tests/vm/suites/core.sh all
	@tests/vm/suites/region.sh all
	@tests/vm/suites/region-content.sh all
	@tests/region/hibernate all

check-kdump: image
	@tools/setup -q test kdump
	@tests/kdump/run

check-metrics: all
	@tools/setup -q test
	@tests/metrics/run

model:
	@tools/setup -q model
	@tools/model/run

check-hostile: image
	@tools/setup -q test
	@tests/vm/suites/hostile.sh $(MINUTES)

# Two of nine targets run at a time. Only debug-kasan has what guides the calls.
fuzz:
	@nice -n 15 tests/fuzz/run $$(($(MINUTES) * 60 * 2 / 9))
	@nice -n 15 tests/fuzz/vm/run $$(($(MINUTES) * 60)) $(KERNEL:default=debug-kasan)

install: user
install install-dkms uninstall:
	@$(MAKE) -f tools/install.mk B=$(B) $@

deb:
	@tools/setup -q build package
	@tools/deb $(B)/deb

check-package: deb
	@tools/setup -q package-test
	@tests/package/run

lint:
	@tools/setup build vm lint
	@tools/lint

clean:
	rm -rf $(B)

help:
	@printf '%s\n' $(help_text)
