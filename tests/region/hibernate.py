# SPDX-License-Identifier: GPL-2.0-only
"""What a machine that hibernated has left: hibernate.py PROGRAMS OUT REGION WAY..."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../vm/suites"))
from report import OUT, check, conclude, events_of, info_of, read, value, when

REGION = sys.argv[3]
WAYS = sys.argv[4:]


def written(events):
    return [e["message"] for e in events if e["kind"] == "log"]


def wanted(*parts):
    return [f"{part} {i}" for part in parts for i in range(100)]


def file_of(way, reason):
    names = [name for name in os.listdir(os.path.join(OUT, way))
             if name.endswith(f"-{reason}.bin")]
    check(f"{way}: one file with the reason {reason}", len(names) == 1, names,
          read(way, "helper"))
    return os.path.join(OUT, way, names[0]) if names else None


def check_file(way, reason, *parts):
    path = file_of(way, reason)
    if not path:
        return
    events = events_of(path)
    check(f"{way}, {reason}: each event, once, in order", written(events) == wanted(*parts),
          written(events))
    check(f"{way}, {reason}: by time", [when(e) for e in events] ==
          sorted(when(e) for e in events))
    info = info_of(path)
    check(f"{way}, {reason}: that boot's", value(info, "boot_id") ==
          read(way, "boot_id").strip(), info)
    check(f"{way}, {reason}: nothing is lost", re.findall(r"(?:overwritten|holes): (\d+)", info)
          and set(re.findall(r"(?:overwritten|holes): (\d+)", info)) == {"0"}, info)


for each in WAYS:
    check(f"{each}: it has slept", "PM: hibernation: hibernation exit" in read(each, "dmesg"),
          read(each, "dmesg")[-2000:])
    check_file(each, "before", "before")
    check_file(each, "after", "before", "after")
    if REGION:
        check_file(each, "panic", "before", "after")
        check(f"{each}: the one-shot ends well", read(each, "status") == "0\n",
              read(each, "helper"))
        left = [line for line in read(each, "module").splitlines() if "an earlier boot left" in line]
        check(f"{each}: nothing else is left", len(left) == 1, left)
conclude()
