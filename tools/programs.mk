# SPDX-License-Identifier: GPL-2.0
#
# Which sources in user/ each program is made from: what is listed here is one
# program's own, all else is of both. TOP is the tree.

own_ttlog := aim.c cat.c command.c core.c dump.c extent.c filters.c follow.c info.c json.c kdump.c \
	     level.c log.c ls.c main.c metrics.c plan.c print.c probe.c put.c rate.c \
	     recorded-print.c render.c rows.c sample.c share.c sizing.c stat.c stream.c summary.c \
	     symbols.c target.c textfile.c verify.c
# Of these, what reading snapshots takes.
own_ttlog += decode.c deframe.c draft.c files.c filter.c flat.c format.c format-csv.c \
	     format-export.c format-logfmt.c format-terminal.c origin.c output.c pager.c \
	     pattern.c repeats.c rule.c sequence.c spool.c tail.c when.c
own_ttlogd := config.c cookie.c evidence.c helper.c hold.c hook.c hooks.c inifile.c key.c \
	      lines.c notify.c orders.c policy.c previous.c progress.c region.c retain.c save.c \
	      serve.c stash.c survey.c timer.c ttlogd.c watchdog.c
packages_ttlog := libcbor liblz4 json-c
packages_ttlogd := libcbor liblz4 inih

all_sources := $(sort $(notdir $(wildcard $(TOP)/user/*.c)))
sources_ttlog := $(filter-out $(own_ttlogd),$(all_sources))
sources_ttlogd := $(filter-out $(own_ttlog),$(all_sources))
