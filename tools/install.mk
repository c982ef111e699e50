# SPDX-License-Identifier: GPL-2.0
#
# What 'make install', 'make install-dkms' and 'make uninstall' do: B is the folder that
# the programs were built into. Packages are made by it as well.

PREFIX ?= /usr/local
prefix ?= $(PREFIX)
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
sbindir ?= $(exec_prefix)/sbin
includedir ?= $(prefix)/include
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
docdir ?= $(datarootdir)/doc/ttlog
bashcompletiondir ?= $(datarootdir)/bash-completion/completions
zshcompletiondir ?= $(datarootdir)/zsh/site-functions
# Where systemd, udev and kmod look, also below /usr/local.
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
udevdir ?= $(prefix)/lib/udev
modprobedir ?= $(prefix)/lib/modprobe.d
# The helper and DKMS look nowhere else.
sysconfdir ?= /etc
srcdir ?= /usr/src

version := $(shell sed -n 's/^.define TTLOG_VERSION.*"\(.*\)"/\1/p' user/version.h)
dkmsdir = $(srcdir)/ttlog-$(version)

# put SOURCE TARGET MODE [EDIT]: it is installed there, and removed from there; EDIT is
# what sed does to it.
define put_rule
installed += $(2)
.PHONY: $(2)
$(2):
	@install -D -m $(3) $(1) $$(DESTDIR)$(2)
	@$(if $(4),sed -i '$(4)' $$(DESTDIR)$(2))
endef
put = $(eval $(call put_rule,$(1),$(2),$(3),$(4)))

$(call put,$(B)/user/ttlog,$(bindir)/ttlog,755)
$(call put,$(B)/user/ttlogd,$(sbindir)/ttlogd,755)
$(foreach page,$(notdir $(wildcard user/man/*)),\
	$(call put,user/man/$(page),$(mandir)/man$(subst .,,$(suffix $(page)))/$(page),644))
$(call put,kmod/uapi/ttlog.h,$(includedir)/ttlog.h,644)
$(call put,user/ttlog-snapshot.cddl,$(docdir)/ttlog-snapshot.cddl,644)
$(call put,tools/sysusers/ttlog.conf,$(sysusersdir)/ttlog.conf,644)
$(call put,tools/udev/60-ttlog.rules,$(udevdir)/rules.d/60-ttlog.rules,644)
# These name programs by their paths.
$(call put,tools/systemd/ttlogd.service,$(unitdir)/ttlogd.service,644,s|/usr/sbin/ttlogd|$(sbindir)/ttlogd|)
$(call put,tools/kdump/ttlog.conf,$(unitdir)/kdump-tools-dump.service.d/ttlog.conf,644,s|/usr/local/bin/ttlog|$(bindir)/ttlog|)
$(call put,tools/prometheus/ttlog-metrics.service,$(unitdir)/ttlog-metrics.service,644,s|/usr/local/bin/ttlog|$(bindir)/ttlog|)
$(call put,tools/prometheus/ttlog-metrics.timer,$(unitdir)/ttlog-metrics.timer,644)
$(call put,tools/prometheus/ttlog.rules.yml,$(docdir)/ttlog.rules.yml,644)
ifneq ($(sbindir),/usr/sbin)
# The module starts /usr/sbin/ttlogd unless it is told another.
$(call put,tools/modprobe/ttlog.conf,$(modprobedir)/ttlog.conf,644,s|/usr/local/sbin|$(sbindir)|)
endif
$(call put,tools/completions/ttlog.bash,$(bashcompletiondir)/ttlog,644)
$(call put,tools/completions/_ttlog,$(zshcompletiondir)/_ttlog,644)
conf := $(sysconfdir)/ttlog/ttlogd.conf
# To ttlog, beside them.
links := $(bindir)/ttlog-dump $(addprefix $(bashcompletiondir)/,ttlog-dump ttlogd)

dkms_files := Kbuild $(shell find kmod -name '*.[ch]')

# Of another system's folder nothing is started here.
next = @$(if $(DESTDIR),:,echo 'next, as root: $(1)')

.PHONY: install install-dkms uninstall
install: $(installed)
	@test -e $(DESTDIR)$(conf) || install -D -m 644 tools/etc/ttlogd.conf $(DESTDIR)$(conf)
	@for link in $(links); do ln -sf ttlog $(DESTDIR)$$link || exit; done
	$(call next,systemd-sysusers; udevadm control --reload; systemctl daemon-reload; systemctl enable --now ttlogd)

install-dkms:
	@for file in $(dkms_files); do \
		install -D -m 644 $$file $(DESTDIR)$(dkmsdir)/$$file || exit; \
	done
	@install -m 644 tools/dkms.conf $(DESTDIR)$(dkmsdir)/dkms.conf
	$(call next,dkms install ttlog/$(version))

# Folders that have become empty are removed, unless others use them as well. What the
# user has changed stays.
uninstall:
	@! cmp -s tools/etc/ttlogd.conf $(DESTDIR)$(conf) || rm $(DESTDIR)$(conf)
	@rm -f $(addprefix $(DESTDIR),$(installed) $(links))
	@rm -f $(addprefix $(DESTDIR)$(dkmsdir)/,$(dkms_files) dkms.conf)
	@for dir in $(dir $(conf)) $(docdir) $(unitdir)/kdump-tools-dump.service.d $(dkmsdir)/kmod/uapi \
		$(dkmsdir)/kmod $(dkmsdir); do \
		! test -d $(DESTDIR)$$dir || rmdir --ignore-fail-on-non-empty $(DESTDIR)$$dir; \
	done
