# SPDX-License-Identifier: GPL-2.0
#
# What 'make' runs, under its lock: B is the folder to build into, KERNEL the
# kernel that the module and the guest are for.

host := $(shell dpkg --print-architecture)
ifeq ($(MAKECMDGOALS),user)
# The programs alone need no kernel.
kernel := none:$(host)
else
# RELEASE:ARCH, with the architecture of this machine when none is given.
kernel := $(shell tests/vm/kernels name '$(KERNEL)')
ifeq ($(kernel),)
$(error no kernel '$(KERNEL)')
endif
endif
dir := $(subst :,.,$(kernel))
ko := $(B)/kmod/$(dir)/ttlog.ko
base := $(B)/vm/$(dir)/base.cpio.lz4

CC ?= gcc
CFLAGS ?= -O2 -g
warnings := -Wall -Wextra -Werror
cflags := -std=gnu11 -D_GNU_SOURCE -Ikmod/uapi $(warnings) $(CFLAGS) -MMD -MP

# Programs for a guest of another architecture have a folder of their own.
arch := $(lastword $(subst :, ,$(kernel)))
ifneq ($(arch),$(host))
sysroot := $(shell tests/vm/kernels sysroot $(arch))
triplet := aarch64-linux-gnu
CC := $(triplet)-gcc
export PKG_CONFIG_LIBDIR := $(sysroot)/usr/lib/$(triplet)/pkgconfig
export PKG_CONFIG_SYSROOT_DIR := $(sysroot)
LDFLAGS += -L$(sysroot)/usr/lib/$(triplet) $(foreach lib,usr/lib lib,-Wl,-rpath-link,$(sysroot)/$(lib)/$(triplet))
P := $(B)/$(arch)
else
P := $(B)
endif

# With -s nothing is said.
say := @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,echo)

.PHONY: all guests module image user unit kselftest
all: guests unit
# What runs in them.
guests: user kselftest module image

# ttlog, which has several names, and ttlogd.
programs := $(P)/user/ttlog $(P)/user/ttlog-dump $(P)/user/ttlogd
TOP := .
include tools/programs.mk
packages := $(sort $(packages_ttlog) $(packages_ttlogd))
object = $(patsubst %.c,$(P)/obj/user/%.o,$(1))
objects := $(call object,$(all_sources))
user: $(programs)

$(P)/user/ttlog: $(call object,$(sources_ttlog))
	$(say) "  LINK    $(@:$(B)/%=%)"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(packages_ttlog)) -pthread

$(P)/user/ttlogd: $(call object,$(sources_ttlogd))
	$(say) "  LINK    $(@:$(B)/%=%)"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(packages_ttlogd))

$(P)/user/ttlog-%: $(P)/user/ttlog
	@ln -sf ttlog $@

$(P)/obj/user/%.o: user/%.c
	$(say) "  CC      $<"
	@mkdir -p $(@D)
	@$(CC) $(cflags) $(shell pkg-config --cflags $(packages)) -pthread -c -o $@ $<

unit: user
	@test ! -e tests/unit/Makefile || \
		$(MAKE) -C tests/unit TOP=$(CURDIR) O=$(B)/tests/unit

# The kernel's own test headers come from its source package. They are treated
# as the system's: their warnings aren't ours.
kselftests := $(patsubst tests/kmod/%.c,$(P)/tests/kmod/%,\
	$(wildcard tests/kmod/*.c tests/kmod/helpers/*.c))
kselftest_headers = $(shell tests/vm/kernels source)/tools/testing/selftests
kselftest: $(kselftests)

$(P)/tests/kmod/%: tests/kmod/%.c
	$(say) "  CC      $<"
	@mkdir -p $(@D)
	@$(CC) $(cflags) -Itests/vm/harness -isystem $(kselftest_headers) \
		-pthread -o $@ $< -lm

module:
	+@tools/build-module $(kernel) $(B)/kmod/$(dir)

# What the image is made of is known only when all of it is built.
image: module user
	@test -e $(base) && test -z "$$(find $(ko) $(P)/user tests/vm/image \
		tests/vm/init tests/vm/libraries tests/vm/verify \
		tests/vm/drivers -newer $(base))" || \
		$(MAKE) -f tools/build.mk B=$(B) KERNEL=$(kernel) $(base)

.PHONY: $(base)
$(base):
	$(say) "  IMAGE   $(@:$(B)/%=%)"
	@tests/vm/image $(kernel) $(ko) $(P)/user $@

-include $(objects:.o=.d) $(kselftests:=.d)
