#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Filters as users set them, by commands and by the helper's files: what is recorded then,
# and who says what was left out.

. ./tap.bash
dir=/tmp/filters
rm -rf $dir && mkdir -p $dir/d && cd $dir || exit 1
insmod "$TTLOG_KO" memory=2M || exit 1

# write SERVICE LEVEL NUMBER: so many events, on one CPU.
write()
{
	seq "$3" | taskset -c 1 ttlog log -s "$1" -p "$2"
}

# recorded SERVICE LEVEL: how many of them there are.
recorded()
{
	ttlog-dump -o $dir/now.bin >/dev/null && ttlog cat -s "$1" -p "$2..$2" $dir/now.bin | wc -l
	rm -f $dir/now.bin
}

fresh='SERVICE      LEVELS        SAMPLE RATE LOST
all services emerg..debug  1/1    none -'
is 'at load there is that for all' "$(tr -s ' ' <<<"$fresh")" "$(ttlog filter | tr -s ' ')"

ttlog level warning && ttlog level -s nginx info && ttlog sample -l info..debug 100 &&
	ttlog rate -s postgres -l debug..debug 50/500
result $? 'each command'
is 'what they have set' 'SERVICE LEVELS SAMPLE RATE LOST
all services emerg..warning emerg..notice:1/1,info..debug:1/100 none -
nginx emerg..info - - -
postgres - - debug:50/500 -' "$(ttlog filter | tr -s ' ' | sed 's/ $//')"
write nginx info 250
write postgres info 7
write postgres warning 3
write nginx debug 2
is 'of 250 infos that one service records the first of each 100' 3 "$(recorded nginx info)"
is 'of the other no info' 0 "$(recorded postgres info)"
is 'but warnings' 3 "$(recorded postgres warning)"
is 'who has left out what: that for all, and one service' 'filtered=7 sampled=247 filtered=2' \
	"$(ttlog filter | grep -oE '(filtered|sampled|limited)=[0-9]+' | paste -sd ' ')"
ttlog stat | grep -q ' filtered=9 sampled=247'
result $? 'the ledger says the same' "$(ttlog stat)"
ttlog stat --prometheus >metrics
is 'and so do the metrics' 'ttlog_filter_events_lost_total{service="",cause="filtered"} 7
ttlog_filter_events_lost_total{service="",cause="sampled"} 247
ttlog_filter_events_lost_total{service="nginx",cause="filtered"} 2' \
	"$(grep '^ttlog_filter_events_lost_total' metrics | grep -v ' 0$')"
ttlog-dump -o $dir/one.bin >/dev/null
ttlog cat --info one.bin >info
is 'a snapshot has the filters' 'nginx postgres' \
	"$(grep -oE '"(nginx|postgres)"' info | tr -d '"' | uniq | paste -sd ' ')"
said=$(ttlog filter remove nobody 2>&1)
is 'a service that has none' "1 ttlog: service 'nobody': there is no filter for it: see 'ttlog filter'" \
	"$? $said"
ttlog rate -s postgres inherit && ttlog filter remove nginx
is 'taken back, and removed' 'all services emerg..warning emerg..notice:1/1,info..debug:1/100 none
postgres - - -' "$(ttlog filter | sed 1d | tr -s ' ' | cut -d' ' -f1-5 | sed -E 's/ (-|filtered.*)$//; s/^(postgres - - -) .*/\1/')"
ttlog filter clear
is 'cleared' 'all services emerg..debug 1/1 none' \
	"$(ttlog filter | sed 1d | tr -s ' ' | cut -d' ' -f1-5)"
is 'the share as the module has it' '4096' "$(ttlog share | cut -d/ -f1)"
ttlog share 16K/1M
is 'the share as it was set' 16384/1048576 "$(ttlog share)"

# Beyond its share a user's warnings go to the other channel, and each of them says so.
ttlog share 512/4160
seq 200 | setpriv --reuid 1001 --regid 1001 --clear-groups taskset -c 1 ttlog log -s alice -p warning
ttlog-dump -o $dir/share.bin >/dev/null
demoted=$(ttlog cat --info share.bin | sed -n 's/^    demoted: //p')
result $((demoted < 100 || demoted == 200)) "of 200 warnings more than half are demoted: $demoted"
is 'those are in flow' "$demoted" "$(ttlog cat -s alice --channel flow share.bin | grep -c ' demoted: ')"
is 'the others in keep' $((200 - demoted)) "$(ttlog cat -s alice --channel keep share.bin | wc -l)"
is 'and the file agrees with itself' 0 "$(ttlog verify share.bin >/dev/null; echo $?)"

# By the helper's files.
cat >conf <<'END'
[filter]
sample.debug = 100
[filter nginx]
levels = info
rate = 1000/5000
[filter tmux: server]
levels = err
[share]
rate = 64K
END
wanted='all services emerg..debug emerg..info:1/1,debug:1/100 none
nginx emerg..info - 1000/5000
tmux: server emerg..err - -'
seen() { ttlog filter | sed 1d | tr -s ' ' | sed -E 's/ (-|[a-z]+=.*)$//'; }
ttlog sample -s by-hand 5
said=$(ttlogd --configure --config $dir/conf 2>&1)
is 'the files' '0 ' "$? $said"
is 'are in force, and nothing else' "$wanted" "$(seen)"
is 'the share, too' 65536/65536 "$(ttlog share)"
bash -c 'echo -n "tmux: server" >/proc/$$/comm; for i in 1 2 3; do echo "<5>$i" >/dev/ttlog; done'
is 'a program whose name has a space' filtered=3 "$(ttlog filter | grep -o '^tmux.*' | grep -o 'filtered=.*')"

# A helper without CAP_SYS_ADMIN, as in its sandbox.
start()
{
	setpriv --bounding-set -sys_admin --inh-caps -sys_admin ttlogd --config $dir/conf -o $dir/d 2>said &
	helper=$!
	wait_for 'attached, files go to' || cat said
}
start
is 'a helper that finds them in force says nothing of them' '' "$(grep configuration said)"
sed -i 's/levels = info/levels = notice/' conf
kill -HUP $helper
wait_for "isn't as"
is 'what it may not set it says' "ttlogd: the filter of service 'nginx' isn't as the configuration says: to change it takes CAP_SYS_ADMIN, as 'ttlogd --configure' has when root runs it" \
	"$(grep "isn't as" said)"
is 'and nothing has changed' "$wanted" "$(seen)"
ttlogd --configure --config $dir/conf
is 'root sets it' "${wanted/info - 1000/notice - 1000}" "$(seen)"
kill $helper
wait $helper
is 'the helper ends well' 0 $?
setpriv --reuid 1001 --regid 1001 --clear-groups ttlog rate 5 2>said
is 'others may not' 4 $?

cd / && rmmod ttlog
result $? 'unload'
echo "1..$count"
